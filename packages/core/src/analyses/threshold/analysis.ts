import { cutUnits, wholeJob } from '../../job/layout.js';
import { defineAnalysis } from '../analysis.js';
import { confidenceSet, likelihoodRatios } from './confidence-set.js';
import { type Estimates, replicatorOf, type TestContext, type ThresholdContext, testContexts, unitRanges } from './context.js';
import { conventions } from './conventions.js';
import { jobCost, replicationSeconds } from './cost.js';
import { bootstrapPValue, criticalValues, histogram } from './distribution.js';
import { estimateThreshold, type ThresholdFit } from './estimate.js';
import { regimesOf } from './linear-model.js';
import { bootstrapMethods, type ThresholdParams, thresholdParams } from './params.js';
import { thinnedProfile } from './profile.js';
import { thresholdReport } from './report.js';
import { checkRequest, sizesOf, thresholdSample } from './request.js';
import { type BootstrapResult, type ThresholdResult, thresholdResult } from './result.js';
import type { ThresholdSample } from './sample.js';
import { coefficients } from './slopes.js';
import { testVerdict, warningsFor } from './verdict.js';

/** CPU seconds of a shard: short, for a bar that moves; a thread keeps what shards share. */
const shardSeconds = 0.25;

/** F* of units first … first + count − 1 of a shard. */
interface ThresholdPart {
  readonly f: Float64Array;
}

/**
 * Fixed-effects panel threshold regression (Hansen 1999): estimate, bootstrap test, confidence set and slopes by regime.
 *
 *   y_it = μ_i + x_it'β + r_it'δ₁ 1(q_it ≤ γ) + r_it'δ₂ 1(q_it > γ) + e_it
 *
 * A unit is one replication of one method; `context.ts` numbers them.
 */
export const threshold = defineAnalysis<ThresholdParams, ThresholdContext, ThresholdPart, ThresholdResult>({
  name: 'threshold',
  version: 1,
  title: 'Panel threshold regression',
  about:
    'Does the effect of a regressor change when another variable passes a threshold, and where? Estimates the threshold by least ' +
    'squares over every distinct value of the threshold variable (no grid), with entity fixed effects; tests it by bootstrap ' +
    'against a model without a threshold; gives the likelihood-ratio confidence set of the threshold and the slopes in each ' +
    'regime. Regressors and threshold variable must be exogenous. Two bootstraps run by default, because residual blocks reject ' +
    'too often when error variances differ between entities; when they disagree the verdict says so. Standard errors of the ' +
    'slopes take the threshold as known, and no test of equal slopes is printed: after a search its size is not its level.',
  sources: [
    'Hansen, B. E. (1999). Threshold effects in non-dynamic panels: Estimation, testing, and inference. Journal of Econometrics 93, 345–368: eq. 1, §3 (least squares), §4 (bootstrap test), §5 (LR confidence set)',
    'Wang, Q. (2015). Fixed-effect panel threshold model using Stata. Stata Journal 15(1), 121–134: layout of the tables',
    'Davison, A. C. & Hinkley, D. V. (1997). Bootstrap Methods and their Application, §4.2: p = (1 + k)/(B + 1)',
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
    const sample = thresholdSample(params, panel);
    const fit = estimateThreshold(sample, params.trim);
    const context = {
      estimates: estimatesOf(params, sample, fit),
      tests: testContexts(fit, params.bootstrap.residuals),
    };
    const { replications, methods } = params.bootstrap;
    const sizes = { ...sample, slopes: fit.linear.rank, regimeRegressors: sample.regimeRegressors.length, replications, methods };
    const secondsPerUnit = methods.reduce((sum, method) => sum + replicationSeconds(method, sizes), 0) / methods.length;
    const units = fit.stages.length * replications * methods.length;
    return { context, unit: 'replications', shards: units === 0 ? wholeJob : cutUnits(units, secondsPerUnit, shardSeconds) };
  },

  run({ bootstrap }, _inputs, { tests }, shard, progress, seed) {
    const f = new Float64Array(bootstrap.replications === 0 ? 0 : shard.count);
    const replications = tests.map(() => bootstrap.replications);
    for (const range of unitRanges(shard.first, shard.count, replications, bootstrap.methods)) {
      const test = tests[range.test];
      const replicator = replicatorOf(test, {
        method: range.method,
        seed,
        stream: streamOf(test, range.method),
        expected: bootstrap.replications,
      });
      const draws = replicator.run(range.first, range.count, progress);
      for (let b = 0; b < draws.length; b++) f[range.unit + b * range.stride - shard.first] = draws[b];
    }
    return { f };
  },

  partial({ bootstrap }, { tests }, parts) {
    const draws = joinedDraws(parts);
    return {
      tests: tests.map(({ thresholdCount, f }, t) => ({
        thresholdCount,
        f,
        bootstraps: bootstrap.methods.flatMap((method) => {
          const mine = drawsOf(draws, tests, t, method, bootstrap);
          return mine.length === 0 ? [] : [{ method, replications: mine.length, ...bootstrapPValue(mine, f) }];
        }),
      })),
    };
  },

  combine({ bootstrap }, _inputs, { estimates, tests }, parts) {
    const draws = joinedDraws(parts);
    const results = tests.map((test, t) => {
      const bootstraps =
        bootstrap.replications === 0
          ? []
          : bootstrap.methods.map((method): BootstrapResult => {
              const mine = drawsOf(draws, tests, t, method, bootstrap);
              const p = bootstrapPValue(mine, test.f);
              const ascending = mine.sort();
              return {
                method,
                residuals: bootstrap.residuals,
                replications: mine.length,
                ...p,
                criticalValues: criticalValues(ascending),
                distribution: histogram(ascending, test.f),
              };
            });
      const { thresholdCount, f } = test;
      return { thresholdCount, f, bootstraps, verdict: testVerdict(estimates.variables.threshold, f, bootstraps) };
    });
    const { thresholds, ...rest } = estimates;
    return { thresholds, tests: results, ...rest };
  },

  report: thresholdReport,
});

