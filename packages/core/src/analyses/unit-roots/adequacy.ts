import type { Adequacy } from '../fields.js';
import { cipsFewest, fewestPeriodsFor, fewestPeriodsForKao, manyEntities, rootTestTitles } from './limits.js';
import type { RootTestName, UnitRootsParams } from './params.js';
import type { CointegrationResult, RootsSeries } from './result.js';

/** "Too small for this?": what each test needs, against the shortest series that is tested. */
export function adequacyOf(
  { tests }: UnitRootsParams,
  series: readonly RootsSeries[],
  cointegration: CointegrationResult | null,
): Adequacy[] {
  const least = Math.min(...series.map(({ sample }) => sample.periodsPerEntity.min));
  const most = Math.max(...series.map(({ sample }) => sample.periodsPerEntity.max));
  const fewest = Math.min(...series.map(({ sample }) => sample.entities));
  const has = `N = ${fewest}, T = ${least === most ? most : `${least}–${most}`}`;
  const row = (test: RootTestName, needs: string, enough: boolean): Adequacy => {
    const any = series.some((one) => one.tests.some((entry) => entry.test === test && entry.status !== 'unavailable'));
    return { method: rootTestTitles[test], needs, has, status: any ? (enough ? 'ok' : 'too small') : 'cannot run' };
  };
  const periods = (test: RootTestName) => fewestPeriodsFor[test] ?? 0;
  const rows: Record<RootTestName, () => Adequacy> = {
    'adf-fisher': () => row('adf-fisher', 'independent entities, each with 5 rows or more after lags (6 with a trend)', true),
    'pp-fisher': () => row('pp-fisher', `independent entities; T ≥ ${periods('pp-fisher')}`, least >= periods('pp-fisher')),
    'levin-lin-chu': () => row('levin-lin-chu', `balanced; T ≥ ${periods('levin-lin-chu')}`, least >= periods('levin-lin-chu')),
    'im-pesaran-shin': () =>
      row('im-pesaran-shin', `intercept or trend; T ≥ ${periods('im-pesaran-shin')}`, least >= periods('im-pesaran-shin')),
    cips: () =>
      row(
        'cips',
        `balanced; T ≥ ${periods('cips')}, N ≥ ${cipsFewest} (tables)`,
        least >= periods('cips') && fewest >= cipsFewest,
      ),
    hadri: () => row('hadri', `balanced; T ≥ ${periods('hadri')}, no serial correlation`, least >= periods('hadri')),
    'harris-tzavalis': () =>
      row('harris-tzavalis', `balanced; any T, N ≥ ${manyEntities}; errors without serial correlation`, fewest >= manyEntities),
  };
  return [...tests.map((test) => rows[test]()), ...(cointegration === null ? [] : cointegrationRows(cointegration))];
}

function cointegrationRows({ engleGranger, kao, sample }: CointegrationResult): Adequacy[] {
  const has = `N = ${sample.entities}, T = ${sample.periods}`;
  return [
    {
      method: 'Engle–Granger Fisher',
      needs: 'independent entities, each with 8 rows or more after lags; up to 3 regressors',
      has,
      status: engleGranger === null ? 'cannot run' : 'ok',
    },
    {
      method: 'Kao',
      needs: `balanced; T ≥ ${fewestPeriodsForKao}: shorter panels reject up to .3 of true nulls`,
      has,
      status: kao === null ? 'cannot run' : kao.status === 'ok' ? 'ok' : 'too small',
    },
  ];
}
