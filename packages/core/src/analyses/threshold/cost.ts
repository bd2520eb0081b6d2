import type { Cost } from '../analysis.js';
import type { BootstrapMethod } from './replicate.js';

export interface Sizes {
  readonly rows: number;
  readonly entities: number;
  /** slopes of the model without a threshold */
  readonly slopes: number;
  readonly regimeRegressors: number;
  readonly replications: number;
  readonly methods: readonly BootstrapMethod[];
}

/**
 * CPU seconds of one replication, draws included. Nanoseconds measured on one busy core of a 2.6 GHz server: a row of the walk
 * in threshold order, an entity's draw and its part of Uᵀe* (looked up for few entities, computed for many); with several
 * regime regressors every candidate is evaluated.
 */
export function replicationSeconds(method: BootstrapMethod, sizes: Sizes): number {
  const { rows, entities, slopes, regimeRegressors: k } = sizes;
  const everyCandidate = k === 1 ? 0 : rows * (5 + 2 * k * k * (slopes + 2));
  const computed = rows * (7 + 1.2 * slopes);
  const lookedUp = rows * 3.5 + entities * (20 + 3 * slopes);
  const few = entities * entities * (slopes + 1) <= 2 ** 21;
  const drawn = method === 'residual-blocks' ? (few ? lookedUp : computed) : rows * 3 + entities * (5 + 2 * slopes);
  return (drawn + everyCandidate) * 1e-9 + 2e-6;
}

/** Seconds for the model, the search and their set-up. */
const planSeconds = ({ rows, slopes, regimeRegressors: k }: Sizes) =>
  rows * (3e-6 + 1e-7 * slopes * slopes + 1e-7 * k * k * slopes);

export function jobCost(sizes: Sizes): Cost {
  const { rows, slopes, methods, replications, regimeRegressors } = sizes;
  const draws = methods.reduce((seconds, method) => seconds + replications * replicationSeconds(method, sizes), 0);
  const cpuSeconds = planSeconds(sizes) + draws;
  const number = (value: number) => value.toLocaleString('en');
  return {
    cpuSeconds,
    // context: order, basis, regime, residuals; parts: one double a replication; the result
    bytes: rows * (8 * (slopes + regimeRegressors + 2) + 12) + 8 * methods.length * replications + 500_000,
    arithmetic:
      `${methods.length} ${methods.length === 1 ? 'method' : 'methods'} × ${number(replications)} replications × ` +
      `${number(rows)} rows × ${slopes} slopes ≈ ${number(Number(cpuSeconds.toPrecision(2)))} CPU seconds`,
  };
}
