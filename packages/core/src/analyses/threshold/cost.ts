import type { Cost } from '../analysis.js';
import type { BootstrapMethod } from './replicate.js';

export interface Sizes {
  readonly rows: number;
  readonly entities: number;
  /** slopes of the model without a threshold */
  readonly slopes: number;
  /** dummies of the periods that stand among the regressors */
  readonly timeDummies: number;
  readonly regimeRegressors: number;
  /** B of each test, by number of thresholds */
  readonly replications: readonly number[];
  /** B of the test with period effects beside the first, and its dummies */
  readonly check: { readonly replications: number; readonly timeDummies: number };
  readonly methods: readonly BootstrapMethod[];
}

/**
 * CPU seconds of one replication, draws included. Nanoseconds of the WebAssembly kernel, measured on a busy core of a 2.6 GHz server
 * (docs/adr/0040): a row of the walk in threshold order, an entity's draw and its part of Uᵀe* (looked up for few entities,
 * computed for many); several regime regressors are walked one after another. Without WebAssembly it is some four times as much.
 */
export function replicationSeconds(
  method: BootstrapMethod,
  { rows, entities, regimeRegressors: k }: Pick<Sizes, 'rows' | 'entities' | 'regimeRegressors'>,
  slopes: number,
): number {
  const several = k === 1 ? 0 : rows * 4 * k;
  const computed = rows * (2 + 0.4 * slopes);
  const lookedUp = rows * 1.3 + entities * (8 + 1.5 * slopes);
  const few = entities * entities * (slopes + 1) <= 2 ** 21;
  const drawn = method === 'residual-blocks' ? (few ? lookedUp : computed) : rows * 0.7 + entities * (2 + 0.4 * slopes);
  return (drawn + several) * 1e-9 + 0.5e-6;
}

/** Seconds for the models, the searches and their set-up. */
function planSeconds({ rows, slopes, timeDummies, regimeRegressors: k, replications, check }: Sizes): number {
  const one = (width: number) => rows * (3e-6 + 1e-7 * width * width + 1e-7 * k * k * width);
  const searches = replications.length > 1 ? replications.length + 1 : 1;
  return searches * one(slopes + timeDummies) + (check.replications > 0 ? one(slopes + check.timeDummies) : 0);
}

/** B and regressors of each test, the check with period effects last. */
export function testSizes({ slopes, timeDummies, regimeRegressors, replications, check }: Sizes) {
  return [
    ...replications.map((B, s) => ({ replications: B, slopes: slopes + timeDummies + s * regimeRegressors })),
    { replications: check.replications, slopes: slopes + check.timeDummies },
  ];
}

export function jobCost(sizes: Sizes): Cost {
  const { rows, methods, regimeRegressors, slopes } = sizes;
  const tests = testSizes(sizes);
  const draws = tests.reduce(
    (sum, test) =>
      sum + methods.reduce((of, method) => of + test.replications * replicationSeconds(method, sizes, test.slopes), 0),
    0,
  );
  const cpuSeconds = planSeconds(sizes) + draws;
  const number = (value: number) => value.toLocaleString('en');
  const replications = sizes.replications.map(number).join(' + ');
  return {
    cpuSeconds,
    // context: order, basis, regime, residuals of each test; parts: one double a replication; the result
    bytes:
      tests.reduce((sum, test) => sum + rows * (8 * (test.slopes + regimeRegressors + 2) + 12), 0) +
      8 * methods.length * tests.reduce((sum, test) => sum + test.replications, 0) +
      500_000,
    arithmetic:
      `${methods.length} ${methods.length === 1 ? 'method' : 'methods'} × ${replications} replications × ` +
      `${number(rows)} rows × ${slopes + sizes.timeDummies} slopes ≈ ${number(Number(cpuSeconds.toPrecision(2)))} CPU seconds`,
  };
}
