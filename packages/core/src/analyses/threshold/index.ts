export { threshold } from './analysis.js';
export { estimateThreshold, type StageFit, type ThresholdFit } from './estimate.js';
export { type Kernel, typescriptKernel } from './kernel.js';
export { fastestKernel, webassemblyKernel } from './kernel-webassembly.js';
export { mostReplications, type ThresholdParams } from './params.js';
export { type BootstrapMethod, makeReplicator, type Replicator, type ReplicatorOptions, type WildWeights } from './replicate.js';
export type { ThresholdResult } from './result.js';
export type { ThresholdSample } from './sample.js';
export { type PreparedStage, prepareStage, type Stage } from './stage.js';
