export { binaryWeights, type Combination, combineWeights, symmetrisedWeights, weightsOfOrder } from './combine.js';
export { type Contiguity, contiguityWeights, snapShare } from './contiguity.js';
export {
  type Bandwidth,
  bandWeights,
  type DistanceKernel,
  inverseDistanceWeights,
  kernelWeights,
  nearestWeights,
  smallestBand,
} from './distance.js';
export { economicWeights, scaledWeights, type UnitValues, valuesFromCsv } from './economic.js';
export { type EdgeOptions, edgesCsv, weightsFromEdges } from './edges.js';
export { type Feature, readFeatures } from './features.js';
export { weightsFromFile } from './from-file.js';
export { galText, gwtText, weightsFromGal, weightsFromGwt } from './gal.js';
export { type MatrixOptions, matrixCsv, weightsFromMatrix } from './matrix.js';
export { earthRadiusKm, type Metric, type Places } from './metric.js';
export { type WeightsOptions, weightsNeeded, weightsOptions } from './options.js';
export { type PlaceOptions, readPlaces } from './places.js';
