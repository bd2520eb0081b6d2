export { mediation } from './analysis.js';
export type { MediationParams } from './params.js';
export type { EffectResult, MediationPart, MediationResult, ModerationResult, RhoSensitivity } from './result.js';
