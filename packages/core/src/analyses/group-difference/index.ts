export { groupDifference } from './analysis.js';
