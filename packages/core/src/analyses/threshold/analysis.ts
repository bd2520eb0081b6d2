import { wholeJob } from '../../job/layout.js';
import { defineAnalysis } from '../analysis.js';
import { replicatorOf, type TestContext, type ThresholdContext, testContexts } from './context.js';
import { jobCost, testSeconds } from './cost.js';
import { bootstrapPValue, criticalValues, histogram, isDecided } from './distribution.js';
import { estimateThreshold } from './estimate.js';
import { estimatesOf } from './estimates.js';
import { byStage, type ThresholdParams, thresholdParams } from './params.js';
import { checkedWithPeriods, periodCheck, periodWarning } from './period-check.js';
import { conventionsOf } from './programs.js';
import { thresholdReport } from './report.js';
import { checkRequest, donorClasses, methodsFor, sizesOf, thresholdSample } from './request.js';
import { type BootstrapResult, type ThresholdResult, thresholdResult } from './result.js';
import { tabulatedEstimates } from './tabulated.js';
import { cutLayout, drawsOf, layoutOf, unitRanges } from './units.js';
import { verdicts } from './verdict.js';

/** CPU seconds of a shard: short, for a bar that moves; a thread keeps what shards share. */
const shardSeconds = 0.5;

/** F* of units first … first + count − 1 of a shard. */
interface ThresholdPart {
  readonly f: Float64Array;
}

/**
 * Fixed-effects panel threshold regression (Hansen 1999): estimates, bootstrap tests, confidence sets and slopes by regime.
 *
 *   y_it = μ_i + x_it'β + r_it'δ₁ 1(q_it ≤ γ₁) + r_it'δ₂ 1(γ₁ < q_it ≤ γ₂) + … + e_it
 *
 * A unit is one replication of one test by one method; `units.ts` numbers them.
 */
