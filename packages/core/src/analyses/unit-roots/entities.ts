import { EstimationError } from '../../errors.js';
import { type AdfRegression, adfRegression, type Deterministic, defaultMostLags, selectLags } from '../../unit-roots/adf.js';
import { dickeyFullerP, fewestRows } from '../../unit-roots/dickey-fuller.js';
import { plugInBandwidth } from '../../unit-roots/long-run-variance.js';
import { phillipsPerron } from '../../unit-roots/phillips-perron.js';
import type { Series } from '../../unit-roots/series.js';
import type { UnitRootsParams } from './params.js';
import type { RootsEntity } from './result.js';

/** One entity's own tests, and its ADF regression for the tests that pool. */
export interface TestedEntity {
  readonly row: RootsEntity;
  readonly series: Series;
  readonly regression: AdfRegression | null;
}

/** The tests of each entity's series on its own; one without a number says why. */
export function testEntities(params: UnitRootsParams, deterministic: Deterministic, all: readonly Series[]): TestedEntity[] {
  return all.map((series) => testEntity(params, deterministic, series));
}

function testEntity(params: UnitRootsParams, deterministic: Deterministic, series: Series): TestedEntity {
  const notes: string[] = [];
  const attempt = <T>(compute: () => T): T | null => {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof EstimationError)) throw error;
      notes.push(error.message);
      return null;
    }
  };
  const chosen = attempt(() => lagsOf(params, deterministic, series));
  const regression =
    chosen === null ? null : attempt(() => longEnough(adfRegression(series.values, deterministic, chosen.lags), deterministic));
  const wantsPerron = params.tests.includes('pp-fisher');
  const perron = wantsPerron ? attempt(() => perronOf(params, deterministic, series)) : null;
  return {
    series,
    regression,
    row: {
      entity: series.entity,
      observations: series.count,
      adf: regression === null ? null : { ...adfRow(regression, deterministic), maxLags: chosen!.maxLags },
      phillipsPerron: perron,
      note: notes.length === 0 ? null : [...new Set(notes)].join('; '),
    },
  };
}

function lagsOf({ lags, maxLags }: UnitRootsParams, deterministic: Deterministic, { values, count }: Series) {
  if (typeof lags === 'number') return { lags, maxLags: null };
  const most = maxLags ?? defaultMostLags(count, deterministic, fewestRows[deterministic]);
  return { lags: selectLags(values, deterministic, most, lags), maxLags: most };
}

function longEnough<T extends { readonly rows: number }>(regression: T, deterministic: Deterministic): T {
  const least = fewestRows[deterministic];
  if (regression.rows >= least) return regression;
  throw new EstimationError(
    'too_few_periods',
    `p-values of a test regression are for ${least} rows or more, there are ${regression.rows}`,
  );
}

function adfRow({ lags, rows, coefficient, standardError, t }: AdfRegression, deterministic: Deterministic) {
  const pAsymptotic = dickeyFullerP(t, deterministic, Number.POSITIVE_INFINITY);
  return { lags, rows, coefficient, standardError, t, pValue: dickeyFullerP(t, deterministic, rows), pAsymptotic };
}

function perronOf({ bandwidth }: UnitRootsParams, deterministic: Deterministic, { values, count }: Series) {
  const { rows, t, ...rest } = longEnough(
    phillipsPerron(values, deterministic, bandwidth.phillipsPerron ?? plugInBandwidth(count)),
    deterministic,
  );
  return {
    rows,
    bandwidth: rest.bandwidth,
    t,
    pValue: dickeyFullerP(t, deterministic, rows),
    pAsymptotic: dickeyFullerP(t, deterministic, Number.POSITIVE_INFINITY),
  };
}
