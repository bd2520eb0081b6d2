export { resampling } from './analysis.js';
export type { ResamplingResult } from './result.js';
