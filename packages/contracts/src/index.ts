export * from './analysis.js';
export * from './dataset.js';
export * from './job.js';
export * from './problem.js';
export * from './sweep.js';
export * from './weights.js';
