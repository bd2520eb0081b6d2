import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adjustedCriticalT,
  adjustFor,
  benchmarkBound,
  buildPanel,
  eValue,
  extremeRobustnessValue,
  impactThreshold,
  invertedRobustnessValue,
  makeSpec,
  type Panel,
  panelFromCsv,
  partialR2,
  registry,
  replacement,
  riskRatioOfSlope,
  robustnessValue,
  runLocally,
  type SensitivityResult,
  studentTQuantile,
} from '@spillway/core';
import { type ReferenceCase, referenceArea } from '../harness/reference-cases.js';

/**
 * Sensitivity to omitted variables against R's sensemakr 0.1.6, robomit 1.0.7 (psacalc), konfound 1.0.3 and VanderWeele & Ding.
 * `SPILLWAY_REFERENCE` names the folder that holds `sensitivity/`.
 */
const { folder, present, cases, caseOf } = referenceArea('sensitivity', 'sensitivity analysis');

/** Every case of the area: what is compared here … */
const cinelliHazlett = [
  'ch-darfur-female-123',
  'ch-darfur-ky-neq-kd',
  'ch-darfur-q05-alpha01',
  'ch-darfur-increase',
  'ch-darfur-group-benchmark',
  'twfe-fatalities-lincome-123',
  'twfe-fatalities-multi',
  'twfe-produc-123',
  'oneway-produc',
];
const oster = [
  'oster-mtcars-rmax09',
  'oster-mtcars-delta05',
  'oster-darfur-13',
  'oster-fatalities-twfe-overallR2',
  'oster-fatalities-twfe-withinR2',
  'oster-produc-within-lpcap',
  'oster-produc-within-lpc',
  'oster-produc-within-unemp',
];
const formulas = ['rv-numeric-table', 'ovb-adjusted-critical-value', 'bound-numeric-table', 'itcv-rir-table', 'evalue'];
const tested = [...cinelliHazlett, 'twfe-produc-lemp-capped', ...oster, ...formulas];
/** … what another test file compares, and says so by its id … */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'resampling.test.ts': [
    'loo-state-fatalities',
    'loo-year-fatalities',
    'placebo-state-paths-fatalities',
    'placebo-rows-vs-blocks',
    'placebo-exact-did-grunfeld',
    'placebo-in-time-grunfeld',
    'wcb-enum-grunfeld-lc',
    'wcb-enum-grunfeld-lv',
    'wcb-enum-grunfeld-did',
    'wcb-fatalities-9999',
  ],
  'sweep.test.ts': ['speccurve-darfur-1024', 'speccurve-darfur-null-inference'],
};
/** … and what waits for an analysis. */
const later: Readonly<Record<string, string>> = {};
const notYet: Readonly<Record<string, string>> = {};
const peerDefect: Readonly<Record<string, string>> = {};

const maybe = present ? describe : describe.skip;

function run(params: Readonly<Record<string, unknown>>, panel: Panel): SensitivityResult {
  const spec = makeSpec(registry, { analysis: 'sensitivity', dataset: 'reference', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** A cross-section: each row an entity of its own. */
function rowsAsEntities(file: string): Panel {
  const [head, ...lines] = readFileSync(join(folder, file), 'utf8').replaceAll('"', '').trim().split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => line.split(','));
  return buildPanel({
    entity: { name: 'row', values: rows.map((_, i) => `r${String(i).padStart(5, '0')}`) },
    time: { name: 'occasion', values: rows.map(() => '1') },
    columns: names.flatMap((name, j) =>
      rows.every((row) => Number.isFinite(Number(row[j])))
        ? [{ name, values: Float64Array.from(rows, (row) => Number(row[j])) }]
        : [],
    ),
  });
}

const panels = new Map<string, Panel>();
function panelOf(file: string): Panel {
  const crossSection = file === 'darfur.csv' || file === 'mtcars.csv';
  const made =
    panels.get(file) ??
    (crossSection ? rowsAsEntities(file) : panelFromCsv(readFileSync(join(folder, file)), { entity: 'state', time: 'year' }));
  panels.set(file, made);
  return made;
}

function close(got: number, wanted: number, relative = 1e-6): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + (wanted === 0 ? 1e-9 : 0));
}

