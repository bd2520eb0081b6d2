import { EstimationError } from '../../errors.js';
import type { Deterministic } from '../../unit-roots/adf.js';
import { cips, interpolatedP } from '../../unit-roots/cips.js';
import { fisherTests } from '../../unit-roots/fisher.js';
import { hadri } from '../../unit-roots/hadri.js';
import { harrisTzavalis } from '../../unit-roots/harris-tzavalis.js';
import { imPesaranShin } from '../../unit-roots/im-pesaran-shin.js';
import { levinLinChu } from '../../unit-roots/levin-lin-chu.js';
import { isBalanced } from '../../unit-roots/series.js';
import type { TestedEntity } from './entities.js';
import { fewestPeriodsFor, manyEntities, rootTestTitles } from './limits.js';
import type { RootTestName, UnitRootsParams } from './params.js';
import type { RootsTest } from './result.js';

type Draft = Omit<RootsTest, 'test' | 'status' | 'null' | 'note' | 'asymptotic' | 'df' | 'entities'> &
  Partial<Pick<RootsTest, 'note' | 'asymptotic' | 'df' | 'entities'>>;

export const rootNull = 'every entity has a unit root';
const nullOf = (test: RootTestName) => (test === 'hadri' ? 'every entity is stationary' : rootNull);

/** The panel tests of one variable, each on its own: one that these data cannot give says why in its place. */
export function panelRootTests(
  params: UnitRootsParams,
  deterministic: Deterministic,
  entities: readonly TestedEntity[],
): RootsTest[] {
  const shortest = Math.min(...entities.map(({ series }) => series.count));
  return params.tests.flatMap((test) => {
    const least = fewestPeriodsFor[test] ?? 0;
    const few = test === 'harris-tzavalis' && entities.length < manyEntities;
    const short = shortest < least;
    const caution = short
      ? `no verdict below ${least} periods, there are ${shortest}`
      : few
        ? `no verdict below ${manyEntities} entities, there are ${entities.length}`
        : null;
    return attempt(test, () => drafts(test, params, deterministic, entities)).map((draft): RootsTest => {
      const none = Number.isNaN(draft.statistic);
      const notes = [draft.note ?? null, none ? null : caution].filter((note) => note !== null);
      return {
        asymptotic: null,
        df: null,
        entities: entities.length,
        ...draft,
        test,
        null: nullOf(test),
        status: none ? 'unavailable' : short ? 'too short' : few ? 'too few' : 'ok',
        note: notes.length === 0 ? null : notes.join('; '),
      };
    });
  });
}

function attempt(test: RootTestName, compute: () => Draft[]): Draft[] {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return [unavailable(test, error.message)];
  }
}

const unavailable = (test: RootTestName, note: string): Draft => ({
  name: test,
  title: rootTestTitles[test],
  statistic: Number.NaN,
  distribution: 'normal',
  pValue: Number.NaN,
  note,
});

function drafts(
  test: RootTestName,
  params: UnitRootsParams,
  deterministic: Deterministic,
  entities: readonly TestedEntity[],
): Draft[] {
  switch (test) {
    case 'adf-fisher':
      return fisherDrafts(
        test,
        entities.flatMap(({ row }) => row.adf ?? []),
        entities.length,
      );
    case 'pp-fisher':
      return fisherDrafts(
        test,
        entities.flatMap(({ row }) => row.phillipsPerron ?? []),
        entities.length,
      );
    case 'levin-lin-chu':
      return levinLinChuDrafts(params, deterministic, entities);
    case 'im-pesaran-shin':
      return imPesaranShinDrafts(deterministic, entities);
    case 'cips':
      return cipsDrafts(params, deterministic, entities);
    case 'hadri':
      return hadriDrafts(deterministic, entities);
    case 'harris-tzavalis':
      return harrisTzavalisDrafts(deterministic, entities);
  }
}

/** Four combinations of the entities' p-values, from finite-sample and from asymptotic ones. */
function fisherDrafts(
  test: 'adf-fisher' | 'pp-fisher',
  rows: readonly { readonly pValue: number; readonly pAsymptotic: number }[],
  all: number,
): Draft[] {
  if (rows.length === 0) throw new EstimationError('no_p_values', 'no entity has a p-value to combine');
  const [finite, asymptotic] = [fisherTests(rows.map(({ pValue }) => pValue)), fisherTests(rows.map((row) => row.pAsymptotic))];
  const left = all - rows.length;
  const common = {
    entities: rows.length,
    ...(left > 0 ? { note: `${left} of ${all} entities left out, each for the reason beside it` } : {}),
  };
  const title = rootTestTitles[test];
  const draft = (key: keyof typeof finite, name: string, what: string, distribution: Draft['distribution']): Draft => {
    const { statistic, pValue, ...rest } = finite[key];
    const beside = asymptotic[key];
    return {
      ...common,
      name: `${test}-${name}`,
      title: `${title} ${what}`,
      statistic,
      distribution,
      df: 'df' in rest ? (rest.df as number) : null,
      pValue,
      asymptotic: { statistic: beside.statistic, pValue: beside.pValue },
    };
  };
  return [
    draft('chiSquared', 'chi2', 'χ²', 'chi2'),
    draft('inverseNormal', 'z', 'Choi Z', 'normal'),
    draft('logit', 'logit', 'logit', 't'),
    draft('modified', 'pm', 'Pm', 'normal'),
  ];
}

