export { correlate } from './analysis.js';
