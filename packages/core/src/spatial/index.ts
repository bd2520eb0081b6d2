export * from './durbin.js';
export * from './effects-result.js';
export * from './lagrange.js';
export * from './moran.js';
export * from './permutation.js';
export * from './residual-moran.js';
export * from './stack-weights.js';
export * from './weights-fields.js';
