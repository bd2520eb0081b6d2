export * from './anselin-kelejian.js';
export * from './design.js';
export * from './effects.js';
export * from './error-moments.js';
export * from './error-step.js';
export * from './first-step.js';
export * from './hac.js';
export * from './joint-covariance.js';
export * from './moment-covariance.js';
export * from './moments-minimum.js';
export * from './multipliers.js';
export * from './optimal-instrument.js';
export {
  type BalancedPanel,
  type ErrorComponents,
  type RandomFit,
  type RandomInstruments,
  randomInstruments,
  spatialRandomEffects,
} from './random-effects.js';
export * from './random-errors.js';
export * from './unit-multipliers.js';
