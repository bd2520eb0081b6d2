export * from './align.js';
export * from './eigenvalues.js';
export * from './encoded.js';
export * from './lag.js';
export * from './moments.js';
export * from './normalise.js';
export * from './summary.js';
export { symmetricForm } from './symmetric-form.js';
export * from './weights.js';
