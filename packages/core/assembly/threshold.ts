/**
 * The threshold bootstrap's steps in AssemblyScript, twins of those in src/analyses/threshold (draws, products, projections, walks,
 * falls): the same operations in the same order, each lane a replication of its own, so the same bits. No fused multiply-add and no
 * relaxed SIMD. `Group` there says how the arrays lie; parameters named after arrays are their addresses. `donors` and `offsetAt` are
 * in bytes.
 */

export * from './draws';
export * from './falls';
export * from './falls-several';
export * from './projections';
export * from './walks';
export * from './walks-several';