/** The case's words as a request. */
function requestOf({ spec }: ReferenceCase): Record<string, unknown> {
  const effects = spec.fe === undefined ? [] : [].concat(spec.fe);
  const formula = `${spec.y} ~ ${[spec.treatment, ...spec.controls].join(' + ')}${effects.length > 0 ? ` | ${effects.join(' + ')}` : ''}`;
  const groups = spec.benchmark_groups;
  const benchmarks = groups
    ? Object.entries(groups).map(([name, terms]) => ({ name, terms }))
    : ([] as string[]).concat(spec.benchmark);
  return {
    formula,
    benchmarks,
    ...(spec.kd === undefined ? {} : { kd: [].concat(spec.kd) }),
    ...(Array.isArray(spec.ky) ? { ky: spec.ky } : {}),
    ...(spec.q === undefined ? {} : { q: spec.q }),
    ...(spec.alpha === undefined ? {} : { level: 1 - spec.alpha }),
    ...(spec.reduce === undefined ? {} : { reduce: spec.reduce }),
    singletons: 'keep',
  };
}

test('every case of the area is accounted for, once', () => {
  const others = Object.entries(elsewhere);
  for (const [file, ids] of others) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    for (const id of ids) expect(text).toContain(`'${id}'`);
  }
  const listed = [
    ...tested,
    ...others.flatMap(([, ids]) => ids),
    ...Object.keys(later),
    ...Object.keys(notYet),
    ...Object.keys(peerDefect),
  ];
  expect(new Set(listed).size).toBe(listed.length);
  if (present) expect(cases.map(({ id }) => id).sort()).toEqual([...listed].sort());
  else expect(listed).toHaveLength(35);
});

