import { sha256 } from '../../job/canonical.js';
import { encode } from '../../job/codec.js';
import type { ThresholdFit } from './estimate.js';
import { type BootstrapMethod, makeReplicator, type Replicator, type ReplicatorOptions } from './replicate.js';
import type { ThresholdResult } from './result.js';
import { type PreparedStage, prepareStage, type Stage } from './stage.js';

/** Everything of a result that needs no draws. */
export type Estimates = Omit<ThresholdResult, 'tests'>;

/** What the shards of one test need. */
export interface TestContext {
  readonly thresholdCount: number;
  readonly f: number;
  readonly denominator: number;
  readonly stage: Stage;
  /** residuals that outcomes are drawn from, within-transformed */
  readonly residuals: Float64Array;
  /** hash of the arrays, so that a thread need not prepare a stage again for each shard */
  readonly fingerprint: string;
}

/** Fitted once by `plan`. */
export interface ThresholdContext {
  readonly estimates: Estimates;
  readonly tests: readonly TestContext[];
}

export function testContexts(fit: ThresholdFit, residuals: 'restricted' | 'unrestricted'): TestContext[] {
  return fit.stages.map(({ stage, f }, s) => {
    const of = residuals === 'restricted' ? fit.linear.residuals : fit.model.residuals;
    return {
      thresholdCount: s + 1,
      f,
      denominator: fit.denominator,
      stage,
      residuals: of,
      fingerprint: sha256(encode([stage, of])),
    };
  });
}

let latest:
  | { readonly fingerprint: string; readonly prepared: PreparedStage; readonly replicators: Map<string, Replicator> }
  | undefined;

/** Two methods of one seed, with room to spare: each holds up to some 20 MB. */
const mostKept = 4;

/**
 * A test's replicator by one method. Those of the test last asked for are kept, being functions of its hashed content and of
 * the key: a thread gets shard after shard of one job, and need not prepare them again for each.
 */
export function replicatorOf(
  { fingerprint, stage, residuals, denominator }: TestContext,
  options: Pick<ReplicatorOptions, 'method' | 'seed' | 'stream' | 'expected'>,
): Replicator {
  if (latest?.fingerprint !== fingerprint) latest = { fingerprint, prepared: prepareStage(stage), replicators: new Map() };
  const { prepared, replicators } = latest;
  const key = JSON.stringify([denominator, options.method, options.seed, options.stream, options.expected]);
  const known = replicators.get(key);
  if (known) return known;
  if (replicators.size === mostKept) replicators.clear();
  const made = makeReplicator(prepared, { residuals, denominator, ...options });
  replicators.set(key, made);
  return made;
}

/** Units are replications: test after test; within a test replication after replication, each by every method in turn. */
export interface UnitRange {
  readonly test: number;
  readonly method: BootstrapMethod;
  /** the first replication, and how many */
  readonly first: number;
  readonly count: number;
  /** unit of the first replication; the next is `stride` units further */
  readonly unit: number;
  readonly stride: number;
}

/**
 * The replications of each test and method among units `from` … `from + count − 1`.
 * @param replications  B of each test
 */
export function unitRanges(
  from: number,
  count: number,
  replications: readonly number[],
  methods: readonly BootstrapMethod[],
): UnitRange[] {
  const stride = methods.length;
  const ranges: UnitRange[] = [];
  let start = 0;
  for (const [test, B] of replications.entries()) {
    for (const [m, method] of methods.entries()) {
      // replication b of method m is unit start + b·stride + m
      const first = Math.max(0, Math.ceil((from - start - m) / stride));
      const end = Math.min(B, Math.ceil((from + count - start - m) / stride));
      if (end > first) ranges.push({ test, method, first, count: end - first, unit: start + first * stride + m, stride });
    }
    start += B * stride;
  }
  return ranges;
}
