export * from './analysis.js';
export { type SurResult, type SurTest, surResult } from './result.js';
