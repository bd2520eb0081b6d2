import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adfRegression,
  calendarSeries,
  cips,
  type Deterministic,
  dickeyFullerP,
  evaluateTerm,
  fisherTests,
  makeSpec,
  normalQuantile,
  type Panel,
  panelFromCsv,
  parseTerm,
  phillipsPerron,
  type RootsTest,
  registry,
  runLocally,
  type UnitRootsResult,
} from '@spillway/core';
import { type ReferenceCase, referenceArea } from '../harness/reference-cases.js';
import { defectsIn, testedIn } from './panel-ledger.js';

/**
 * Unit roots and cointegration against R's plm and urca, gretl, and Kao's formulas. `SPILLWAY_REFERENCE` names the folder that holds
 * `panel/`. Statistics agree to the last digits; p-values come from other simulations than MacKinnon's, whose tables are not free to
 * ship, and agree as far as the two were simulated.
 */
const { folder, present, caseOf } = referenceArea('panel', 'unit roots and cointegration');

const adfCases = [
  ...['intercept', 'trend'].flatMap((kind) => [0, 1, 2].map((lags) => `ur-grunfeld-inv-${kind}-lags-${lags}`)),
  ...['SIC', 'AIC'].map((rule) => `ur-grunfeld-capital-sic-intercept-lags-${rule}`),
  ...['ur-grunfeld4-value-intercept-lags-1', 'ur-grunfeld-inv-none-none-lags-1', 'ur-grunfeld-dinv-intercept-lags-1'],
];
const cipsCases = ['cips-grunfeld-inv', 'cips-produc-lgsp'];
const kaoCases = ['kao-grunfeld-bw2-p1', 'kao-grunfeld4-bw1-p1'];

test('the cases run are those that the ledger gives to this file', () => {
  const ids = [...adfCases, ...cipsCases, ...kaoCases, 'mackinnon1996-pvalues', 'seed-adf-fisher'];
  expect(ids.sort()).toEqual(testedIn('unit-roots.test.ts').sort());
  expect(defectsIn('unit-roots.test.ts').sort()).toEqual([...cipsCases].sort());
});

function panelOf({ dataset, datasetNote, spec }: ReferenceCase): Panel {
  const text = readFileSync(join(folder, dataset), 'utf8');
  const [head, ...rows] = text.trim().split('\n');
  const kept = datasetNote === '(firm<=4)' ? rows.filter((row) => Number(row.split(',')[0].replaceAll('"', '')) <= 4) : rows;
  return panelFromCsv(Buffer.from([head, ...kept].join('\n')), { entity: spec.entity, time: spec.time });
}

function run(reference: ReferenceCase, params: Readonly<Record<string, unknown>>): UnitRootsResult {
  const job = makeSpec(registry, { analysis: 'unit-roots', dataset: reference.dataset, params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, job, { panel: panelOf(reference) }).result));
}