maybe('Cinelli & Hazlett: sensemakr', () => {
  test.each(cinelliHazlett)('%s', (id) => {
    const reference = caseOf(id);
    const { expected, spec } = reference;
    const result = run(requestOf(reference), panelOf(reference.dataset!));
    const { treatment, statistics, bounds } = result;
    expect(result.sample.rows).toBe(expected.nobs);
    expect(treatment.df).toBe(expected.dof);
    close(treatment.estimate, expected.estimate);
    close(treatment.standardError, expected.se_iid);
    close(treatment.statistic, expected.t);
    close(statistics.partialR2, expected.r2yd_x);
    close(statistics.partialF2, expected.f2yd_x);
    close(statistics.robustnessValue, expected.rv_q);
    close(statistics.robustnessValueAlpha, expected.rv_qa);
    close(statistics.extremeRobustnessValue, expected.xrv_q);
    close(statistics.extremeRobustnessValueAlpha, expected.xrv_qa);
    if (expected.h0 !== undefined) {
      close(treatment.hypothesis, expected.h0);
      close(treatment.statisticOfHypothesis, expected.t_h0);
    }
    expect(bounds.map(({ label }) => label)).toEqual(expected.bounds.map((row: { bound_label: string }) => row.bound_label));
    for (const [i, row] of expected.bounds.entries()) {
      close(bounds[i].treatmentShare, row.r2dz_x);
      close(bounds[i].outcomeShare, row.r2yz_dx);
      close(bounds[i].estimate, row.adjusted_estimate);
      close(bounds[i].standardError, row.adjusted_se);
      close(bounds[i].statistic, row.adjusted_t);
      close(bounds[i].lowerFullDf, row.adjusted_lower_CI);
      close(bounds[i].upperFullDf, row.adjusted_upper_CI);
      close(bounds[i].lower, row.ci_dofminus1_lower);
      close(bounds[i].upper, row.ci_dofminus1_upper);
    }
    const concern = { q: spec.q ?? 1, reduce: spec.reduce ?? true };
    for (const row of [...(expected.contour_grid ?? []), ...(expected.extreme_scenario ?? [])]) {
      const adjusted = adjustFor(treatment, { treatment: row.r2dz_x, outcome: row.r2yz_dx }, concern);
      close(adjusted.estimate, row.adjusted_estimate);
      if (row.adjusted_se !== undefined) close(adjusted.standardError, row.adjusted_se);
      if (row.adjusted_t !== undefined) close(adjusted.statistic, row.adjusted_t);
    }
  });

  test('twfe-produc-lemp-capped', () => {
    const reference = caseOf('twfe-produc-lemp-capped');
    const result = run({ ...requestOf(reference), kd: [1, 2, 3] }, panelOf(reference.dataset!));
    const rows = result.bounds;
    for (const [i, row] of reference.expected.bounds.entries()) {
      expect(rows[i]).toMatchObject({
        label: row.bound_label,
        capped: true,
        statistic: null,
        staysSignificant: null,
        failure: null,
      });
      close(rows[i].treatmentShare, row.r2dz_x);
      close(rows[i].outcomeShare, row.r2yz_dx);
      close(rows[i].estimate, row.adjusted_estimate);
      expect(rows[i].standardError).toBe(0);
    }
    expect(rows[2]).toMatchObject({ label: '3x lemp', estimate: null, failure: { code: 'multiple_too_high' } });
    expect(rows[2].failure!.message).toContain('at most 2.79 times is possible');
    expect(result.verdict.join(' ')).toContain('too strong');
  });

  test('rv-numeric-table', () => {
    const { rows } = caseOf('rv-numeric-table').expected;
    expect(rows.length).toBeGreaterThan(0);
    for (const { t, dof, q, alpha, rv_q, rv_qa, riv_a_invert, xrv_qa, partial_r2 } of rows) {
      close(robustnessValue(t, dof, q), rv_q);
      close(robustnessValue(t, dof, q, alpha), rv_qa);
      close(invertedRobustnessValue(t, dof, alpha, q), riv_a_invert);
      close(extremeRobustnessValue(t, dof, q, alpha), xrv_qa);
      close(partialR2(t, dof), partial_r2);
    }
  });

  test('ovb-adjusted-critical-value', () => {
    const { expected, spec } = caseOf('ovb-adjusted-critical-value');
    for (const { r2dz, r2yz, dof, t_dagger_max, t_dagger_nomax } of expected.rows) {
      close(adjustedCriticalT({ treatment: r2dz, outcome: r2yz }, dof, spec.alpha), t_dagger_max);
      close(adjustedCriticalT({ treatment: r2dz, outcome: r2yz }, dof, spec.alpha, false), t_dagger_nomax);
    }
  });

  test('bound-numeric-table', () => {
    const { rows, errors } = caseOf('bound-numeric-table').expected;
    for (const { r2dxj, r2yxj, kd, ky, r2dz_x, r2yz_dx } of rows) {
      const bound = benchmarkBound({ treatment: r2dxj, outcome: r2yxj }, kd, ky);
      if (!bound.possible) throw new Error(bound.reason);
      close(bound.strength.treatment, r2dz_x);
      close(bound.strength.outcome, r2yz_dx);
      expect(bound.capped).toBe(r2yz_dx === 1);
    }
    for (const { r2dxj, r2yxj, kd } of errors)
      expect(benchmarkBound({ treatment: r2dxj, outcome: r2yxj }, kd, kd)).toMatchObject({ possible: false });
  });
});

