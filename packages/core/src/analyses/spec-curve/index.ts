export { makeSpecCurve } from './analysis.js';
export { JointCurve } from './joint.js';
export { type SpecCurveResult, specCurveResult } from './result.js';
