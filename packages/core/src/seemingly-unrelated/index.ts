export * from './equation.js';
export * from './residual-covariance.js';
export * from './restrictions.js';
export * from './sur-fit.js';
export * from './system-tests.js';
