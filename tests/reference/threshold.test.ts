import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSpec, panelFromCsv, registry, runLocally } from '@spillway/core';

/**
 * The reference cases of panel threshold regression: independent brute force on Hansen's (1999) investment data and Munnell's
 * states, and what the paper, its program and xthreg print. `SPILLWAY_REFERENCE` names the folder that holds `threshold/`.
 */
const folder = process.env.SPILLWAY_REFERENCE ? join(process.env.SPILLWAY_REFERENCE, 'threshold') : null;
const present = folder !== null && existsSync(join(folder, 'cases.json'));

interface Request {
  readonly dataset: { readonly entity: string; readonly time: string };
  readonly params: Readonly<Record<string, unknown>>;
}

const hansen: Request = {
  dataset: { entity: 'firm', time: 'year' },
  params: {
    formula: 'i ~ L.q + I(L.q^2) + I(L.q^3) + L.d + L.q:L.d | firm',
    thresholdVariable: 'L.d',
    regimeRegressors: ['L.c'],
    trim: 0.01,
  },
};
const produc: Request = {
  dataset: { entity: 'state', time: 'year' },
  params: {
    formula: 'log(gsp) ~ log(pc) + log(emp) | state',
    thresholdVariable: 'unemp',
    regimeRegressors: ['log(pcap)'],
    trim: 0.05,
  },
};

/** Cases that run, by id. */
const requests: Readonly<Record<string, Request>> = { 'hansen-exact-single': hansen, 'produc-exact-single': produc };

/** Cases that the analysis cannot run yet, and what is missing. */
const notYet: Readonly<Record<string, string>> = {
  'hansen-exact-double': 'two thresholds',
  'hansen-exact-triple': 'three thresholds',
  'produc-exact-double': 'two thresholds',
  'produc-exact-triple': 'three thresholds',
  'hansen-grid400-full': 'a quantile grid',
  'hansen-archive-droplast': 'the conventions of the author’s program',
  'hansen-published-paper': 'the conventions of the author’s program',
  'hansen-xthreg-published': 'the conventions of xthreg',
};

/** Expected values that are known defects of a peer: ours must differ from them. None among the cases that run. */
const peerDefect: Readonly<Record<string, string>> = {};

interface Slope {
  readonly est: number;
  readonly se: number;
  readonly se_white_hc0: number;
  readonly se_cluster_cr0: number;
  readonly se_cluster_stata: number;
}

interface Draws {
  readonly B: number;
  readonly p: number;
  readonly crit10: number;
  readonly crit5: number;
  readonly crit1: number;
}

interface Expected {
  readonly n: number;
  readonly nt: number;
  readonly n_distinct_q: number;
  readonly sigma2_denominator: number;
  readonly linear: {
    readonly ssr0: number;
    readonly coef: Readonly<Record<string, Slope>>;
  };
  readonly n_candidates: number;
  readonly gamma_le: number;
  readonly ssr: number;
  readonly ssr_runner_up: number;
  readonly F1: number;
  readonly regime_n: readonly number[];
  readonly df_resid: number;
  readonly sigma2: number;
  readonly coef: Readonly<Record<string, Slope>>;
  readonly ssr_profile: readonly (readonly [number, number, number])[];
  readonly bootstrap_resid_H1: Draws;
  readonly bootstrap_resid_H0: Draws;
  readonly bootstrap_wild_cluster_H0: Draws;
  readonly [name: string]: unknown;
}

interface Case {
  readonly id: string;
  readonly dataset: string;
  readonly expected: Expected;
}

const cases: readonly Case[] = present ? JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases : [];

interface Coefficient {
  readonly estimate: number;
  readonly standardError: number;
  readonly alternatives: readonly { readonly covariance: string; readonly standardError: number }[];
}

