export { iv } from './analysis.js';
export type { IvParams } from './params.js';
export type { IvResult } from './result.js';
