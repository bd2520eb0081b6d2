import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  absorb,
  bootstrapCovariance,
  buildPanel,
  leastSquares,
  type MediationResult,
  makeSpec,
  type Panel,
  PhiloxStream,
  panelFromCsv,
  registry,
  runLocally,
} from '@spillway/core';
import { type ReferenceCase, referenceArea } from '../harness/reference-cases.js';
import { defectsIn, testedIn } from './panel-ledger.js';

/**
 * Mediation against R: three lm(), Sobel's, Aroian's and Goodman's formulas, and a bootstrap with other random numbers.
 * `SPILLWAY_REFERENCE` names the folder that holds `panel/`.
 */
const { folder, present, caseOf } = referenceArea('panel', 'mediation');

const maybe = present ? test : test.skip;

function run(params: Readonly<Record<string, unknown>>, panel: Panel): MediationResult {
  const spec = makeSpec(registry, { analysis: 'mediation', dataset: 'reference', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** A cross-section: every row an entity of its own. */
function crossSection(file: string): Panel {
  const [head, ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  const cells = lines.map((line) => line.split(',').map((cell) => (cell === '' || cell === 'NA' ? Number.NaN : Number(cell))));
  return buildPanel({
    entity: { name: 'row', values: lines.map((_, i) => `r${String(i).padStart(5, '0')}`) },
    time: { name: 'occasion', values: lines.map(() => '1') },
    columns: head.split(',').map((name, j) => ({ name, values: Float64Array.from(cells, (row) => row[j]) })),
  });
}

const close = (got: number, wanted: number, relative = 1e-7) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-300);

/** A p far in the tail has the digits of its statistic times itself. */
const closeP = (got: number, wanted: number, statistic: number) => close(got, wanted, 1e-7 * Math.max(1, statistic ** 2));

function compare(result: MediationResult, { expected, tolerance }: ReferenceCase): void {
  expect(tolerance).toEqual({ relative: 1e-7 });
  const { total, mediators, outcome, effects, identity, share } = result.mediation!;
  const cell = (equation: typeof total, term: string) => equation.coefficients.find((row) => row.term === term)!;
  const [mediator] = result.mediators;
  for (const [got, equation, wanted] of [
    [cell(total, result.treatment), total, expected.step1_total],
    [cell(mediators[0], result.treatment), mediators[0], expected.step2_a],
    [cell(outcome, result.treatment), outcome, expected.step3_direct],
    [cell(outcome, mediator), outcome, expected.step3_b],
  ] as const) {
    close(got.estimate, wanted.coef);
    close(got.standardError, wanted.se);
    close(got.statistic, wanted.t);
    closeP(got.pValue, wanted.p, wanted.t);
    close(result.effects.length > 0 ? equation.rSquared.lsdv : equation.rSquared.model, wanted.r2);
    expect(result.sample.rows).toBe(wanted.n);
  }
  const indirect = effects.find(({ role }) => role === 'indirect')!;
  close(indirect.estimate, expected.indirect_ab);
  close(identity.total - effects.find(({ role }) => role === 'direct')!.estimate, expected.total_minus_direct);
  close(share.ratio, expected.proportion_mediated);
  const test = (method: string) => indirect.tests.find((row) => row.method === method)!;
  close(test('sobel').standardError, expected.sobel.se);
  for (const method of ['sobel', 'aroian', 'goodman']) {
    close(test(method).statistic, expected[method].z);
    closeP(test(method).pValue, expected[method].p, expected[method].z);
  }
}

test('the cases run are those that the ledger gives to this file', () => {
  expect(testedIn('mediation.test.ts')).toEqual(['mediation-jobs', 'mediation-produc-fe']);
  expect(defectsIn('mediation.test.ts')).toEqual(['mediation-produc-fe']);
});

maybe('mediation-jobs', () => {
  const reference = caseOf('mediation-jobs');
  const { expected } = reference;
  const result = run(
    {
      formula: 'depress2 ~ treat + econ_hard + sex + age',
      mediators: ['job_seek'],
      covariance: 'classical',
      bootstrap: { replications: 9_999 },
    },
    crossSection(reference.dataset),
  );
  compare(result, reference);
  const indirect = result.mediation!.effects.find(({ role }) => role === 'indirect')!;
  const { standardError, percentile } = indirect.bootstrap!;
  const { se, percentile_ci95: ends } = expected.bootstrap;
  // no shared random numbers: a tenth of the standard error on each end, and on itself 5 standard errors 1/√(2B) of either side
  expect(Math.abs(percentile.lower - ends[0])).toBeLessThanOrEqual(0.1 * se);
  expect(Math.abs(percentile.upper - ends[1])).toBeLessThanOrEqual(0.1 * se);
  expect(Math.abs(standardError / se - 1)).toBeLessThanOrEqual(5 * Math.sqrt(1 / 10_000 + 1 / 20_000));
  // R's quasi-Bayesian draws are the Monte Carlo interval: 2,000 of them
  const { acme_ci: simulated } = expected.mediation_package;
  expect(Math.abs(indirect.monteCarlo!.lower - simulated[0])).toBeLessThanOrEqual(0.15 * se);
  expect(Math.abs(indirect.monteCarlo!.upper - simulated[1])).toBeLessThanOrEqual(0.15 * se);
  // the total is not significant: a ratio there is, a share not
  expect(result.mediation!.share.value).toBeNull();
});

maybe('mediation-produc-fe', () => {
  const reference = caseOf('mediation-produc-fe');
  const { expected } = reference;
  const panel = panelFromCsv(readFileSync(join(folder, reference.dataset)), { entity: 'state', time: 'year' });
  const request = { formula: 'lgsp ~ lpcap + unemp | state', mediators: ['lemp'], covariance: 'classical' };
  const result = run({ ...request, bootstrap: { replications: 9_999 } }, panel);
  compare(result, reference);
  const { share, effects } = result.mediation!;
  close(share.value!, expected.proportion_mediated);
  // the peer draws single rows of the panel, which breaks the dependence within states: by rows its numbers are found again, and errors by
  // whole states are twice as large
  const { se, percentile_ci95: ends } = expected.bootstrap;
  const rows = rowBootstrap(panel, 2_000);
  expect(Math.abs(rows.standardError / se - 1)).toBeLessThanOrEqual(5 * Math.sqrt(1 / 10_000 + 1 / 4_000));
  expect(Math.abs(rows.lower - ends[0])).toBeLessThanOrEqual(0.15 * se);
  expect(Math.abs(rows.upper - ends[1])).toBeLessThanOrEqual(0.15 * se);
  const { bootstrap } = effects.find(({ role }) => role === 'indirect')!;
  expect(bootstrap!.standardError / se).toBeGreaterThan(1.9);
  const clustered = run({ ...request, covariance: 'cluster', bootstrap: { replications: 0 } }, panel).mediation!.effects;
  const [sobel] = clustered.find(({ role }) => role === 'indirect')!.tests;
  // clustered Sobel leaves out the covariance between equations, which draws of whole states have: .100 against .109
  expect(Math.abs(bootstrap!.standardError / sobel.standardError - 1)).toBeLessThan(0.15);
});

/** The indirect effect of the Produc case on rows drawn singly, by a plain loop. */
function rowBootstrap(panel: Panel, draws: number) {
  const [y, x, m, z] = ['lgsp', 'lpcap', 'lemp', 'unemp'].map((name) => {
    const column = panel.columns.find((one) => one.name === name)!;
    return (column as { values: Float64Array }).values;
  });
  const random = new PhiloxStream(7, 3);
  const rows = new Uint32Array(panel.rows);
  const values = Float64Array.from({ length: draws }, (_, b) => {
    random.seek(b);
    random.indices(panel.rows, rows);
    const within = absorb([{ codes: rows.map((row) => panel.entity.codes[row]), levels: panel.entity.labels.length }]).apply;
    const [Y, X, M, Z] = [y, x, m, z].map((column) => within(Float64Array.from(rows, (row) => column[row])));
    return leastSquares([X, Z], M).coefficients[0] * leastSquares([X, M, Z], Y).coefficients[1];
  });
  const { matrix, percentiles } = bootstrapCovariance(values, 1, 0.95);
  return { standardError: Math.sqrt(matrix.get(0, 0)), ...percentiles[0] };
}
