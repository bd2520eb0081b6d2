export { type ApiOptions, startApi } from './start.js';
