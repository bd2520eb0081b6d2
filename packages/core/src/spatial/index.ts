export * from './lagrange.js';
export * from './moran.js';
export * from './permutation.js';
export * from './residual-moran.js';
