import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { effectsFTest, hausmanTest, makeSpec, type PanelTestsResult, panelFromCsv, registry, runLocally } from '@spillway/core';
import { Matrix } from 'ml-matrix';
import { referenceArea } from '../harness/reference-cases.js';
import { testedIn } from './panel-ledger.js';

/**
 * Specification tests against R's plm and lmtest and the published formulas of xtserial and xttest3. `SPILLWAY_REFERENCE` names the
 * folder that holds `panel/`.
 */
const { folder, present, caseOf } = referenceArea('panel', 'specification tests');

interface Statistic {
  readonly statistic: number;
  readonly p: number;
  readonly df?: number | { readonly df1: number; readonly df2: number };
  readonly [name: string]: unknown;
}

interface Case {
  readonly id: string;
  readonly dataset: string;
  readonly spec: { readonly formula: string; readonly entity: string; readonly time: string };
  // biome-ignore lint/suspicious/noExplicitAny: the fields differ from case to case
  readonly expected: any;
}

/** Fields of the specification suites that no test of the battery is, and why. */
const notYet: Readonly<Record<string, string>> = {
  wooldridge_pwfdtest_fe: 'plm’s own form, with another covariance and other degrees of freedom than xtserial',
  wooldridge_pwartest: 'plm’s test for short panels; the battery has xtserial’s',
  breusch_godfrey_fe_order1: 'plm’s pbgtest; the battery has xtserial’s',
};

function run({ dataset, spec }: Case, params: Readonly<Record<string, unknown>> = {}): PanelTestsResult {
  const panel = panelFromCsv(readFileSync(join(folder, dataset)), { entity: spec.entity, time: spec.time });
  const request = { formula: `${spec.formula} | ${spec.entity}`, ...params };
  const job = makeSpec(registry, { analysis: 'panel-tests', dataset, params: request }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, job, { panel }).result));
}

/** The tolerance of the cases. */
function expectClose(got: number, wanted: number, relative = 1e-6): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-290);
}

/** A tail below 1e-30 follows its statistic: a relative slip of 1e-12 there is one of 1e-10 in p, and R's 0 stands for less than 1e-300. */
function expectP(got: number, wanted: number): void {
  if (wanted === 0) expect(got).toBeLessThan(1e-300);
  else if (wanted > 1e-30) expectClose(got, wanted, 1e-6 * Math.max(1, -Math.log(wanted)));
  else expectClose(Math.log(got), Math.log(wanted), 1e-6);
}

