export * from './cluster.js';
export * from './filtered-regression.js';
export * from './fit.js';
export * from './information.js';
export * from './inverse.js';
export * from './log-determinant.js';
export * from './maximise.js';
export * from './propagation.js';
