export * from './auxiliary-regression.js';
export * from './cross-section.js';
export * from './effects-f.js';
export * from './groupwise-heteroskedasticity.js';
export * from './hausman.js';
export * from './lagrange-multiplier.js';
export * from './random-or-fixed.js';
export * from './serial-correlation.js';
