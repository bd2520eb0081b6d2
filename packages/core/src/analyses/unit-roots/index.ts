export { unitRoots } from './analysis.js';
export type { CointegrationResult, RootsEntity, RootsTest, UnitRootsResult } from './result.js';
