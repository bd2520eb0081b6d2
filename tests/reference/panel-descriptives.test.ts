import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jarqueBera, makeSpec, panelFromCsv, registry, runLocally } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { testedIn } from './panel-ledger.js';

/**
 * The reference cases of descriptive statistics and correlations: R's arithmetic on Grunfeld and Munnell's states, and the
 * Jarque–Bera column of a published table. `SPILLWAY_REFERENCE` names the folder that holds `panel/`.
 */
const { folder, present, caseOf } = referenceArea('panel', 'descriptive statistics');

const keys: Readonly<Record<string, { readonly entity: string; readonly time: string }>> = {
  'grunfeld.csv': { entity: 'firm', time: 'year' },
  'produc.csv': { entity: 'state', time: 'year' },
};

const described = ['grunfeld-descriptives', 'produc-descriptives'];
const correlated = ['grunfeld-correlations', 'produc-correlations'];
const arithmetic = ['seed-jarque-bera-n44'];

// biome-ignore lint/suspicious/noExplicitAny: cases and results are JSON
type Json = any;

function run(analysis: string, dataset: string, params: unknown): Json {
  const panel = panelFromCsv(readFileSync(join(folder, dataset)), keys[dataset]);
  const spec = makeSpec(registry, { analysis, dataset, params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

test('the cases run are those that the ledger gives to this file', () => {
  expect([...described, ...correlated, ...arithmetic].sort()).toEqual(testedIn('panel-descriptives.test.ts').sort());
});

if (present) {
  for (const id of described) {
    test(`${id}: moments, quantiles, Jarque–Bera, between and within`, () => {
      const { dataset, spec, expected } = caseOf(id);
      const { variables } = run('describe', dataset, { variables: spec.vars });
      for (const name of spec.vars) {
        const got = variables.find((variable: Json) => variable.name === name);
        const [wanted, xtsum] = [expected.stats[name], expected.xtsum[name]];
        // 1e-9 as the cases say: the numbers are sums over some hundred rows
        for (const field of ['mean', 'median', 'min', 'max', 'sum', 'n', 'skewness', 'kurtosis'])
          expectClose(got[field], wanted[field], 1e-9);
        expectClose(got.sd, wanted.sd_n_minus_1, 1e-9);
        expectClose(got.sumOfSquares, wanted.sum_sq_dev, 1e-9);
        expectClose(got.jarqueBera.statistic, wanted.jarque_bera, 1e-9);
        // exp(−JB/2): an error of 1e-12 in JB is JB/2 times that in p
        expectClose(got.jarqueBera.pValue, wanted.jb_p, 1e-9);
        expect(got.quantiles.map(({ share }: Json) => share)).toEqual([0.25, 0.75]);
        expectClose(got.quantiles[0].value, wanted.q25_type7, 1e-9);
        expectClose(got.quantiles[1].value, wanted.q75_type7, 1e-9);
        expectClose(got.overall.sd, xtsum.sd_overall, 1e-9);
        expectClose(got.between.sd, xtsum.sd_between, 1e-9);
        expectClose(got.within.sd, xtsum.sd_within_stata_xtsum, 1e-9);
        expectClose(got.within.min, xtsum.min_within, 1e-9);
        expectClose(got.within.max, xtsum.max_within, 1e-9);
        const drawn = got.histogram.counts.reduce((sum: number, count: number) => sum + count, 0);
        expect(drawn).toBe(wanted.n);
      }
    });
  }

  for (const id of correlated) {
    test(`${id}: Pearson, Spearman, their p, and inflation factors`, () => {
      const { dataset, spec, expected } = caseOf(id);
      const { pairs, inflation } = run('correlate', dataset, { variables: spec.vars });
      expect(pairs).toHaveLength(Object.keys(expected.pearson).length);
      for (const { a, b, pearson, spearman } of pairs) {
        const [p, s] = [expected.pearson[`${a}~${b}`], expected.spearman[`${a}~${b}`]];
        expectClose(pearson.r, p.r, 1e-9);
        expectClose(pearson.statistic, p.t, 1e-9);
        expect(pearson.df).toBe(p.df);
        // far in the tail p is a high power of small differences in t
        if (p.p > 0) expectClose(pearson.pValue, p.p, 1e-7);
        expectClose(spearman.r, s.r, 1e-9);
        if (s.p > 0) expectClose(spearman.pValue, s.p, 1e-7);
      }
      for (const [name, value] of Object.entries(expected.vif)) {
        expectClose(inflation.find(({ variable }: Json) => variable === name).raw, value as number, 1e-9);
      }
    });
  }

  test('Jarque–Bera of a published table: skewness and kurtosis as printed give its column to 0.1 %', () => {
    for (const row of caseOf('seed-jarque-bera-n44').expected.rows) {
      const { statistic, pValue } = jarqueBera(row);
      expectClose(statistic, row.recomputed_jb, 1e-9);
      expectClose(pValue, row.recomputed_p, 1e-9);
      expectClose(statistic, row.published_jb, 1e-3); // three decimals of skewness and kurtosis
    }
  });
}
