export { panelRegression } from './analysis.js';
