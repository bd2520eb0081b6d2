export * from './benchmark-bound.js';
export * from './contours.js';
export * from './e-value.js';
export * from './konfound.js';
export * from './omitted-variable-bias.js';
export * from './oster.js';