export const threshold = defineAnalysis<ThresholdParams, ThresholdContext, ThresholdPart, ThresholdResult>({
  name: 'threshold',
  version: 1,
  title: 'Panel threshold regression',
  about:
    'Does the effect of a regressor change when another variable passes a threshold, or up to three, and where? Estimates thresholds by ' +
    'least squares over every distinct value of the threshold variable (no grid), with entity or entity and period effects, on balanced ' +
    'and unbalanced panels; tests each by bootstrap against a model with one fewer; gives likelihood-ratio confidence sets and the slopes ' +
    'in each regime. Regressors and threshold variable must be exogenous. Two bootstraps run by default, because residual blocks reject ' +
    'too often when error variances differ between entities; when they disagree the verdict says so. Standard errors of the ' +
    'slopes take the thresholds as known, and no test of equal slopes is printed: after a search its size is not its level.',
  sources: [
    'Hansen, B. E. (1999). Threshold effects in non-dynamic panels: Estimation, testing, and inference. Journal of Econometrics 93, 345–368: eq. 1, §3 (least squares), §4 (bootstrap test), §5 (LR confidence set), §6 (several thresholds)',
    'Hansen, B. E. (2000). Sample splitting and threshold estimation. Econometrica 68, 575–603: LR/η̂² and unions of slope intervals',
    'Wang, Q. (2015). Fixed-effect panel threshold model using Stata. Stata Journal 15(1), 121–134: layout of the tables',
    'Davison, A. C. & Hinkley, D. V. (1997). Bootstrap Methods and their Application, §4.2: p = (1 + k)/(B + 1)',
    'Gandy, A. (2009). Sequential implementation of Monte Carlo tests with uniformly bounded resampling risk. JASA 104, 1504–1511: early stop',
  ],
  params: thresholdParams,
  result: thresholdResult,
  example: {
    dataset: 'cigar.csv',
    // Does demand answer the price of cigarettes more where they are cheaper than in every neighbouring state?
    params: {
      formula: 'log(sales) ~ log(ndi / cpi) + log(pimin / cpi) | state',
      thresholdVariable: 'I(price / pimin)',
      regimeRegressors: ['log(price / cpi)'],
      bootstrap: { replications: 999 },
    },
  },

  check: checkRequest,
  cost: (params, info) => jobCost(sizesOf(params, info)),

  plan(params, { panel }) {
    const { thresholdCount, bootstrap } = params;
    const sample = thresholdSample(params, panel);
    const conventions = conventionsOf(params);
    const methods = methodsFor(params, sample.balanced);
    const classes = donorClasses(sample, methods);
    const options = { thresholdCount, trims: byStage(params.trim, thresholdCount), conventions, given: params.given };
    const fit = estimateThreshold(sample, options);
    const replications = byStage(bootstrap.replications, thresholdCount);
    const { residuals, earlyStop } = bootstrap;
    const check = periodCheck(params, sample, options);
    const tests = [...testContexts(sample, fit, { options, residuals, replications, isCheck: false }), ...check.tests];
    const estimates = estimatesOf({ params, conventions, sample, fit, methods, classes });

    const layout = layoutOf(
      tests.map((test) => test.replications),
      methods.length,
      earlyStop,
    );
    const context = {
      estimates: { ...estimates, warnings: [...estimates.warnings, ...check.warnings] },
      tests,
      methods,
      classes,
      segments: layout.segments,
      checkpoints: layout.checkpoints.length,
    };
    if (layout.units === 0) return { context, unit: 'replications', shards: wholeJob };
    const sizes = { ...sample, regimeRegressors: sample.regimeRegressors.length, weights: bootstrap.weights };
    const secondsPerUnit = tests.reduce((sum, test) => sum + testSeconds(methods, sizes, sizeOf(test)), 0) / layout.units;
    return { context, unit: 'replications', ...cutLayout(layout, secondsPerUnit, shardSeconds) };
  },

  run({ bootstrap: { weights } }, _inputs, { tests, methods, classes, segments }, shard, progress, seed) {
    const f = new Float64Array(segments.length === 0 ? 0 : shard.count);
    for (const range of unitRanges(shard.first, shard.count, segments, methods)) {
      const replicator = replicatorOf(tests[range.test], { method: range.method, seed, weights, classes });
      const draws = replicator.run(range.first, range.count, progress);
      for (let b = 0; b < draws.length; b++) f[range.unit + b * range.stride - shard.first] = draws[b];
    }
    return { f };
  },

  enough(_params, { tests, methods, segments, checkpoints }, parts) {
    const draws = joinedDraws(parts);
    return tests.every(({ f, replications, isCheck }, t) =>
      methods.every((method) => {
        const mine = drawsOf(draws, segments, methods, t, method);
        return isCheck || mine.length === replications || isDecided(mine, f, checkpoints);
      }),
    );
  },

  partial(_params, { tests, methods, segments }, parts) {
    const draws = joinedDraws(parts);
    return {
      tests: tests.flatMap(({ thresholdCount, isCheck, f }, t) => {
        if (isCheck) return [];
        const bootstraps = methods.flatMap((method) => {
          const mine = drawsOf(draws, segments, methods, t, method);
          return mine.length === 0 ? [] : [{ method, replications: mine.length, ...bootstrapPValue(mine, f) }];
        });
        return [{ thresholdCount, f, bootstraps }];
      }),
    };
  },

  combine({ bootstrap }, _inputs, { estimates, tests, methods, segments }, parts) {
    const draws = joinedDraws(parts);
    const drawn = tests.map((test, t) => ({
      test,
      bootstraps: methods.flatMap((method): BootstrapResult[] => {
        const mine = drawsOf(draws, segments, methods, t, method);
        if (mine.length === 0) return [];
        const p = bootstrapPValue(mine, test.f);
        const stoppedEarly = mine.length < test.replications;
        const ascending = mine.sort();
        return [
          {
            method,
            residuals: bootstrap.residuals,
            weights: method === 'wild-entity' ? bootstrap.weights : null,
            replications: mine.length,
            stoppedEarly,
            ...p,
            criticalValues: bootstrap.earlyStop ? null : criticalValues(ascending),
            distribution: histogram(ascending, test.f),
          },
        ];
      }),
    }));
    const main = drawn.filter(({ test }) => !test.isCheck);
    const found = main.map(({ test: { thresholdCount, f, ssr }, bootstraps }) => ({ thresholdCount, f, ssr, bootstraps }));
    const words = verdicts(estimates.variables.threshold, found);
    const results = found.map((test, t) => ({ ...test, ...words[t] }));
    const check = checkedWithPeriods(
      drawn.find(({ test }) => test.isCheck),
      results[0].bootstraps,
    );
    const { thresholds, searches, warnings, ...rest } = estimates;
    return {
      thresholds,
      searches,
      tests: results,
      ...rest,
      timeEffectsCheck: check,
      warnings: check?.agrees === false ? [periodWarning(check, results[0].decision), ...warnings] : warnings,
    };
  },

  report: thresholdReport,

  estimates: tabulatedEstimates,
});

function joinedDraws(parts: readonly ThresholdPart[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { f }) => sum + f.length, 0));
  let at = 0;
  for (const { f } of parts) {
    all.set(f, at);
    at += f.length;
  }
  return all;
}

const sizeOf = ({ stage, replications }: TestContext) => ({ replications, slopes: stage.basis.length / stage.rows });
