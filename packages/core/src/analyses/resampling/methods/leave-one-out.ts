import { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../../covariance/inference.js';
import { EstimationError } from '../../../errors.js';
import { meanings } from '../../../formula/names.js';
import { parseFormula } from '../../../formula/parse.js';
import { ascending } from '../../../linalg/vector.js';
import type { PanelSummary } from '../../../panel/panel.js';
import { fitTreatment, modelOnRows } from '../model.js';
import { type MethodOf, mostLeftOut } from '../params.js';
import type { LeaveOneOutResult } from '../result.js';
import { alphaOf } from '../words.js';
import { type Given, type Method, refitSeconds } from './method.js';
import { type Refit, readRefit, refitWidth, writeRefit } from './refit.js';

type Request = MethodOf<'leave-one-out'>;

/** C(n, k) as a double. */
function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

const setCount = (levels: number, size: number, runs: boolean) => (runs ? levels - size + 1 : choose(levels, size));

/** Sets of `size` of the levels 0 … levels − 1: runs of consecutive ones, or all, in lexicographic order. */
export function leftOutSets(levels: number, size: number, runs: boolean): number[][] {
  if (runs) {
    return Array.from({ length: Math.max(0, levels - size + 1) }, (_, from) => Array.from({ length: size }, (__, i) => from + i));
  }
  const sets: number[][] = [];
  const extend = (set: readonly number[], from: number): void => {
    if (set.length === size) {
      sets.push([...set]);
      return;
    }
    for (let level = from; level <= levels - (size - set.length); level++) extend([...set, level], level + 1);
  };
  extend([], 0);
  return sets;
}

function levelsAtDoor(by: string, panel: PanelSummary): number {
  const meaning = meanings(panel).get(by);
  if (meaning === 'entity' || meaning === 'time') return panel[meaning].count;
  return panel.columns.find(({ name }) => name === by)?.distinct ?? 1;
}

interface Context {
  readonly sets: number;
  readonly runs: boolean;
}

/**
 * The estimate without each level of a column, or without several: which entity, period or region carries the result?
 *
 * The refits without single levels make the cluster jackknife, V = (G−1)/G Σ_g (b₋g − b)² (CV3).
 * @see MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38, eq. 12
 */
export const leaveOneOut: Method<Request, Context, LeaveOneOutResult> = {
  foresee({ by, size }, panel, params) {
    const formula = parseFormula(params.formula);
    const units = setCount(levelsAtDoor(by, panel), size, meanings(panel).get(by) === 'time');
    return { units, seconds: 2 * refitSeconds(panel.rows, formula.regressors.length, formula.effects.length) };
  },

  plan({ by, size }, { model }) {
    const { levels } = model.named.groupings.get(by)!;
    const runs = model.meaning(by) === 'time';
    if (size >= levels) {
      throw new EstimationError(
        'nothing_left',
        `leaving out ${size} of ${by} needs more than ${size} levels, the complete rows have ${levels}`,
      );
    }
    const sets = setCount(levels, size, runs);
    if (sets > mostLeftOut) {
      throw new EstimationError(
        'too_many_sets',
        `${levels} levels of ${by} make ${sets.toLocaleString('en')} sets of ${size}, at most ${mostLeftOut.toLocaleString('en')} are refitted: take a smaller size, or a coarser column`,
      );
    }
    const { sample, effects } = model;
    const seconds = 2 * refitSeconds(sample.rows, sample.regressors.length, effects.length);
    return { context: { sets, runs }, units: sets, width: refitWidth, secondsPerUnit: seconds };
  },

  start({ by, size }, { runs }, given) {
    const { params, model } = given();
    const { codes, levels } = model.named.groupings.get(by)!;
    const sets = leftOutSets(levels, size, runs);
    return (unit, out, at) => {
      const gone = new Uint8Array(levels);
      for (const level of sets[unit]) gone[level] = 1;
      const rows = ascending(codes.length).filter((i) => gone[codes[i]] === 0);
      writeRefit(fitTreatment(params, modelOnRows(params, model, rows)), out, at);
    };
  },

  combine(request, { sets: refits, runs }, given, numbers, failures) {
    const { params, model, full } = given;
    const { labels, levels } = model.named.groupings.get(request.by)!;
    const names = leftOutSets(levels, request.size, runs).map((set) => set.map((level) => labels[level]));
    const failed = new Set(failures.map(({ unit }) => unit));
    const each = names.flatMap((leftOut, u) => (failed.has(u) ? [] : [{ leftOut, ...readRefit(numbers, u) }]));
    if (each.length === 0) throw new EstimationError(failures[0].code, `no refit has an estimate: ${failures[0].message}`);
    const least = each.reduce((best, one) => (one.estimate < best.estimate ? one : best));
    const most = each.reduce((best, one) => (one.estimate > best.estimate ? one : best));
    const change = (one: Refit) => Math.abs(one.estimate - full.estimate) / Math.abs(full.estimate);
    const furthest = each.reduce((best, one) => (change(one) > change(best) ? one : best));
    const alpha = alphaOf(params.level);
    const share = (of: (one: Refit) => number) => each.filter((one) => of(one) <= alpha).length / each.length;
    return {
      method: 'leave-one-out',
      label: labelOf(request, given, runs),
      by: request.by,
      size: request.size,
      refits,
      min: { leftOut: least.leftOut, estimate: least.estimate },
      max: { leftOut: most.leftOut, estimate: most.estimate },
      mean: each.reduce((sum, { estimate }) => sum + estimate, 0) / each.length,
      largestChange: { leftOut: furthest.leftOut, share: change(furthest) },
      otherSign: each.filter(({ estimate }) => Math.sign(estimate) !== Math.sign(full.estimate)).length,
      significant: {
        level: params.level,
        clustered: share(({ clustered }) => clustered.pValue),
        classical: share(({ classical }) => classical.pValue),
      },
      jackknife: request.size === 1 && failures.length === 0 ? jackknife(each, full.estimate, params.level) : null,
      each,
      failures: failures.map(({ unit, message }) => ({ leftOut: names[unit], message })),
    };
  },
};

function labelOf({ by, size }: Request, { model }: Given, runs: boolean): string {
  if (size === 1) return `Leave one ${model.columnName(by)} out`;
  return runs
    ? `Leave ${size} consecutive periods of ${model.columnName(by)} out`
    : `Leave ${size} of ${model.columnName(by)} out`;
}

function jackknife(each: readonly Refit[], estimate: number, level: number) {
  const G = each.length;
  const spread = (centre: number) => Math.sqrt(((G - 1) / G) * each.reduce((sum, one) => sum + (one.estimate - centre) ** 2, 0));
  const mean = each.reduce((sum, one) => sum + one.estimate, 0) / G;
  const standardError = spread(estimate);
  const [test] = coefficientTests([estimate], new Matrix([[standardError ** 2]]), G - 1, level);
  return {
    standardError,
    aroundMean: spread(mean),
    statistic: test.statistic,
    df: G - 1,
    pValue: test.p,
    lower: test.lower,
    upper: test.upper,
  };
}
