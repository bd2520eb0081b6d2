export * from './analyses/analysis.js';
export * from './analyses/registry.js';
export * from './errors.js';
export { evaluateTerm } from './formula/evaluate.js';
export {
  type Dropped,
  type Effect,
  type FrameRequest,
  type ModelFrame,
  maxDummies,
  modelFrame,
  type Variable,
} from './formula/frame.js';
export { checkFormula, checkTerm, formulaNames, termNames } from './formula/names.js';
export { parseFormula, parseTerm } from './formula/parse.js';
export { printFormula, printName, termName } from './formula/print.js';
export * from './formula/syntax.js';
export * from './job/canonical.js';
export * from './job/codec.js';
export * from './job/version.js';
export { buildPanel, type PanelSource } from './panel/build.js';
export { type CsvLimits, type CsvOptions, csvLimits, panelFromCsv } from './panel/csv.js';
export * from './panel/encoded.js';
export * from './panel/panel.js';
export { maxProblems } from './panel/problems.js';
export * from './panel/summary.js';
export * from './report/report.js';
export * from './suggest.js';
