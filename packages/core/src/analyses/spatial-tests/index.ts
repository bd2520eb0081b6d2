export { spatialTests } from './analysis.js';
export type { SpatialTestsParams } from './params.js';
export type { SpatialTestsResult } from './result.js';
