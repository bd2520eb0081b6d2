import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSpec, type Panel, panelFromCsv, registry, runLocally, type SurResult } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { testedIn } from './panel-ledger.js';

/**
 * Seemingly unrelated regressions against R's systemfit 1.1.28 and Zellner (1962): the SUR cases of the area `panel`, whose folder
 * `SPILLWAY_REFERENCE` names, and tests/fixtures/sur.json, written by sur.R beside it from the data that ship.
 */
const { folder, present, cases } = referenceArea('panel', 'seemingly unrelated regressions');

const tested = ['sur-zellner-ge-westinghouse', 'sur-grunfeld5', 'sur-grunfeld5-dfcor'];

function run(params: Readonly<Record<string, unknown>>, panel: Panel): SurResult {
  const spec = makeSpec(registry, { analysis: 'sur', dataset: 'reference', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

function close(got: number, wanted: number, relative = 1e-7): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-290);
}

function closeMatrix(got: readonly (readonly number[])[], wanted: readonly (readonly number[])[], relative = 1e-7): void {
  expect(got).toHaveLength(wanted.length);
  for (const [i, row] of wanted.entries()) for (const [j, value] of row.entries()) close(got[i][j], value, relative);
}

test('the cases run are those that the ledger gives to this file', () => {
  expect(tested).toEqual(testedIn('panel-sur.test.ts'));
});

if (present) {
  test.each(tested)('%s', (id) => {
    const { dataset, spec, expected } = cases.find((candidate) => candidate.id === id)!;
    const panel = panelFromCsv(readFileSync(join(folder, dataset)), { entity: 'firm', time: 'year' });
    const levels = spec.equations.map((name: string) => name.replaceAll(' ', '_'));
    const residualCovariance = spec.resid_cov === 'divide by n' ? 'n' : 'geomean';
    const result = run({ formula: 'invest ~ value + capital', by: 'firm', levels, residualCovariance }, panel);

    const [estimates, errors] = [Object.values<number>(expected.coef), Object.values<number>(expected.se)];
    const rows = result.equations.flatMap(({ coefficients }) => coefficients);
    expect(rows).toHaveLength(estimates.length);
    for (const [j, { estimate, standardError }] of rows.entries()) {
      close(estimate, estimates[j]);
      close(standardError, errors[j]);
    }
    closeMatrix(result.residuals.covariance, expected.sigma);
    for (const [e, { rSquared }] of result.equations.entries()) close(rSquared, expected.r2[e]);
    close(result.system.mcElroyR2, expected.mcelroy_r2);
    close(result.system.pooledR2, expected.ols_r2_system);
    close(result.system.logLikelihood, expected.loglik);
    const { ols, sur } = result.independence;
    close(ols.statistic, expected.bp_independence_ols_residuals.statistic);
    close(ols.pValue, expected.bp_independence_ols_residuals.p);
    expect(ols.df).toBe(expected.bp_independence_ols_residuals.df);
    close(sur.statistic, expected.bp_independence_sur_residuals.statistic);
    expect(result.system.rows).toBe(expected.n_per_eq ?? 20);
  });

  test('Zellner (1962): the printed digits of General Electric and Westinghouse', () => {
    const panel = panelFromCsv(readFileSync(join(folder, 'grunfeld_aer.csv')), { entity: 'firm', time: 'year' });
    const levels = ['General_Electric', 'Westinghouse'];
    const { equations } = run({ formula: 'invest ~ value + capital', by: 'entity', levels, program: 'stata' }, panel);
    const shown = equations.map(({ coefficients }) => coefficients.map(({ estimate }) => estimate.toFixed(4)));
    expect(shown).toEqual([
      ['-27.7193', '0.0383', '0.1390'],
      ['-1.2520', '0.0576', '0.0640'],
    ]);
  });
}

describe('systemfit on the data that ship', () => {
  const fixture = JSON.parse(readFileSync(new URL('../fixtures/sur.json', import.meta.url), 'utf8'));
  const data = (name: string, index: { entity: string; time: string }) =>
    panelFromCsv(readFileSync(new URL(`../../data/${name}`, import.meta.url)), index);
  const grunfeld = () => data('grunfeld11.csv', { entity: 'firm', time: 'year' });
  const levels = ['General Motors', 'Chrysler', 'General Electric', 'Westinghouse', 'US Steel'];
  const base = { formula: 'invest ~ value + capital', by: 'firm', levels };

  function compare(result: SurResult, wanted: Record<string, never>, relative: number): void {
    const { coef, se, sigma, weighting, r2, ols_r2, mcelroy, loglik } = wanted as Record<string, never[]> & {
      [name: string]: never;
    };
    const rows = result.equations.flatMap(({ coefficients }) => coefficients);
    for (const [j, { estimate, standardError }] of rows.entries()) {
      close(estimate, coef[j], relative);
      close(standardError, se[j], relative);
    }
    closeMatrix(result.residuals.covariance, sigma, relative);
    closeMatrix(result.residuals.weighting, weighting, relative);
    for (const [e, { rSquared }] of result.equations.entries()) close(rSquared, r2[e], relative);
    close(result.system.pooledR2, ols_r2, relative);
    close(result.system.mcElroyR2, mcelroy, relative);
    close(result.system.logLikelihood, loglik, relative);
  }

  test.each(['geomean', 'max', 'theil'])('divisor %s', (residualCovariance) => {
    compare(run({ ...base, residualCovariance }, grunfeld()), fixture[residualCovariance], 1e-8);
  });

  // iteration stops when steps are below 1e-9 standard errors; the ratio of steps is about .8
  test('iterated, divisor n: maximum likelihood', () => {
    const result = run({ ...base, residualCovariance: 'n', iterate: true }, grunfeld());
    compare(result, fixture.iterated, 1e-7);
    expect(result.system.logLikelihood).toBeGreaterThan(
      run({ ...base, residualCovariance: 'n' }, grunfeld()).system.logLikelihood,
    );
    expect(result.system.iterations).toBeGreaterThan(5);
  });

  test('tests across equations: χ², F, Theil’s F', () => {
    const text = '[General Motors]value = [Chrysler]value; [General Motors]capital = 2 * [Chrysler]capital + 0.1';
    const [{ chi2, f, theilF }] = run({ ...base, tests: [text] }, grunfeld()).tests;
    const { FT, F, Chisq } = fixture.geomean.tests;
    close(chi2!.statistic, Chisq.statistic);
    close(chi2!.pValue, Chisq.p);
    close(f!.statistic, F.statistic);
    close(f!.pValue, F.p);
    expect([f!.df1, f!.df2]).toEqual([2, F.df2]);
    close(theilF!.statistic, FT.statistic);
    close(theilF!.pValue, FT.p);
  });

  test('absorbed two-way effects are systemfit’s dummies, their degrees of freedom in the divisor', () => {
    const panel = data('produc.csv', { entity: 'state', time: 'year' });
    const result = run(
      {
        equations: ['log(gsp) ~ log(pcap) + log(pc) + unemp | state + year', 'log(emp) ~ log(pcap) + unemp | year + state'],
      },
      panel,
    );
    const rows = result.equations.flatMap(({ coefficients }) => coefficients);
    for (const [j, { estimate, standardError }] of rows.entries()) {
      close(estimate, fixture.panel.coef[j], 1e-8);
      close(standardError, fixture.panel.se[j], 1e-8);
    }
    closeMatrix(result.residuals.covariance, fixture.panel.sigma, 1e-8);
    expect(result.equations.map(({ residualDf }) => residualDf)).toEqual([816 - 64 - 3, 816 - 64 - 2]);
  });
});
