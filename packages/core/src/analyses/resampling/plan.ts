import { EstimationError } from '../../errors.js';
import { cutUnits } from '../../job/layout.js';
import type { Panel } from '../../panel/panel.js';
import type { Plan, Progress, Shard } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { methodOf } from './methods/index.js';
import type { Given, UnitFailure } from './methods/method.js';
import { fitTreatment, readModel } from './model.js';
import type { ResamplingParams } from './params.js';

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** One method of the request: how many units it has from which one on, or why it has none. */
type Planned =
  | { readonly failure: Failure }
  | {
      readonly failure: null;
      readonly first: number;
      readonly units: number;
      readonly width: number;
      /** of the method */
      readonly context: unknown;
    };

export interface ResamplingContext {
  readonly methods: readonly Planned[];
}

/** Numbers of consecutive units of one method. */
export interface Piece {
  readonly method: number;
  readonly numbers: Float64Array;
  readonly failures: readonly UnitFailure[];
}
export type ResamplingPart = readonly Piece[];

/** Units between two looks at whether the job is still wanted. */
const together = 64;

export function readGiven(params: ResamplingParams, panel: Panel): Given {
  return asEstimation(() => {
    const model = readModel(params, panel);
    return { params, model, full: fitTreatment(params, model) };
  });
}

/** An EstimationError as a value: a method that these data do not allow does not take the others with it. */
export function attempt<T>(work: () => T): { readonly value: T; readonly failure: null } | { readonly failure: Failure } {
  try {
    return { value: work(), failure: null };
  } catch (error) {
    if (error instanceof EstimationError) return { failure: { code: error.code, message: error.message } };
    throw error;
  }
}

/** Units of all methods one after another; a shard of the layout never holds units of two. */
export function planResampling(params: ResamplingParams, panel: Panel): Plan<ResamplingContext> {
  const given = readGiven(params, panel);
  const methods: Planned[] = [];
  const shards: Shard[] = [];
  let first = 0;
  for (const request of params.methods) {
    const planned = attempt(() => methodOf(request).plan(request, given));
    if (planned.failure !== null) {
      methods.push({ failure: planned.failure });
      continue;
    }
    const { context, units, width, secondsPerUnit } = planned.value;
    methods.push({ failure: null, first, units, width, context });
    for (const shard of cutUnits(units, secondsPerUnit)) shards.push({ first: first + shard.first, count: shard.count });
    first += units;
  }
  const [{ failure }] = methods;
  if (first === 0 && failure !== null) throw new EstimationError(failure.code, failure.message);
  return { context: { methods }, unit: 'refits', shards };
}

export function runUnits(
  params: ResamplingParams,
  panel: Panel,
  { methods }: ResamplingContext,
  { first, count }: Shard,
  progress: Progress,
  seed: number,
): ResamplingPart {
  let known: Given | null = null;
  const given = () => {
    known ??= readGiven(params, panel);
    return known;
  };
  return methods.flatMap((planned, m): Piece[] => {
    if (planned.failure !== null) return [];
    const from = Math.max(first, planned.first);
    const to = Math.min(first + count, planned.first + planned.units);
    if (from >= to) return [];
    const { width, context } = planned;
    const request = params.methods[m];
    const run = methodOf(request).start(request, context, given, seed);
    const numbers = new Float64Array((to - from) * width);
    const failures: UnitFailure[] = [];
    for (let unit = from; unit < to; unit++) {
      const at = (unit - from) * width;
      const own = unit - planned.first;
      const { failure } = attempt(() => run(own, numbers, at));
      if (failure !== null) {
        numbers.fill(Number.NaN, at, at + width);
        failures.push({ unit: own, ...failure });
      }
      if ((unit - from + 1) % together === 0) progress(together);
    }
    progress((to - from) % together);
    return [{ method: m, numbers, failures }];
  });
}

/** A method's numbers from all parts, in the order of its units. */
export function joined(parts: readonly ResamplingPart[], method: number) {
  const pieces = parts.flat().filter((piece) => piece.method === method);
  const numbers = new Float64Array(pieces.reduce((sum, piece) => sum + piece.numbers.length, 0));
  let at = 0;
  for (const piece of pieces) {
    numbers.set(piece.numbers, at);
    at += piece.numbers.length;
  }
  return { numbers, failures: pieces.flatMap(({ failures }) => failures) };
}
