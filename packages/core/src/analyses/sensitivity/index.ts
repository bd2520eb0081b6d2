export * from './analysis.js';
export { type SensitivityBound, type SensitivityResult, sensitivityResult } from './result.js';
