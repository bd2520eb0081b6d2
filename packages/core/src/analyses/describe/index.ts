export { describe } from './analysis.js';
