export * from './analyses/analysis.js';
export * from './analyses/registry.js';
export * from './errors.js';
export * from './job/canonical.js';
export * from './job/codec.js';
export * from './job/version.js';
export * from './panel/panel.js';
export * from './report/report.js';
