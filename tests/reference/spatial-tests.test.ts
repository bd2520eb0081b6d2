import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildPanel,
  makeRegistry,
  makeSpec,
  type Panel,
  panelFromCsv,
  runLocally,
  type SpatialTestsResult,
  spatialTests,
  type Weights,
  weightsFromFile,
  weightsOptions,
} from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';

/** Not among the analyses that are offered until weights can be handed to a job. */
const registry = makeRegistry([spatialTests]);

/**
 * Moran's I, Geary's C and LM tests against spdep 1.2-7, spreg 1.9.0 and splm 1.6-5. `SPILLWAY_REFERENCE` names the folder that
 * holds `spatial/`.
 */
const { folder, present, caseOf } = referenceArea('spatial', 'Moran and LM tests');

const file = (name: string) => readFileSync(join(folder, name));
const edges = (name: string, normalisation = 'row') =>
  weightsFromFile(file(name), weightsOptions.parse({ kind: 'edge-list', normalisation }));

/** A cross-section: rows are the units 1 … n, in one period. */
function crossSection(name: string): Panel {
  const [head, ...lines] = file(name)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return buildPanel({
    entity: { name: 'unit_', values: lines.map((_, i) => i + 1) },
    time: { name: 'period_', values: lines.map(() => 1) },
    columns: head.map((column, j) => ({ name: column.replaceAll('"', ''), values: lines.map((cells) => Number(cells[j])) })),
  });
}

function run(panel: Panel, weights: Weights, params: object): SpatialTestsResult {
  const spec = makeSpec(
    registry,
    { analysis: 'spatial-tests', dataset: 'reference', params: { permutations: 0, ...params } },
    'test',
  );
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel, weights: new Map([['W', weights]]) }).result));
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

/** A tail keeps the digits of its statistic less those that its slope takes: −ln p of them, about. */
const expectP = (got: number, wanted: number, relative: number) =>
  expectClose(got, wanted, relative * Math.max(1, -2 * Math.log(wanted)));

