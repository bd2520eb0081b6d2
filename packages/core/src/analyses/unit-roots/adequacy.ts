import type { Adequacy } from '../fields.js';
import { fewestPeriodsFor, fewestPeriodsForKao, manyEntities, rootTestTitles } from './limits.js';
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
    'pp-fisher': () =>
      row('pp-fisher', 'independent entities; T well above the bandwidth (the correction is asymptotic)', least >= 30),
    'levin-lin-chu': () => row('levin-lin-chu', `balanced; T ≥ ${periods('levin-lin-chu')}`, least >= periods('levin-lin-chu')),
    'im-pesaran-shin': () =>
      row('im-pesaran-shin', `intercept or trend; T ≥ ${periods('im-pesaran-shin')}`, least >= periods('im-pesaran-shin')),
    cips: () =>
      row(
        'cips',
        `balanced; T ≥ ${periods('cips')}, N ≥ ${manyEntities} (tables)`,
        least >= periods('cips') && fewest >= manyEntities,
      ),
    hadri: () => row('hadri', `balanced; T ≥ ${periods('hadri')}, no serial correlation`, least >= periods('hadri')),
    'harris-tzavalis': () =>
      row('harris-tzavalis', `balanced; any T, N ≥ ${manyEntities}; errors without serial correlation`, fewest >= manyEntities),
  };
  return [
    ...tests.map((test) => rows[test]()),
    ...(cointegration === null
      ? []
      : [
          {
            method: 'Kao',
            needs: `balanced; T ≥ ${fewestPeriodsForKao}: at 4 × 11 it rejects .26–.34 of true nulls, at 31 × 12 .17, at 30 × 7 .37`,
            has: `N = ${cointegration.entities}, T = ${cointegration.periods}`,
            status: cointegration.status === 'ok' ? ('ok' as const) : ('too small' as const),
          },
        ]),
  ];
}
