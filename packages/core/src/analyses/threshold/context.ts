import { sha256 } from '../../job/canonical.js';
import { encode } from '../../job/codec.js';
import type { DonorClasses } from './donors.js';
import { type EstimateOptions, fitThresholds, type StageFit, type ThresholdFit } from './estimate.js';
import { rawResiduals, type WithinFit } from './linear-model.js';
import { bootstrapMethods } from './params.js';
import type { Conventions } from './programs.js';
import { type BootstrapMethod, makeReplicator, type Replicator } from './replicate.js';
import type { ThresholdResult } from './result.js';
import type { ThresholdSample } from './sample.js';
import { type PreparedStage, prepareStage, type Stage } from './stage.js';
import type { Segment } from './units.js';
import type { WildWeights } from './weights.js';

/** Everything of a result that needs no draws. */
export type Estimates = Omit<ThresholdResult, 'tests' | 'timeEffectsCheck'>;

/** What the shards of one test need. */
export interface TestContext {
  readonly thresholdCount: number;
  /** the first threshold with time effects, beside the test without */
  readonly isCheck: boolean;
  readonly estimate: number;
  readonly f: number;
  /** with the threshold tested */
  readonly ssr: number;
  readonly replications: number;
  readonly denominator: number;
  readonly stage: Stage;
  /** residuals that outcomes are drawn from, on all rows */
  readonly residuals: Float64Array;
  /** what regressors as they are multiply, where that is not the residuals */
  readonly scores?: Float64Array;
  /** hash of the arrays, so that a thread need not prepare a stage again for each shard */
  readonly fingerprint: string;
}

/** Fitted once by `plan`. */
export interface ThresholdContext {
  readonly estimates: Estimates;
  readonly tests: readonly TestContext[];
  readonly methods: readonly BootstrapMethod[];
  readonly classes: DonorClasses;
  readonly segments: readonly Segment[];
  /** of an early stop; 0 without one */
  readonly checkpoints: number;
}

export interface TestRequest {
  readonly options: EstimateOptions;
  readonly residuals: 'restricted' | 'unrestricted';
  /** B of each stage */
  readonly replications: readonly number[];
  readonly isCheck: boolean;
}

/** A test for each stage of a fit: the model with one threshold fewer against it. */
export function testContexts(sample: ThresholdSample, fit: ThresholdFit, request: TestRequest): TestContext[] {
  return fit.stages.map((found, s) => {
    const { thresholdCount, stage, f, estimate } = found;
    const residuals = residualsOf(sample, fit, found, request);
    const scores = fit.within.dropsLast ? { scores: fit.within.score(residuals) } : {};
    const fingerprint = fingerprintOf(stage, residuals);
    if (stage.basis.length <= mostKeptUnasked) keep(fingerprint, found.prepared);
    return {
      thresholdCount,
      isCheck: request.isCheck,
      estimate,
      f,
      ssr: found.ssr[found.best],
      replications: request.replications[s],
      denominator: fit.denominator,
      stage,
      residuals,
      ...scores,
      fingerprint,
    };
  });
}

function residualsOf(sample: ThresholdSample, fit: ThresholdFit, found: StageFit, of: TestRequest): Float64Array {
  const model = of.residuals === 'restricted' ? found.restricted : unrestricted(sample, fit, found, of.options.conventions);
  return fit.within.dropsLast ? fit.within.isometric(rawResiduals(sample, model)) : model.residuals;
}

/** The model with the threshold tested. */
function unrestricted(
  sample: ThresholdSample,
  fit: ThresholdFit,
  { fixed, estimate }: StageFit,
  conventions: Conventions,
): WithinFit {
  const thresholds = [...fixed, estimate].sort((a, b) => a - b);
  const isFinal = thresholds.length === fit.thresholds.length && thresholds.every((value, t) => value === fit.thresholds[t]);
  return isFinal ? fit.model : fitThresholds(sample, fit, thresholds, conventions);
}

/** Of the bits and lengths of all that a prepared stage and its replicators are made from. */
function fingerprintOf(stage: Stage, residuals: Float64Array): string {
  const { dropsLast = false, rows, entities, entity, basis, scores, regime, order, ends } = stage;
  const arrays = [entity, basis, ...(scores ? [scores] : []), regime, order, ends, residuals];
  const shape = JSON.stringify([dropsLast, rows, entities, ...arrays.map(({ length }) => length)]);
  return sha256(shape, ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
}

/** One random stream for each test and method, by names that do not move when methods are added or left out. */
export function streamOf({ thresholdCount, isCheck }: TestContext, method: BootstrapMethod): number {
  return (isCheck ? 3 : thresholdCount - 1) * 16 + bootstrapMethods.indexOf(method);
}

interface Kept {
  readonly prepared: PreparedStage;
  readonly replicators: Map<string, Replicator>;
}

/** By fingerprint, in the order last asked for. */
const kept = new Map<string, Kept>();

function keep(fingerprint: string, prepared: PreparedStage): Kept {
  const known = kept.get(fingerprint) ?? { prepared, replicators: new Map<string, Replicator>() };
  kept.delete(fingerprint);
  kept.set(fingerprint, known);
  if (kept.size > mostStages) kept.delete(kept.keys().next().value!);
  return known;
}

/** Three stages and a check of one job; two methods of one seed each, with room to spare: each holds up to some 20 MB. */
const mostStages = 4;
/** Entries of a basis up to which a plan keeps what it prepared: of a larger one the shards have the context’s copy, and take long anyway. */
const mostKeptUnasked = 2 ** 20;
const mostReplicators = 4;

export interface DrawOptions {
  readonly method: BootstrapMethod;
  readonly seed: number;
  readonly weights: WildWeights;
  readonly classes: DonorClasses;
}

/**
 * A test's replicator by one method. Those last asked for are kept, being functions of hashed content and of the key: a thread
 * gets shard after shard of one job, and need not prepare them again for each.
 */
export function replicatorOf(test: TestContext, { method, seed, weights, classes }: DrawOptions): Replicator {
  const { fingerprint, stage, residuals, scores, denominator, replications } = test;
  const known = keep(fingerprint, kept.get(fingerprint)?.prepared ?? prepareStage(stage));
  const stream = streamOf(test, method);
  const key = JSON.stringify([denominator, method, seed, stream, replications, weights, sizesOf(classes, method)]);
  const made = known.replicators.get(key);
  if (made) return made;
  if (known.replicators.size === mostReplicators) known.replicators.clear();
  const options = { residuals, scores, method, seed, stream, denominator, weighting: weights, classes, expected: replications };
  const fresh = makeReplicator(known.prepared, options);
  known.replicators.set(key, fresh);
  return fresh;
}

/** Classes as part of a key: periods of entities are not in the hashed stage. */
function sizesOf({ members, from }: DonorClasses, method: BootstrapMethod): string {
  return method === 'wild-entity' ? '' : sha256(encode([members, from]));
}
