import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSpec, panelFromCsv, registry, runLocally } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { testedIn } from './panel-ledger.js';

/**
 * The reference cases of differences between groups: R (plm by group, an interaction model, Chow by sums of squares, 2,000 random
 * relabelings). `SPILLWAY_REFERENCE` names the folder that holds `panel/`.
 */
const { folder, present, cases } = referenceArea('panel', 'differences between groups');

// biome-ignore lint/suspicious/noExplicitAny: cases and results are JSON
type Json = any;

/** Cases that run: the data with the group as a last column. */
const data: Readonly<Record<string, () => string>> = {
  'groupdiff-grunfeld': () => withColumn('grunfeld.csv', 'big', (firm) => (Number(firm) <= 5 ? '1' : '0')),
  'groupdiff-produc': () => {
    const groups = new Map(
      readFileSync(join(folder, 'produc_groups.csv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',') as [string, string]),
    );
    return withColumn('produc.csv', 'g_high', (state) => groups.get(state)!);
  },
};

function withColumn(file: string, name: string, value: (entity: string) => string): string {
  const [header, ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return [`${header},${name}`, ...lines.map((line) => `${line},${value(line.split(',')[0])}`)].join('\n');
}

function run(one: Json, replications: number): Json {
  const { entity, time, formula, group } = one.spec;
  const panel = panelFromCsv(new TextEncoder().encode(data[one.id]()), { entity, time });
  const params = {
    formula: `${formula} | ${entity}`,
    group,
    covariance: ['classical', { kind: 'cluster', smallSample: 'none' }],
    permutation: { replications },
  };
  const spec = makeSpec(registry, { analysis: 'group-difference', dataset: one.id, params, seed: 3 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** 1e-7 as the cases say. */
function expectClose(got: number, wanted: number, relative = 1e-7): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

test('the cases run are those that the ledger gives to this file', () => {
  expect(Object.keys(data).sort()).toEqual(testedIn('panel-group-difference.test.ts').sort());
});

if (present) {
  for (const one of cases.filter(({ id }) => id in data)) {
    const { expected } = one;

    test(`${one.id}: slopes by group, Clogg, interactions and Chow`, () => {
      const result = run(one, 0);
      for (const [g, name] of ['group0', 'group1'].entries()) {
        const wanted = expected[name];
        const group = result.groups[g];
        expect(group.rows).toBe(wanted.n);
        expectClose(group.rSquared, wanted.r2_within);
        expect(group.coefficients).toHaveLength(Object.keys(wanted.coef).length);
        for (const { term, estimate, standardError, classicalError } of group.coefficients) {
          expectClose(estimate, wanted.coef[term]);
          expectClose(standardError, wanted.se[term]);
          expect(classicalError).toBe(standardError); // the first covariance is classical
        }
      }
      expect(result.differences).toHaveLength(Object.keys(expected.diff).length);
      for (const { term, difference, clogg, interactions } of result.differences) {
        expectClose(difference, expected.diff[term]);
        expectClose(clogg.statistic, expected.z_clogg[term]);
        expectClose(clogg.pValue, expected.p_clogg[term], 1e-6); // far in the tail
        const [classical, clustered] = interactions;
        expectClose(classical.estimate, expected.interaction.coef[`${term}_G`]);
        expectClose(classical.standardError, expected.interaction.se_conventional[`${term}_G`]);
        expectClose(clustered.standardError, expected.interaction.se_cluster_CR0[`${term}_G`]);
      }
      const { interaction } = expected;
      expectClose(result.interaction[0].chiSquared, interaction.wald_conventional_chi2);
      expectClose(result.interaction[0].wald.statistic, interaction.wald_conventional_F);
      expectClose(result.interaction[1].chiSquared, interaction.wald_cluster_CR0_chi2);
      expect(result.interaction[0].wald.df1).toBe(interaction.df);
      for (const [got, wanted] of [
        [result.chow, expected.chow_fe],
        [result.chowPooled, expected.chow_pooled],
      ]) {
        expectClose(got.statistic, wanted.F);
        expect([got.df1, got.df2]).toEqual([wanted.df1, wanted.df2]);
        expectClose(got.pValue, wanted.p, 1e-5); // ln p is −50
      }
    });

    test(`${one.id}: relabelings of raw differences agree with R's 2,000`, () => {
      const B = 9999;
      const result = run(one, B);
      const { permutation } = result;
      const draws = permutation.replications;
      expect(permutation.exact).toBe(one.id === 'groupdiff-grunfeld');
      if (permutation.exact) expect(draws).toBe(252);
      for (const { term, permutation: one_ } of result.differences) {
        const wanted = expected.permutation.by_coef[term];
        const share = one_.raw.atLeast / draws;
        const error = (p: number) =>
          4 * Math.sqrt(p * (1 - p) * (1 / expected.permutation.reps + (permutation.exact ? 0 : 1 / B))) + 1e-3;
        expect(Math.abs(share - wanted.share_perm_ge_obs)).toBeLessThanOrEqual(error(wanted.share_perm_ge_obs));
        expect(Math.abs(one_.raw.pTwoSided - wanted.p_two_sided)).toBeLessThanOrEqual(error(wanted.p_two_sided));
        expect(Math.abs(one_.raw.sd / wanted.perm_sd - 1)).toBeLessThanOrEqual(0.1); // 4 standard errors of a sd of 2,000 draws, heavy tails
      }
    });
  }
}
