import { groupCounts } from '../../linalg/demean.js';
import type { PanelTestName, PanelTestsParams } from './params.js';
import type { TestedSample } from './request.js';
import type { PanelTestsResult } from './result.js';

type Row = PanelTestsResult['adequacy'][number];

export const testTitles: Record<PanelTestName, string> = {
  'effects-f': 'F for effects',
  'breusch-pagan-lm': 'Breusch–Pagan LM',
  hausman: 'Hausman and Mundlak',
  wooldridge: 'Wooldridge serial correlation',
  'modified-wald': 'Modified Wald',
  white: 'White',
  'breusch-pagan': 'Breusch–Pagan (regressors)',
  'pesaran-cd': 'Pesaran CD',
};

/** Entities below which large-N tests are read with care, periods below which large-T tests are. */
const manyEntities = 30;
const manyPeriods = 30;

/** "Too small for this": what each test needs of N and T, and what there is. The thresholds are the house's, from simulations. */
export function adequacyTable({ tests, varianceComponents }: PanelTestsParams, of: TestedSample): Row[] {
  const { sample, effects } = of;
  const k = sample.regressors.length;
  const N = sample.entity.levels;
  const periods = groupCounts(sample.entity.codes, N);
  const [least, most] = periods.reduce(([a, b], T) => [Math.min(a, T), Math.max(b, T)], [Number.POSITIVE_INFINITY, 0]);
  const has = `N = ${N}, T = ${least === most ? most : `${least}–${most}`}`;
  const row = (test: PanelTestName, needs: string, runs: boolean, enough: boolean): Row => ({
    test,
    title: testTitles[test],
    needs,
    has,
    status: runs ? (enough ? 'ok' : 'too small') : 'cannot run',
  });
  const rows: Record<PanelTestName, () => Row> = {
    'effects-f': () => row('effects-f', 'n > N + k', sample.rows > N + k, true),
    'breusch-pagan-lm': () => row('breusch-pagan-lm', 'T ≥ 2; many entities (10 or more)', most >= 2, N >= 10),
    hausman: () => {
      const swamy = varianceComponents.method === 'swamy-arora';
      return row(
        'hausman',
        `${swamy ? `N > k + 1 = ${k + 1} (Swamy–Arora); ` : ''}N ≥ ${manyEntities} for χ² and clusters`,
        !swamy || N > k + 1,
        N >= manyEntities,
      );
    },
    wooldridge: () => row('wooldridge', `T ≥ 3; N ≥ ${manyEntities} clusters`, most >= 3, N >= manyEntities),
    'modified-wald': () =>
      row(
        'modified-wald',
        `T ≥ ${manyPeriods}: at 31 × 12 it rejects .94 of true nulls, at 4 × 11 .33`,
        most >= 2,
        least >= manyPeriods,
      ),
    white: () =>
      row(
        'white',
        'n well above k(k + 3)/2 + 1 auxiliary coefficients',
        sample.rows > (k * (k + 3)) / 2 + 1,
        sample.rows >= (5 * (k * (k + 3))) / 2,
      ),
    'breusch-pagan': () => row('breusch-pagan', 'n > k + 1', sample.rows > k + 1, sample.rows >= 5 * (k + 1)),
    'pesaran-cd': () =>
      effects.time
        ? row('pesaran-cd', 'no period effects: after them CD is near −√(T/2) whatever the dependence', false, false)
        : row('pesaran-cd', 'N ≥ 2, T ≥ 3; N ≥ 10 for the normal', most >= 3, N >= 10),
  };
  return tests.map((test) => rows[test]());
}
