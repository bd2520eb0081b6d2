export { panelTests } from './analysis.js';
export { type PanelTestsParams, panelTestNames } from './params.js';
export type { PanelTestsResult } from './result.js';
