export { makeSweep } from './analysis.js';
export { type SweepParams, sweepParams } from './params.js';
export { choiceWords } from './report.js';
export { type SweepResult, sweepResult } from './result.js';
