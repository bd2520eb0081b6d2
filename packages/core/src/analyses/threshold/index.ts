export { threshold } from './analysis.js';
export { mostReplications, type ThresholdParams } from './params.js';
export type { ThresholdResult } from './result.js';
