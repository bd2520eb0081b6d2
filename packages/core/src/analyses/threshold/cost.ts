import type { Cost } from '../analysis.js';
import { hasPairTable, manyRows } from './group.js';
import type { BootstrapMethod } from './replicate.js';
import type { WildWeights } from './weights.js';

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
  /** of the wild bootstrap */
  readonly weights: WildWeights;
}

/** A test of a job: its null model's regressors and its replications. */
export interface TestSize {
  readonly replications: number;
  readonly slopes: number;
}

type DrawSizes = Pick<Sizes, 'rows' | 'entities' | 'regimeRegressors' | 'weights'>;

/** Wild weights other than signs are drawn outside WebAssembly. */
const weightNanoseconds: Readonly<Record<WildWeights, number>> = { rademacher: 0, mammen: 34, webb: 30 };

/**
 * CPU seconds of one replication, draws included, by the WebAssembly kernel; TypeScript takes some three times as much.
 *
 * The nanoseconds were fitted to `npm run bench -- threshold-cost` (31 × 12 to 20,000 × 25, 3 to 16 slopes), on a 2.6 GHz server
 * whose cores had other work too. Up to 65,536 rows everything needed stays near the processor; past that each doubling costs more.
 */
function replicationSeconds(method: BootstrapMethod, sizes: DrawSizes, test: TestSize): number {
  const { rows, entities, regimeRegressors, weights } = sizes;
  const { slopes } = test;
  const doublings = Math.max(0, Math.log2(rows / manyRows));
  const blocks = hasPairTable(entities, slopes, test.replications)
    ? 110 + 0.9 * rows + entities * (16 + 1.7 * slopes)
    : 200 + rows * (1.5 + 0.24 * slopes) * (1 + 0.3 * doublings) + 8 * entities;
  const wild = 700 + 0.4 * rows * (1 + 0.1 * doublings) + entities * (0.6 + 0.55 * slopes + weightNanoseconds[weights]);
  // Several regime regressors: a sum more each, and looser bounds. A small panel's bins are nearly all looked into.
  const wide = (1 + 0.3 * doublings) * (method === 'residual-blocks' && rows >= manyRows ? 2 : 1);
  const several = (regimeRegressors - 1) ** 1.5 * (1450 + 0.45 * rows * wide) * (0.9 + 0.0125 * slopes);
  const kept = 350; // combining: sorted and counted
  return ((method === 'residual-blocks' ? blocks : wild) + several + kept) * 1e-9;
}

/** Seconds for what is done once: the rows, the models, the searches, the result. */
function planSeconds({ rows, slopes, timeDummies, regimeRegressors: k, replications, check }: Sizes): number {
  const one = (width: number) => 0.5 + 0.17 * width + 0.004 * width * width + 0.08 * (k * k - 1);
  const searches = replications.length > 1 ? replications.length + 1 : 1;
  const perRow = 1.2 + searches * one(slopes + timeDummies) + (check.replications > 0 ? one(slopes + check.timeDummies) : 0);
  return 0.004 + rows * perRow * 1e-6;
}

/** Seconds for the draws of a test by each method, its tables included: one of pairs costs what a replication an entity does. */
export function testSeconds(methods: readonly BootstrapMethod[], sizes: DrawSizes, test: TestSize): number {
  if (test.replications === 0) return 0;
  return methods.reduce((sum, method) => {
    const table = method === 'residual-blocks' && hasPairTable(sizes.entities, test.slopes, test.replications);
    const once = sizes.rows * (0.3 + 0.05 * test.slopes) * 1e-6;
    return sum + once + (test.replications + (table ? sizes.entities : 0)) * replicationSeconds(method, sizes, test);
  }, 0);
}

/** B and regressors of each test, the check with period effects last. */
function testSizes({ slopes, timeDummies, regimeRegressors, replications, check }: Sizes): TestSize[] {
  return [
    ...replications.map((B, s) => ({ replications: B, slopes: slopes + timeDummies + s * regimeRegressors })),
    { replications: check.replications, slopes: slopes + check.timeDummies },
  ];
}

export function jobCost(sizes: Sizes): Cost {
  const { rows, methods, regimeRegressors, slopes } = sizes;
  const tests = testSizes(sizes);
  const cpuSeconds = tests.reduce((sum, test) => sum + testSeconds(methods, sizes, test), planSeconds(sizes));
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