(present ? describe : describe.skip)('spatial tests', () => {
  test('columbus-moran', () => {
    const { expected } = caseOf('columbus-moran');
    const columbus = crossSection('columbus.csv');
    const [row] = run(columbus, edges('columbus_gal_binary.csv'), { variables: ['CRIME'] }).global;
    for (const form of ['randomisation', 'normality'] as const) {
      const wanted = expected[form];
      expectClose(row.moran.statistic, wanted.estimate['Moran I statistic'], 1e-9);
      expectClose(row.moran.expectation, wanted.estimate.Expectation, 1e-12);
      expectClose(row.moran[form].variance, wanted.estimate.Variance, 1e-9);
      expectClose(row.moran[form].z, wanted.statistic, 1e-9);
      expectP(row.moran[form].greater, wanted['p.value'], 1e-9);
    }
    const { geary } = expected;
    expectClose(row.geary.statistic, geary.estimate['Geary C statistic'], 1e-9);
    expectClose(row.geary.randomisation.variance, geary.estimate.Variance, 1e-9);
    expectClose(row.geary.randomisation.z, geary.statistic, 1e-9);
    expectP(row.geary.randomisation.greater, geary['p.value'], 1e-9);
    const [binary] = run(columbus, edges('columbus_gal_binary.csv', 'none'), { variables: ['CRIME'] }).global;
    expectClose(binary.moran.statistic, expected.binary.estimate['Moran I statistic'], 1e-9);
    expectClose(binary.moran.randomisation.variance, expected.binary.estimate.Variance, 1e-9);
    expectP(binary.moran.randomisation.greater, expected.binary['p.value'], 1e-9);
  });

  test('columbus-lm-tests', () => {
    const { expected } = caseOf('columbus-lm-tests');
    const { regression } = run(crossSection('columbus.csv'), edges('columbus_gal_binary.csv'), {
      formula: 'CRIME ~ INC + HOVAL',
    });
    const names = { LMerr: 'error', LMlag: 'lag', RLMerr: 'robustError', RLMlag: 'robustLag', SARMA: 'sarma' } as const;
    for (const [theirs, ours] of Object.entries(names)) {
      const got = regression!.lagrange[ours as 'error'];
      expectClose(got.statistic, expected[theirs].statistic, 1e-9);
      expect(got.df).toBe(expected[theirs].df);
      expectP(got.pValue, expected[theirs]['p.value'], 1e-9);
    }
    const moran = regression!.moran!;
    expectClose(moran.statistic, expected.moran_resid.estimate['Observed Moran I'], 1e-9);
    expectClose(moran.expectation, expected.moran_resid.estimate.Expectation, 1e-9);
    expectClose(moran.variance, expected.moran_resid.estimate.Variance, 1e-9);
    expectClose(moran.z, expected.moran_resid.statistic, 1e-9);
    expectP(moran.greater, expected.moran_resid['p.value'], 1e-9);
  });

  test.each([
    ['spreg-columbus-ols-lm', 'columbus.csv', 'columbus_queen_binary.csv', 1e-8],
    ['spreg-baltim-ols-lm', 'baltimore.csv', 'baltimore_queen_binary.csv', 1e-8],
    ['spreg-ncovr-ols-lm', 'ncovr.csv', 'ncovr_queen_binary.csv', 1e-7],
  ])('%s', (id, data, weights, relative) => {
    const { spec, expected } = caseOf(id);
    const { regression } = run(crossSection(data), edges(weights), { formula: `${spec.y} ~ ${spec.x.join(' + ')}` });
    const names = {
      lm_error: 'error',
      lm_lag: 'lag',
      rlm_error: 'robustError',
      rlm_lag: 'robustLag',
      lm_sarma: 'sarma',
      lm_wx: 'wx',
      spatial_durbin: 'durbin',
    } as const;
    for (const [theirs, ours] of Object.entries(names)) {
      if (expected[theirs] === undefined) continue;
      const [statistic, pValue] = expected[theirs];
      const got = regression!.lagrange[ours as 'error'];
      expectClose(got.statistic, statistic, relative);
      expectP(got.pValue, pValue, relative);
    }
    const [statistic, z, pValue] = expected.moran_res;
    const moran = regression!.moran!;
    expectClose(moran.statistic, statistic, relative);
    expectClose(moran.z, z, relative);
    expectP(moran.twoSided, pValue, relative);
  });

  const slmtests = ['lml-pooling', 'lml-within', 'lme-pooling', 'lme-within', 'rlml-pooling', 'rlme-pooling', 'rlme-within'];
  test.each(slmtests)('produc-slmtest-%s', (name) => {
    const { expected } = caseOf(`produc-slmtest-${name}`);
    const produc = panelFromCsv(file('produc.csv'), { entity: 'state', time: 'year' });
    const ids = file('usaww_ids.csv')
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.replaceAll('"', '').split(','));
    const stateOf = new Map(ids.map(([index, state]) => [index, state]));
    const [head, ...lines] = file('usaww.csv').toString('utf8').trim().split('\n');
    const named = lines.map((line) => line.split(',')).map(([i, j, w]) => `${stateOf.get(i)},${stateOf.get(j)},${w}`);
    const weights = weightsFromFile(
      new TextEncoder().encode([head, ...named].join('\n')),
      weightsOptions.parse({ kind: 'edge-list', normalisation: 'none' }),
    );
    const [test, model] = name.split('-');
    const effects = model === 'within' ? ' | state' : '';
    const { regression } = run(produc, weights, { formula: `log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp${effects}` });
    const ours = { lml: 'lag', lme: 'error', rlml: 'robustLag', rlme: 'robustError' }[test] as 'lag';
    expectClose(regression!.lagrange[ours].statistic, expected.statistic, 1e-7);
    expectP(regression!.lagrange[ours].pValue, expected['p.value'], 1e-7);
  });
});
