export * from './conditional-slope.js';
export * from './correlated-errors.js';
export * from './paths.js';
export * from './product-tests.js';
