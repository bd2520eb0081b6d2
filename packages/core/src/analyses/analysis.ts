import type { z } from 'zod';
import type { Problem } from '../errors.js';
import type { Panel, PanelSummary } from '../panel/panel.js';
import type { Report } from '../report/report.js';
import type { WeightsSummary } from '../weights/summary.js';
import type { Weights } from '../weights/weights.js';

/** What a computation reads. */
export interface Inputs {
  readonly panel: Panel;
  /** by the names that formulas give them; `W` when there is one; not yet aligned to the panel */
  readonly weights?: ReadonlyMap<string, Weights> | undefined;
}

/** What is known of the inputs at the door, without their rows. */
export interface InputInfo {
  readonly panel: PanelSummary;
  readonly weights?: ReadonlyMap<string, WeightsSummary> | undefined;
  /** what one job may ask for here; without limits on a person's own machine */
  readonly limits?: { readonly replications: number };
}

/** Units first … first + count − 1 of a job: replications, specifications, entities to leave out. */
export interface Shard {
  readonly first: number;
  readonly count: number;
}

export interface Cost {
  /** of one core */
  readonly cpuSeconds: number;
  /** the most that Redis will hold for the job while it lives */
  readonly bytes: number;
  /** how the two were reckoned, for the refusal and the answer: "2 methods × 999 replications × 7,910 rows × 6 regressors" */
  readonly arithmetic: string;
}

export interface Plan<Context> {
  /** fitted once, read by every shard; typed arrays are shared, not copied */
  readonly context: Context;
  /** what is counted: "replications"; shown with progress */
  readonly unit: string;
  /** consecutive and gapless from 0; each 0.25–2 s of CPU by the cost model, never by a clock */
  readonly shards: readonly Shard[];
  /** early stop may be asked once the first c shards are there, for each c in ascending order */
  readonly checkpoints?: readonly number[];
}

/** Called by `run` between units: counts them and throws `Interrupted` when the job is no longer wanted. */
export type Progress = (units: number) => void;

/** How a computation ends what computes it: its thread or process. */
export type DeathKind = 'crashed' | 'out_of_memory' | 'timed_out';

/** Units that have ended what computed them whenever they were tried alone, and how: they are said to have failed, and not computed. */
export type Lost = ReadonlyMap<number, DeathKind>;

/** What a plan or a combining goes through one by one, counted as `run` counts units; the count when it dies says what killed it. */
export interface Watch {
  readonly progress: Progress;
  readonly lost: Lost;
}

/** Parts of the shards 0 … parts.length − 1, in that order. */
export type Prefix<Part> = readonly Part[];

/**
 * A kind of computation. All functions are pure: the same params, inputs and seed give the same bits in any process, for
 * any arrival order, any number of threads.
 */
export interface Analysis<Params = unknown, Context = unknown, Part = unknown, Result = unknown> {
  /** stored with every job: never rename, add a new one instead */
  readonly name: string;
  /** raised when a number changes */
  readonly version: number;
  readonly title: string;
  /** prose for people: what it answers, how, and what to be careful about */
  readonly about: string;
  /** papers and programs followed, with section or equation numbers */
  readonly sources: readonly string[];
  /** every field described, with its default; parsing gives the canonical params */
  readonly params: z.ZodType<Params>;
  readonly result: z.ZodType<Result>;
  /** a request that runs on a data set that ships */
  readonly example: Example;

  /** cheap refusals at the door; pointers are into params */
  check(params: Params, info: InputInfo): readonly Problem[];
  cost(params: Params, info: InputInfo): Cost;
  plan(params: Params, inputs: Inputs, seed: number, watch?: Watch): Plan<Context>;
  run(params: Params, inputs: Inputs, context: Context, shard: Shard, progress: Progress, seed: number, lost?: Lost): Part;
  /**
   * The part of a shard from those of consecutive ranges of its units. With it a unit that ends its thread fails alone: `plan`, `run` and
   * `combine` count what they have gone through, and take what is lost as failed.
   */
  join?(parts: Prefix<Part>): Part;
  /** asked at the plan's checkpoints only: is this prefix enough to stop? */
  enough?(params: Params, context: Context, prefix: Prefix<Part>): boolean;
  /** what can be said so far; small, JSON, shown with progress */
  partial?(params: Params, context: Context, prefix: Prefix<Part>): unknown;
  /** parts in shard order; all of them, or a prefix that was enough */
  combine(params: Params, inputs: Inputs, context: Context, parts: Prefix<Part>, seed: number, watch?: Watch): Result;
  report(result: Result): Report;
  /** the numbers by which a table of many runs shows this one, first what the question is about; without it no sweep takes the analysis */
  estimates?(result: Result): readonly Estimate[];
}

/** One estimate as a table of many runs shows it. */
export interface Estimate {
  /** the coefficient */
  readonly name: string;
  readonly estimate: number;
  readonly standardError: number;
  readonly statistic: number;
  /** two-sided */
  readonly pValue: number;
  readonly lower: number;
  readonly upper: number;
  readonly rows: number;
}

/** A request on files that ship; `weights` by the file and the options that read it. */
export interface Example {
  readonly dataset: string;
  readonly weights?: { readonly file: string; readonly options: unknown } | undefined;
  readonly params: unknown;
}

/** Keeps the type parameters inferred from the parts, then forgets them: a registry holds analyses of every kind. */
export function defineAnalysis<Params, Context, Part, Result>(
  analysis: Analysis<Params, Context, Part, Result>,
): Analysis<Params, Context, Part, Result> {
  return analysis;
}
