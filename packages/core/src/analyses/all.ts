import { makeRegistry } from './registry.js';

/** Every analysis there is: one line each. The catalogue, the schemas, the CLI and the reports follow from it. */
export const registry = makeRegistry([]);
