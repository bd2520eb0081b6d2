export { makeSweep } from './analysis.js';
export { Families } from './families.js';
export { gridOf, itemAt } from './grid.js';
export { type SweepParams, sweepParams } from './params.js';
export { choiceWords } from './report.js';
export { type SweepResult, sweepResult } from './result.js';
