export { spatialMl } from './analysis.js';
export type { SpatialMlParams } from './params.js';
export type { SpatialMlResult } from './result.js';
