export * from './analyses/all.js';
export * from './analyses/analysis.js';
export * from './analyses/describe.js';
export * from './analyses/iv/index.js';
export * from './analyses/registry.js';
export * from './analyses/threshold/index.js';
export * from './covariance/classical.js';
export * from './covariance/cluster.js';
export * from './covariance/cluster-jackknife.js';
export * from './covariance/driscoll-kraay.js';
export * from './covariance/heteroskedastic.js';
export * from './covariance/inference.js';
export * from './covariance/leverage.js';
export * from './covariance/sandwich.js';
export * from './covariance/two-way-cluster.js';
export * from './distributions/beta.js';
export * from './distributions/chi-squared.js';
export * from './distributions/clopper-pearson.js';
export * from './distributions/f.js';
export * from './distributions/noncentral-chi-squared.js';
export * from './distributions/normal.js';
export * from './distributions/student-t.js';
export * from './effects/absorb.js';
export * from './effects/absorb-many.js';
export * from './effects/effect-leverage.js';
export * from './effects/grouping.js';
export * from './effects/rank.js';
export * from './effects/singletons.js';
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
export * from './formula/schema.js';
export * from './formula/syntax.js';
export * from './instruments/index.js';
export * from './job/canonical.js';
export * from './job/codec.js';
export * from './job/execute.js';
export * from './job/layout.js';
export * from './job/run-locally.js';
export * from './job/spec.js';
export * from './job/version.js';
export * from './job/wire.js';
export * from './linalg/cholesky.js';
export * from './linalg/demean.js';
export * from './linalg/gram.js';
export * from './linalg/least-squares.js';
export * from './linalg/orthonormal-basis.js';
export * from './linalg/qr.js';
export * from './linalg/two-way-within.js';
export * from './linalg/vector.js';
export { buildPanel, type PanelSource } from './panel/build.js';
export { type CsvLimits, type CsvOptions, csvLimits, panelFromCsv } from './panel/csv.js';
export * from './panel/encoded.js';
export * from './panel/panel.js';
export { maxProblems } from './panel/problems.js';
export * from './panel/summary.js';
export * from './panel-models/between.js';
export * from './panel-models/first-difference.js';
export * from './panel-models/fit-covariance.js';
export * from './panel-models/linear-fit.js';
export * from './panel-models/pooled.js';
export * from './panel-models/r-squared.js';
export * from './panel-models/random-effects.js';
export * from './panel-models/sample.js';
export * from './panel-models/variance-components.js';
export * from './panel-models/within.js';
export * from './random/philox.js';
export * from './random/stream.js';
export * from './report/report.js';
export * from './suggest.js';
