export * from './console.js';
export * from './csv.js';
export * from './figure.js';
export * from './format-cell.js';
export * from './html.js';
export * from './latex.js';
export * from './markdown.js';
export * from './progress.js';
export { wrap } from './text-width.js';
