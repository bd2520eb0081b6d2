import { Matrix } from 'ml-matrix';
import { coefficientTests } from '../../../covariance/inference.js';
import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { ascending } from '../../../linalg/vector.js';
import { fitTreatment, modelOnRows } from '../model.js';
import { type MethodOf, mostLeftOut } from '../params.js';
import type { LeaveOneOutResult } from '../result.js';
import { alphaOf } from '../words.js';
import { leftOutSets, setCount, setsAtDoor, tooManySets } from './left-out-sets.js';
import { type Given, type Method, refitSeconds } from './method.js';
import { type Refit, readRefit, refitWidth, writeRefit } from './refit.js';

type Request = MethodOf<'leave-one-out'>;

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
  foresee(request, panel, params) {
    const formula = parseFormula(params.formula);
    return {
      units: setsAtDoor(request, panel),
      seconds: refitSeconds(panel.rows, formula.regressors.length),
    };
  },

  plan({ by, size }, { model }) {
    const { levels } = model.named.groupings.get(by)!;
    const runs = model.meaning(by) === 'time';
    if (size >= levels) {
      throw new EstimationError(
        'nothing_left',
        `leaving out ${size} of ${model.columnName(by)} needs more than ${size}, the complete rows have ${levels}`,
      );
    }
    const sets = setCount(levels, size, runs);
    if (sets > mostLeftOut) {
      throw new EstimationError('too_many_sets', tooManySets(by, size, sets));
    }
    const { sample } = model;
    const seconds = refitSeconds(sample.rows, sample.regressors.length);
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