/** One random stream for each test and method, by names that do not move when methods are added or left out. */
function streamOf(test: TestContext, method: ThresholdParams['bootstrap']['methods'][number]): number {
  return (test.thresholdCount - 1) * 16 + bootstrapMethods.indexOf(method);
}

function joinedDraws(parts: readonly ThresholdPart[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { f }) => sum + f.length, 0));
  let at = 0;
  for (const { f } of parts) {
    all.set(f, at);
    at += f.length;
  }
  return all;
}

/** The draws of one test by one method among the first `draws.length` units. */
function drawsOf(
  draws: Float64Array,
  tests: readonly TestContext[],
  test: number,
  method: ThresholdParams['bootstrap']['methods'][number],
  { replications, methods }: ThresholdParams['bootstrap'],
): Float64Array {
  const range = unitRanges(
    0,
    draws.length,
    tests.map(() => replications),
    methods,
  ).find((candidate) => candidate.test === test && candidate.method === method);
  if (range === undefined) return new Float64Array(0);
  return Float64Array.from({ length: range.count }, (_, b) => draws[range.unit + b * range.stride]);
}

function estimatesOf(params: ThresholdParams, sample: ThresholdSample, fit: ThresholdFit): Estimates {
  const { linear, model, stages, denominator } = fit;
  const last = stages[stages.length - 1];
  const profiles = stages.map(({ values, ssr, best }) => ({ values, ratios: likelihoodRatios(ssr, best, denominator) }));
  const thresholds = stages.map(({ estimate }, s) => ({
    estimate,
    intervals: params.levels.map((level) => confidenceSet(profiles[s].values, profiles[s].ratios, level)),
  }));
  const { regimes, switching } = countRegimes(sample, fit.thresholds);
  return {
    thresholds,
    regimes,
    switching,
    coefficients: coefficients(sample, model, params.covariance),
    linear: { coefficients: coefficients(sample, linear, params.covariance), ssr: linear.ssr },
    fit: {
      ssrNull: last.ssrNull,
      ssr: model.ssr,
      residualDf: model.residualDf,
      sigma2: model.ssr / model.residualDf,
      candidates: last.values.length,
      distinctValues: fit.distinctValues,
      denominator,
    },
    sample: { rows: sample.rows, entities: sample.entities, periods: sample.periods, dropped: [...sample.dropped] },
    profiles: profiles.map(({ values, ratios }) => thinnedProfile(values, ratios)),
    variables: { outcome: sample.outcome.name, threshold: sample.threshold.name },
    conventions: conventions(params),
    warnings: warningsFor({
      entities: sample.entities,
      periods: sample.periods,
      replications: params.bootstrap.replications,
      switching,
      candidates: last.values.length,
      unidentified: last.prepared.unidentified,
      intervals: thresholds.flatMap(({ intervals }) => intervals),
    }),
  };
}

/** Rows and entities of each regime, and how many entities are in more than one. */
function countRegimes({ entity, entities, threshold: { values } }: ThresholdSample, thresholds: readonly number[]) {
  const regime = regimesOf(values, thresholds);
  const rows = new Array<number>(thresholds.length + 1).fill(0);
  const present = rows.map(() => new Set<number>());
  for (let row = 0; row < regime.length; row++) {
    rows[regime[row]]++;
    present[regime[row]].add(entity[row]);
  }
  const memberships = new Uint32Array(entities);
  for (const set of present) for (const e of set) memberships[e]++;
  return {
    regimes: rows.map((count, g) => ({ regime: g + 1, rows: count, entities: present[g].size })),
    switching: memberships.filter((count) => count > 1).length,
  };
}