/** Runs a case through the entry point of every job. */
function run({ id, dataset }: Case, changes: Readonly<Record<string, unknown>>) {
  const request = requests[id];
  const panel = panelFromCsv(readFileSync(join(folder!, dataset)), request.dataset);
  const params = { ...request.params, ...changes };
  const spec = makeSpec(registry, { analysis: 'threshold', dataset: id, params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** Relative 1e-8, the tolerance of the cases: four digits above what two orders of summation differ by on these data. */
function expectClose(got: number, wanted: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-8 * Math.abs(wanted));
}

function expectSlopes(
  got: readonly Coefficient[],
  wanted: Readonly<Record<string, Slope>>,
  rows: number,
  clusters: number,
): void {
  const slopes = Object.values(wanted);
  expect(got).toHaveLength(slopes.length);
  const factor = (clusters / (clusters - 1)) * ((rows - 1) / (rows - slopes.length - 1));
  for (const [j, slope] of slopes.entries()) {
    const { estimate, standardError, alternatives } = got[j];
    const of = (kind: string) => alternatives.find(({ covariance }) => covariance === kind)!.standardError;
    expectClose(estimate, slope.est);
    expectClose(standardError, slope.se_cluster_stata);
    expectClose(standardError / Math.sqrt(factor), slope.se_cluster_cr0);
    expectClose(of('classical'), slope.se);
    expectClose(of('hc0'), slope.se_white_hc0);
  }
}

if (!present) {
  test('reference cases of threshold regression', () => {
    process.stderr.write(
      'threshold reference cases: ABSENT, none checked. Set SPILLWAY_REFERENCE to the folder that holds them.\n',
    );
  });
} else {
  test('every case is run, or said not to be', () => {
    const known = [...Object.keys(requests), ...Object.keys(notYet)].sort();
    expect(cases.map(({ id }) => id).sort()).toEqual(known);
    expect(Object.keys(peerDefect).every((id) => id in requests)).toBe(true);
  });
}

for (const one of cases.filter(({ id }) => id in requests)) {
  const { expected } = one;

  test(`${one.id}: estimate, F, sets, slopes and every kind of error`, () => {
    const result = run(one, {
      bootstrap: { replications: 0 },
      levels: [0.9, 0.95, 0.99],
      covariance: ['cluster', 'classical', 'hc0'],
    });
    const { n, nt } = expected;
    expect(result.sample).toMatchObject({ rows: nt, entities: n });
    expect(result.fit).toMatchObject({
      candidates: expected.n_candidates,
      distinctValues: expected.n_distinct_q,
      denominator: expected.sigma2_denominator,
      residualDf: expected.df_resid,
    });
    expectClose(result.linear.ssr, expected.linear.ssr0);
    expectClose(result.fit.ssrNull, expected.linear.ssr0);
    expectClose(result.fit.ssr, expected.ssr);
    expectClose(result.fit.sigma2, expected.sigma2);
    expectClose(result.tests[0].f, expected.F1);
    expect(result.thresholds[0].estimate).toBeCloseTo(expected.gamma_le, 12);
    for (const [k, level] of [90, 95, 99].entries()) {
      const set = result.thresholds[0].intervals[k];
      const [lower, upper] = expected[`ci${level}`] as [number, number];
      expect(set.candidates).toBe(expected[`ci${level}_n_in_set`]);
      expect(set.lower).toBeCloseTo(lower, 12);
      expect(set.upper).toBeCloseTo(upper, 12);
    }
    expect(result.regimes.map(({ rows }: { rows: number }) => rows)).toEqual(expected.regime_n);
    expectSlopes(result.linear.coefficients, expected.linear.coef, nt, n);
    expectSlopes(result.coefficients, expected.coef, nt, n);
  });

  test(`${one.id}: the profile of the likelihood ratio`, () => {
    const { profiles, fit } = run(one, { bootstrap: { replications: 0 } });
    const { values, ratios } = profiles[0] as { values: number[]; ratios: number[] };
    const toRatio = (ssr: number) => (ssr - expected.ssr) / (expected.ssr / fit.denominator);
    // A ratio is a difference of sums of squares: their last digits, times the denominator, are what it can be off by.
    const tolerance = 1e-9 * fit.denominator;
    let checked = 0;
    for (const [value, ssr, ratio] of expected.ssr_profile) {
      const at = values.findIndex((candidate) => Math.abs(candidate - value) < 1e-9);
      if (at < 0) continue; // left out of a long profile
      expect(Math.abs(ratios[at] - ratio)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(ratios[at] - toRatio(ssr))).toBeLessThanOrEqual(tolerance);
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
    if (profiles[0].thinned) return;
    const runnerUp = [...ratios].sort((a, b) => a - b)[1];
    expect(Math.abs(runnerUp - toRatio(expected.ssr_runner_up))).toBeLessThanOrEqual(tolerance);
  });

  const B = 1999;
  const bootstraps = [
    ['residual-blocks', 'restricted', expected.bootstrap_resid_H0],
    ['residual-blocks', 'unrestricted', expected.bootstrap_resid_H1],
    ['wild-entity', 'restricted', expected.bootstrap_wild_cluster_H0],
  ] as const;
  for (const [method, residuals, draws] of bootstraps) {
    test(`${one.id}: p and critical values, ${method}, ${residuals} residuals`, () => {
      const result = run(one, { bootstrap: { replications: B, methods: [method], residuals } });
      const [got] = result.tests[0].bootstraps;
      // Both sides are draws: four standard errors of their difference, and 0.005 as the cases say.
      const tolerance = 4 * Math.sqrt(draws.p * (1 - draws.p) * (1 / B + 1 / draws.B)) + 0.005;
      expect(Math.abs(got.pValue - draws.p)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(got.criticalValues['0.10'] / draws.crit10 - 1)).toBeLessThanOrEqual(0.15);
      expect(Math.abs(got.criticalValues['0.05'] / draws.crit5 - 1)).toBeLessThanOrEqual(0.15);
      expect(Math.abs(got.criticalValues['0.01'] / draws.crit1 - 1)).toBeLessThanOrEqual(0.15);
    });
  }
}