function find({ tests }: PanelTestsResult, name: string) {
  const entry = tests.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no test ${name}`);
  return entry;
}

const maybe = present ? describe : describe.skip;
const panels = ['grunfeld', 'produc', 'empluk-unbal', 'wages'];

test('the cases run are those that the ledger gives to this file', () => {
  const ids = panels.flatMap((name) => [`${name}-spec-tests`, `${name}-hausman`]);
  expect(ids.sort()).toEqual(testedIn('panel-tests.test.ts').sort());
});

/** Fields of a suite by the names of our tests. */
const plain: Readonly<Record<string, string>> = {
  breusch_pagan_lm_individual: 'lm-entity',
  honda_individual: 'honda-entity',
  breusch_pagan_lm_time: 'lm-time',
  breusch_pagan_lm_twoways: 'lm-two-way',
  F_individual_effects: 'f-entity',
  wooldridge_xtserial_stata: 'wooldridge',
  modified_wald_xttest3: 'modified-wald',
  pesaran_cd_fe_residuals: 'pesaran-cd',
  bp_lm_cross_section: 'lm-cross-section',
  scaled_lm: 'scaled-lm',
  bias_corrected_scaled_lm: 'bias-corrected-lm',
  breusch_pagan_koenker_pooled: 'breusch-pagan-n-r2',
  breusch_pagan_original_pooled: 'breusch-pagan-scaled',
};

maybe('specification suites', () => {
  test.each(panels)('%s-spec-tests', (id) => {
    const reference = caseOf(`${id}-spec-tests`);
    const result = run(reference);
    const compared = new Set<string>();
    for (const [field, name] of Object.entries(plain)) {
      const wanted: Statistic | undefined = reference.expected[field];
      if (wanted === undefined) continue;
      compared.add(field);
      const got = find(result, name);
      expectClose(got.statistic, wanted.statistic);
      // scaled LM: ours is one-sided, as both LM statistics grow with dependence of either sign; R's pcdtest takes two sides
      expectP(got.pValue, ['scaled_lm', 'bias_corrected_scaled_lm'].includes(field) ? wanted.p / 2 : wanted.p);
      if (typeof wanted.df === 'number') expect(got.df1).toBe(wanted.df);
      if (typeof wanted.df === 'object') expect([got.df1, got.df2]).toEqual([wanted.df.df1, wanted.df.df2]);
    }

    const { white_pooled: white, wooldridge_xtserial_stata: xtserial, breusch_pagan_lm_individual: lm } = reference.expected;
    compared.add('white_pooled');
    expectClose(find(result, 'white-n-r2').statistic, white.obs_r2);
    expectP(find(result, 'white-n-r2').pValue, white.p);
    expect(find(result, 'white-n-r2').df1).toBe(white.df);
    expectClose(find(result, 'white-f').statistic, white.F);
    expect([find(result, 'white-f').df1, find(result, 'white-f').df2]).toEqual([white.F_df1, white.F_df2]);
    expectClose(find(result, 'white-scaled').statistic, white.scaled_explained_ss);
    expectClose(result.rho!, xtserial.rho);
    expect([find(result, 'wooldridge').df1, find(result, 'wooldridge').df2]).toEqual([xtserial.df1, xtserial.df2]);
    expectP(find(result, 'honda-entity').pValue, lm.p_chibar2_half);
    expect(Object.keys(reference.expected).filter((field) => !compared.has(field))).toEqual(Object.keys(notYet));
  });
});

maybe('Hausman', () => {
  test.each(panels)('%s-hausman', (id) => {
    const reference = caseOf(`${id}-hausman`);
    // plm's Swamy–Arora of an unbalanced panel is Baltagi & Chang's
    const result = run(reference, { tests: ['hausman'], varianceComponents: { unbalanced: 'baltagi-chang' } });
    const { statistic, df, p, table } = reference.expected;
    const got = find(result, 'hausman');
    const close = (a: number, b: number) => expectClose(a, b, 1e-5);
    close(got.statistic, statistic);
    expect(got.df1).toBe(df);
    expectP(got.pValue, p);
    expect(result.hausman!.rows.map(({ term }) => term)).toEqual(Object.keys(table));
    for (const { term, fixed, random, difference, variance, statistic: chi2, pValue } of result.hausman!.rows) {
      const wanted = table[term];
      close(fixed, wanted.fe);
      close(random, wanted.re);
      close(difference, wanted.diff);
      close(variance, wanted.var_diff);
      if (wanted.var_diff > 0) {
        close(Math.sqrt(chi2), Math.abs(wanted.z));
        expectClose(pValue, wanted.p, 1e-4);
      } else expect([chi2, pValue]).toEqual([null, null]);
    }
    // of produc the variance of the difference has an eigenvalue below zero though none on its diagonal is
    expect(result.hausman!.positiveDefinite).toBe(id === 'grunfeld');
  });
});

describe('published figures', () => {
  test('F of individual effects from two sums of squares: 4 provinces, 11 years, 3 slopes', () => {
    const { statistic, df1, df2, p } = effectsFTest({ restricted: 105294985569.5951, full: 14725362407.35931, df1: 3, df2: 37 });
    expect([df1, df2]).toEqual([3, 37]);
    expect(statistic).toBeCloseTo(75.857, 3); // the sums are printed to 4 decimals and more
    expectClose(p, 7.21862449755746e-16, 1e-4);
  });

  test('Hausman by coefficient: differences² over variances as printed', () => {
    // fixed, random, variance of the difference; the last is printed with one digit, so χ² to within half of it
    const rows = [
      [4.851, -1.261, 0.908, 41.14, 0],
      [-27694.28, -29707.0, 3.0e7, 0.135, 0.7135],
      [0.0168, 0.0248, 0.000002, 32.0, 0],
    ];
    for (const [fixed, random, variance, chi2, p] of rows) {
      const own = new Matrix([[1 + variance]]); // V_F = 1 + v, V_R = 1
      const {
        rows: [row],
        statistic,
        positiveDefinite,
      } = hausmanTest({ b: [fixed], V: own }, { b: [random], V: new Matrix([[1]]) });
      if (variance > 1e-5) {
        expect(Math.abs(row.statistic / chi2 - 1)).toBeLessThan(0.005);
        expect(Math.abs(row.pValue - p)).toBeLessThan(0.001);
      } else expect(Math.abs(row.statistic / chi2 - 1)).toBeLessThan(1e-6);
      expectClose(statistic, row.statistic, 1e-12);
      expect(positiveDefinite).toBe(true);
    }
  });
});