const find = (tests: readonly RootsTest[], name: string) => {
  const entry = tests.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no test ${name}`);
  return entry;
};

function close(got: number, wanted: number, relative = 1e-8): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

/** A tail far out is an exponential of the statistic: errors of 1e-12 there are errors of 1e-10 in ln p. */
function closeP(got: number, wanted: number): void {
  if (wanted < 1e-300) expect(got).toBeLessThan(1e-300);
  else expect(Math.abs(Math.log(got / wanted))).toBeLessThanOrEqual(1e-6 * Math.abs(Math.log(wanted)) + 1e-14);
}

/**
 * p from our simulations and from MacKinnon's: to .0004, at n = 10 to .004, and on the normal scale. Both have Monte Carlo errors, his from
 * 10⁷ draws a sample size, and his surfaces run on below n = 20, where he simulated none; tails below 5e-5 neither has simulated.
 */
function nearMacKinnon(got: number, wanted: number, n: number): void {
  expect(Math.abs(got - wanted)).toBeLessThan(n > 10 ? 4e-4 : 4e-3);
  const tail = Math.min(wanted, 1 - wanted);
  const bound = tail < 5e-5 ? 0.3 : tail < 1e-3 ? 0.1 : n >= 20 ? 0.005 : n > 10 ? 0.01 : 0.035;
  expect(Math.abs(normalQuantile(got) - normalQuantile(wanted))).toBeLessThan(bound);
}

test('Phillips–Perron: tseries, which has n² where the regression has n√(n² − 1) in its second term', () => {
  const fixture: readonly { firm: string; statistic: number; lags: number }[] = JSON.parse(
    readFileSync(new URL('../fixtures/phillips-perron.json', import.meta.url), 'utf8'),
  );
  const data = readFileSync(new URL('../../data/grunfeld.csv', import.meta.url));
  const panel = panelFromCsv(data, { entity: 'firm', time: 'year' });
  const all = calendarSeries(panel, evaluateTerm(parseTerm('inv'), panel));
  expect(all).toHaveLength(fixture.length);
  for (const [i, { firm, statistic, lags }] of fixture.entries()) {
    expect(all[i].entity).toBe(firm);
    const { t, rows, variance, longRun } = phillipsPerron(all[i].values, 'trend', lags);
    const first = Math.sqrt(variance / longRun) * adfRegression(all[i].values, 'trend', 0).t;
    close(first - ((first - t) * rows) / Math.sqrt(rows ** 2 - 1), statistic);
  }
});

const maybe = present ? describe : describe.skip;

maybe('ADF, Fisher, LLC and IPS', () => {
  test.each(adfCases)('%s', (id) => {
    const reference = caseOf(id);
    const { spec, expected } = reference;
    const variable = spec.variable === 'dinv' ? 'D.inv' : spec.variable;
    const lags = typeof spec.lags === 'number' ? { lags: spec.lags } : { lags: spec.lags.toLowerCase(), maxLags: 4 };
    const params = { variables: [variable], deterministic: spec.exo, ...lags };
    const { series } = run(reference, params);
    const [{ entities, tests }] = series;
    expect(entities.map(({ entity }) => entity)).toEqual(Object.keys(expected.individual));
    for (const { entity, adf } of entities) {
      const wanted = expected.individual[entity];
      close(adf!.coefficient, wanted.rho);
      close(adf!.t, wanted.t);
      expect([adf!.lags, adf!.rows]).toEqual([wanted.lags, wanted.nobs]);
      nearMacKinnon(adf!.pValue, wanted.p_mackinnon96_finite, wanted.nobs);
      nearMacKinnon(adf!.pAsymptotic, wanted.p_mackinnon96_asymptotic, 20);
      nearMacKinnon(dickeyFullerP(adf!.t, spec.exo, Math.max(20, wanted.nobs)), wanted.p_mackinnon96_finite_floor20, 20);
      // plm divides by n unless told otherwise: another t, by √(n/(n − k)), and not ours
      close(adf!.t * Math.sqrt(wanted.nobs / wanted.df_resid), wanted.t_plm_dfcor_false);
    }
    compareFisher(tests, expected);
    comparePooled(reference, params, tests);
  });

  /** The combination to the last digit from the same p; from our own p as near as those are. */
  function compareFisher(tests: readonly RootsTest[], expected: ReferenceCase): void {
    const columns = [
      ['p_mackinnon96_finite', expected.fisher_finite_p],
      ['p_mackinnon96_asymptotic', expected.fisher_asymptotic_p],
    ] as const;
    for (const [column, wanted] of columns) {
      const p = Object.values<ReferenceCase>(expected.individual).map((entity) => entity[column]);
      const { chiSquared, inverseNormal, logit, modified } = fisherTests(p);
      close(chiSquared.statistic, wanted.chi2);
      expect(chiSquared.df).toBe(wanted.df);
      closeP(chiSquared.pValue, wanted.p);
      // of a p within 1e-12 of 1, 1 − p has four digits
      close(inverseNormal.statistic, wanted.choi_z, 1e-5);
      expect(Math.abs(inverseNormal.pValue - wanted.choi_p)).toBeLessThan(1e-5 * wanted.choi_p);
      close(modified.statistic, wanted.pm);
      closeP(modified.pValue, wanted.pm_p);
      close(logit.statistic, wanted.logit, 1e-5);
      expect(logit.df).toBe(wanted.logit_df);
      closeP(logit.pValue, wanted.logit_p);
    }
    const [finite, asymptotic] = [expected.fisher_finite_p, expected.fisher_asymptotic_p];
    const chi2 = find(tests, 'adf-fisher-chi2');
    expect(Math.abs(chi2.statistic - finite.chi2)).toBeLessThan(0.005 * finite.chi2 + 0.02);
    expect(Math.abs(chi2.asymptotic!.statistic - asymptotic.chi2)).toBeLessThan(0.005 * asymptotic.chi2 + 0.02);
    expect(Math.abs(find(tests, 'adf-fisher-z').statistic - finite.choi_z)).toBeLessThan(
      0.02 * Math.max(1, Math.abs(finite.choi_z)),
    );
    expect(find(tests, 'adf-fisher-logit').df).toBe(finite.logit_df);
  }

  function comparePooled(reference: ReferenceCase, params: Readonly<Record<string, unknown>>, tests: readonly RootsTest[]): void {
    const { expected } = reference;
    const compare = (got: RootsTest, wanted: { statistic: number; p: number }) => {
      close(got.statistic, wanted.statistic);
      closeP(got.pValue, wanted.p);
    };
    compare(find(tests, 'levin-lin-chu'), expected.levinlin_plm_dfcor_false);
    if (expected.levinlin_gretl !== undefined) {
      const { bandwidth } = expected.levinlin_gretl;
      const cut = run(reference, { ...params, tests: 'levin-lin-chu', bandwidth: { levinLinChu: bandwidth } });
      compare(find(cut.series[0].tests, 'levin-lin-chu'), expected.levinlin_gretl);
    }
    const ips = find(tests, 'im-pesaran-shin');
    if (expected.ips_Wtbar === undefined) expect([ips.status, ips.statistic]).toEqual(['unavailable', null]);
    else compare(ips, expected.ips_Wtbar);
  }
});

maybe('p-values', () => {
  test('mackinnon1996-pvalues', () => {
    const { spec, expected } = caseOf('mackinnon1996-pvalues');
    const kinds: Readonly<Record<string, Deterministic>> = { nc: 'none', c: 'intercept', ct: 'trend' };
    for (const [field, wanted] of Object.entries<number[]>(expected)) {
      const [kind, size] = field.split('_N');
      const n = Number(size.replace('Inf', 'Infinity'));
      for (const [k, t] of spec.t_stats.entries()) {
        nearMacKinnon(dickeyFullerP(t, kinds[kind], n), wanted[k], n);
      }
    }
  });

  test('seed-adf-fisher', () => {
    const { spec, expected } = caseOf('seed-adf-fisher');
    const { chiSquared, inverseNormal } = fisherTests(spec.p_values);
    close(chiSquared.statistic, expected.chi2);
    expect(chiSquared.df).toBe(expected.df);
    close(chiSquared.pValue, expected.chi2_p);
    close(inverseNormal.statistic, expected.choi_z);
    close(inverseNormal.pValue, expected.choi_p);
  });
});

maybe('CIPS and Hadri', () => {
  test.each(cipsCases)('%s', (id) => {
    const reference = caseOf(id);
    const { spec, expected } = reference;
    const params = { variables: [spec.variable], lags: spec.lags, deterministic: ['intercept', 'trend'] };
    const { series } = run(reference, params);
    for (const [k, kind] of ['drift', 'trend'].entries()) {
      const { tests, entities } = series[k];
      close(find(tests, 'cips').statistic, expected[`${kind}_cmg_full`].statistic);
      close(find(tests, 'cips-truncated').statistic, expected[`${kind}_cmg_trunc`].statistic);
      // its "mg" form is the mean of plain ADF t
      const mean = entities.reduce((sum, { adf }) => sum + adf!.t, 0) / entities.length;
      close(mean, expected[`${kind}_mg_full`].statistic);
      // plm looks p up on a grid of 200 steps, from critical values at another T than it has when T lies between the table's columns
      const got = find(tests, 'cips').pValue;
      expect(Math.abs(got - expected[`${kind}_cmg_full`].p)).toBeLessThan(1e-3);
      if (got < 0.1) expect(got).not.toBe(expected[`${kind}_cmg_full`].p);
      expect([find(tests, 'cips').status, find(tests, 'hadri').status]).toEqual(['ok', 'too short']);
    }
    // the two labels of the cases are exchanged: the mean of each entity's LM/σ̂ᵢ² is the form for unequal variances
    const [{ tests }] = series;
    close(find(tests, 'hadri').statistic, expected.hadri_heterosk.statistic);
    closeP(find(tests, 'hadri').pValue, expected.hadri_heterosk.p);
    close(find(tests, 'hadri-heteroskedastic').statistic, expected.hadri_homosk.statistic);
    closeP(find(tests, 'hadri-heteroskedastic').pValue, expected.hadri_homosk.p);
  });

  test('CIPS of one variable is that of its series as a plain function', () => {
    const reference = caseOf('cips-grunfeld-inv');
    const panel = panelOf(reference);
    const all = calendarSeries(panel, evaluateTerm(parseTerm('inv'), panel)).map(({ values }) => values);
    const { t, statistic, criticalValues } = cips(all, 'intercept', 1);
    close(t.reduce((a, b) => a + b, 0) / 10, statistic);
    // between Pesaran's (2007) table II(b) at T = 15 (−2.60, −2.34, −2.21) and T = 20 (−2.57 …): N = 10 has −2.60, −2.34, −2.21 at T = 20
    expect(criticalValues!.every((value, k) => value < -2 && (k === 0 || value > criticalValues![k - 1]))).toBe(true);
  });
});

maybe('Kao', () => {
  test.each(kaoCases)('%s', (id) => {
    const reference = caseOf(id);
    const { spec, expected } = reference;
    const formula = `${spec.y} ~ ${[spec.x].flat().join(' + ')}`;
    const { cointegration } = run(reference, {
      cointegration: { formula, lags: spec.aug_lags, bandwidth: spec.bandwidth },
      tests: 'adf-fisher',
    });
    const got = cointegration!.kao!;
    const { sample, lags } = cointegration!;
    expect([sample.entities, sample.periods, lags, got.bandwidth]).toEqual([
      expected.N,
      expected.T,
      expected.lags,
      expected.bandwidth,
    ]);
    for (const { name, slope } of got.slopes) close(slope, expected.fe_coef[name]);
    close(got.rho, expected.rho);
    close(got.tRho, expected.t_rho);
    close(got.adfCoefficient, expected.adf_coef);
    close(got.tAdf, expected.t_adf);
    close(got.variance, expected.sigma_v2);
    close(got.longRunVariance, expected.sigma_0v2);
    // Stata calls the statistics of ρ "modified Dickey–Fuller t"
    const names = {
      'kao-adf': expected.adf_t,
      'kao-df-t': expected.df_t,
      'kao-df-rho': expected.modified_df_t,
      'kao-df-t-exogenous': expected.unadjusted_df_t,
      'kao-df-rho-exogenous': expected.unadjusted_modified_df_t,
    };
    expect(got.tests.map(({ name }) => name)).toEqual(Object.keys(names));
    for (const { name, statistic, pValue } of got.tests) {
      close(statistic, names[name].statistic);
      closeP(pValue, names[name].p);
    }
    expect(got.status).toBe('too short');
  });
});