maybe('traps', () => {
  const fatalities = () => requestOf(caseOf('twfe-fatalities-lincome-123'));
  const panel = () => panelOf('fatalities.csv');

  test('1: degrees of freedom count every effect: leaving them out moves RV_α, not RV', () => {
    const { treatment, statistics } = run(fatalities(), panel());
    close(statistics.robustnessValueAlpha, 0.0430782881426);
    // the same fault in error and df: t·√(277/331) hides in RV and shows in RV_α (5.28 %); in df alone in both
    const scaled = treatment.standardError * Math.sqrt(treatment.df / 331);
    close(robustnessValue(treatment.estimate / scaled, 331), statistics.robustnessValue, 1e-12);
    expect(robustnessValue(treatment.estimate / scaled, 331, 1, 0.05)).toBeCloseTo(0.0528, 4);
    expect(robustnessValue(treatment.statistic, 331)).toBeCloseTo(0.138, 3);
    expect(robustnessValue(treatment.statistic, 331, 1, 0.05)).toBeCloseTo(0.0396, 4);
  });

  test('2: a clustered t stands beside and enters nothing; the warning says that there is no significance to lose', () => {
    const clustered = run(fatalities(), panel());
    const classical = run({ ...fatalities(), covariance: 'classical' }, panel());
    expect(clustered.statistics).toEqual(classical.statistics);
    expect(clustered.bounds).toEqual(classical.bounds);
    close(clustered.errors[0].statistic, caseOf('placebo-state-paths-fatalities').expected.t_cluster);
    const all = run({ ...fatalities(), covariance: { kind: 'cluster', smallSample: 'areg' } }, panel());
    close(all.errors[0].statistic, caseOf('wcb-fatalities-9999').expected.t);
    expect(clustered.warnings.join(' ')).toMatch(
      /Errors clustered by state: the estimate is not significant .* there is none to lose/,
    );
    expect(classical.warnings.join(' ')).not.toContain('none to lose');
    expect(classical.errors).toEqual([]);
  });

  test('3: two intervals, with df − 1 and with df, each by name', () => {
    const { bounds, conventions } = run(fatalities(), panel());
    const [{ estimate, standardError, lower, lowerFullDf }] = bounds;
    close(lower, estimate + studentTQuantile(0.025, 276) * standardError, 1e-12);
    close(lowerFullDf, estimate + studentTQuantile(0.025, 277) * standardError, 1e-12);
    expect(conventions.join(' ')).toContain('df − 1 = 276');
  });

  test('4: a negative estimate is pulled up to 0, and keeps its sign in tables', () => {
    const { treatment, bounds } = run(fatalities(), panel());
    for (const { estimate, statistic } of bounds) {
      expect(estimate).toBeGreaterThan(treatment.estimate);
      expect(statistic).toBeLessThan(0);
    }
    expect(bounds.map(({ keepsSign, staysSignificant }) => [keepsSign, staysSignificant])).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ]);
  });

  test('5: an impossible multiple loses its own row', () => {
    const { bounds } = run({ ...fatalities(), benchmarks: ['lincome'], kd: [1, 1000, 2] }, panel());
    expect(bounds.map(({ failure }) => failure === null)).toEqual([true, false, true]);
  });

  test('6: with q = 0.5 the adjusted t is of b/2; RV, partial R² and intervals stay those of t = b/se', () => {
    const reference = caseOf('ch-darfur-q05-alpha01');
    const half = run(requestOf(reference), panelOf('darfur.csv'));
    const whole = run({ ...requestOf(reference), q: 1 }, panelOf('darfur.csv'));
    expect(half.statistics.partialR2).toBe(whole.statistics.partialR2);
    expect(half.bounds.map(({ lower }) => lower)).toEqual(whole.bounds.map(({ lower }) => lower));
    expect(half.bounds[0].statistic).toBeLessThan(whole.bounds[0].statistic);
    expect(half.conventions.join(' ')).toContain('H₀: τ = b(1 − 0.5)');
  });

  test('at 3 × female the sign survives and significance does not: two answers', () => {
    const reference = caseOf('ch-darfur-female-123');
    const { bounds, verdict } = run(requestOf(reference), panelOf('darfur.csv'));
    expect(bounds[2]).toMatchObject({ keepsSign: true, staysSignificant: false });
    expect(verdict.join(' ')).toContain('keeps its sign in all 3; it stays significant at 5 % in 2 of 3');
    expect(verdict.join(' ')).toContain(
      '1× and 2×: keeps its sign and stays significant (t = 3.44, 2.60); 3×: keeps its sign, not significant (t = 1.63)',
    );
  });

  test('not significant to begin with: the inverted RV', () => {
    const reference = caseOf('oneway-produc');
    const { verdict, statistics } = run(requestOf(reference), panelOf('produc.csv'));
    expect(statistics.invertedRobustnessValue).toBeGreaterThan(0);
    expect(verdict.join(' ')).toContain('there is no significance to lose');
    expect(verdict.join(' ')).toContain('the sign changes, significantly');
  });
});