/** The series, when every entity has the same periods and none is missing. */
function balancedSeries(title: string, entities: readonly TestedEntity[]): Float64Array[] {
  const all = entities.map(({ series }) => series);
  if (isBalanced(all)) return all.map(({ values }) => values);
  const counts = all.map(({ count }) => count);
  throw new EstimationError(
    'unbalanced',
    `${title} needs every entity to have the same periods without gaps; entities have ${Math.min(...counts)} to ${Math.max(...counts)} values`,
  );
}

/** The ADF regressions, when every entity has one. */
function regressions(title: string, entities: readonly TestedEntity[]) {
  return entities.map(({ regression, row }) => {
    if (regression === null)
      throw new EstimationError('no_regression', `${title} needs every entity: ${row.entity} has none (${row.note})`);
    return regression;
  });
}

function levinLinChuDrafts(params: UnitRootsParams, deterministic: Deterministic, entities: readonly TestedEntity[]): Draft[] {
  const title = rootTestTitles['levin-lin-chu'];
  const series = balancedSeries(title, entities);
  const lags = regressions(title, entities).map((regression) => regression.lags);
  const { statistic, pValue } = levinLinChu(series, deterministic, lags, params.bandwidth.levinLinChu);
  return [{ name: 'levin-lin-chu', title: `${title} t*`, statistic, distribution: 'normal', pValue }];
}

function imPesaranShinDrafts(deterministic: Deterministic, entities: readonly TestedEntity[]): Draft[] {
  const title = rootTestTitles['im-pesaran-shin'];
  if (deterministic === 'none') throw new EstimationError('no_terms', `${title} is for series with an intercept or a trend`);
  const found = imPesaranShin(regressions(title, entities), deterministic);
  if (found === null) {
    throw new EstimationError(
      'no_moments',
      `the paper’s moments begin at 6 rows without lags and at 10 to 25 rows with up to 8, and ${entities.length === 1 ? 'the entity' : 'an entity'} is outside`,
    );
  }
  const { statistic, pValue } = found;
  return [{ name: 'im-pesaran-shin', title: `${title} W`, statistic, distribution: 'normal', pValue }];
}

function cipsDrafts(params: UnitRootsParams, deterministic: Deterministic, entities: readonly TestedEntity[]): Draft[] {
  const title = rootTestTitles.cips;
  const series = balancedSeries(title, entities);
  const { statistic, truncated, criticalValues, truncatedCriticalValues } = cips(
    series,
    deterministic,
    cipsLags(params, entities),
  );
  const draft = (name: string, label: string, value: number, critical: readonly [number, number, number] | null): Draft => ({
    name,
    title: `${title}${label}`,
    statistic: value,
    distribution: 'tabulated',
    pValue: critical === null ? Number.NaN : interpolatedP(value, critical),
    note:
      critical === null
        ? 'the tables begin at 10 entities and 10 rows: no p'
        : `critical values ${critical.map((c) => c.toFixed(2)).join(', ')} at 1, 5, 10 %`,
  });
  return [
    draft('cips', '', statistic, criticalValues),
    draft('cips-truncated', ', truncated', truncated, truncatedCriticalValues),
  ];
}

/** One number of lags for all: as given, or the one most often chosen, the smaller of two. */
export function cipsLags({ cipsLags: given, lags }: UnitRootsParams, entities: readonly TestedEntity[]): number {
  if (given !== undefined) return given;
  if (typeof lags === 'number') return lags;
  const counts = new Map<number, number>();
  for (const { regression } of entities)
    if (regression !== null) counts.set(regression.lags, (counts.get(regression.lags) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0] ?? 0;
}

function hadriDrafts(deterministic: Deterministic, entities: readonly TestedEntity[]): Draft[] {
  const title = rootTestTitles.hadri;
  if (deterministic === 'none') throw new EstimationError('no_terms', `${title} is for series with an intercept or a trend`);
  const { homoskedastic, heteroskedastic } = hadri(balancedSeries(title, entities), deterministic);
  return [
    { name: 'hadri', title: `${title} Z`, distribution: 'normal', ...homoskedastic },
    { name: 'hadri-heteroskedastic', title: `${title} Z, own variances`, distribution: 'normal', ...heteroskedastic },
  ];
}

function harrisTzavalisDrafts(deterministic: Deterministic, entities: readonly TestedEntity[]): Draft[] {
  const title = rootTestTitles['harris-tzavalis'];
  const { statistic, pValue, rho } = harrisTzavalis(balancedSeries(title, entities), deterministic);
  return [
    {
      name: 'harris-tzavalis',
      title: `${title} z`,
      statistic,
      distribution: 'normal',
      pValue,
      note: `ρ̂ = ${rho.toPrecision(4)}`,
    },
  ];
}
