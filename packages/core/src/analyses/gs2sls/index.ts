export { gs2sls } from './analysis.js';
export type { Gs2slsParams } from './params.js';
export type { Gs2slsResult } from './result.js';