maybe('Oster: robomit (psacalc)', () => {
  test.each(oster)('%s', (id) => {
    const reference = caseOf(id);
    const { spec, expected } = reference;
    const effects = spec.unrelated ? ' | state + year' : '';
    const formula = `${spec.y} ~ ${[spec.x, ...spec.controls].join(' + ')}${effects}`;
    const params = { delta: spec.delta, beta: spec.beta, ...(spec.rmax === undefined ? {} : { rMax: spec.rmax }) };
    const result = run({ formula, oster: params }, panelOf(reference.dataset!));
    const within = /within/.test(spec.rmax_rule ?? '');
    const got = result.oster.find(({ r2 }) => r2 === (within ? 'within' : 'overall'))!;
    expect(result.oster).toHaveLength(effects === '' ? 1 : 2);
    close(result.osterRequest.shortEstimate, expected.b_uncontrolled);
    close(result.treatment.estimate, expected.b_controlled);
    close(got.shortR2, expected.r2_uncontrolled);
    close(got.longR2, expected.r2_controlled);
    close(got.outcomeVariance, expected.sigma_yy);
    close(got.treatmentVariance, expected.sigma_xx);
    close(got.residualVariance, expected.tau_x);
    close(got.rMax, expected.rmax);
    close(got.betaStar, expected.beta_star);
    close(got.betaApproximate, expected.beta_star_approx);
    close(got.deltaStar, expected.delta_star);
    for (const [i, side] of expected.identified_set.entries()) close(got.identifiedSet[i], side);
    close(result.altonjiElderTaber, expected.aet_ratio);
    for (const other of ([] as number[]).concat(expected.beta_star_other))
      close(got.betaSolutions.toSorted((a, b) => Math.abs(a - other) - Math.abs(b - other))[0], other);
    expect(got.betaSolutions).toHaveLength(1 + ([] as number[]).concat(expected.beta_star_other).length);
  });

  test('a negative δ* is never called fragile', () => {
    const { verdict } = run({ formula: 'lgsp ~ lpcap + lpc + lemp + unemp | state + year' }, panelOf('produc.csv'));
    expect(verdict.join(' ')).toContain('the controls turned the sign (0.4322 without the controls, -0.03018 with them)');
    expect(verdict.join(' ')).not.toMatch(/fragile|times as strong as that on the controls/);
  });
});

maybe('konfound and the E-value', () => {
  test('itcv-rir-table', () => {
    const { expected, spec } = caseOf('itcv-rir-table');
    for (const { b, se, n, k, ...wanted } of expected.rows) {
      const df = n - k - 2;
      const impact = impactThreshold(b / se, df, spec.alpha);
      const rir = replacement(b, se, df, n, spec.alpha);
      close(impact.impact, wanted.itcv);
      close(impact.componentCorrelation, wanted.r_con);
      close(impact.correlation, wanted.obs_r);
      close(impact.criticalCorrelation, wanted.crit_r);
      close(rir.threshold, wanted.beta_threshold);
      close(100 * rir.share, wanted.pct_bias);
      expect(rir.rows).toBe(wanted.RIR);
    }
  });

  test('evalue', () => {
    const { rr, ols } = caseOf('evalue').expected;
    for (const { est, lo, hi, evalue, evalue_ci } of rr) {
      const got = eValue(est, lo, hi);
      close(got.estimate, evalue);
      close(got.limit, evalue_ci);
    }
    for (const { b, se, sd_y, delta, ...wanted } of ols) {
      const approximate = riskRatioOfSlope(b, se, sd_y, delta);
      close(approximate.standardised, wanted.d);
      close(approximate.ratio, wanted.rr);
      close(approximate.lower, wanted.rr_lo);
      close(approximate.upper, wanted.rr_hi);
      const got = eValue(approximate.ratio, approximate.lower, approximate.upper);
      close(got.estimate, wanted.evalue);
      close(got.limit, wanted.evalue_ci);
    }
  });

  test('a job’s degrees of freedom: konfound’s n − k − 2 with every effect in k', () => {
    const {
      impactThreshold: impact,
      replacement: rir,
      treatment,
    } = run({ formula: 'frate ~ beertax + unemp + lincome + miles + drinkage | state + year' }, panelOf('fatalities.csv'));
    close(impact.impact, impactThreshold(treatment.statistic, 336 - 57 - 2, 0.05).impact, 1e-12);
    expect(rir.rows).toBe(replacement(treatment.estimate, treatment.standardError, 277, 336, 0.05).rows);
  });
});
