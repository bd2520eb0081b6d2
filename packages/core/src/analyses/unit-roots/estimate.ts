import { EstimationError } from '../../errors.js';
import type { Panel } from '../../panel/panel.js';
import { crossSectionTests } from '../../specification/cross-section.js';
import { isBalanced, type Series } from '../../unit-roots/series.js';
import { adequacyOf } from './adequacy.js';
import { panelRootTests } from './battery.js';
import { cointegrationTests } from './cointegration.js';
import { conventions, lagWords } from './conventions.js';
import { type TestedEntity, testEntities } from './entities.js';
import type { UnitRootsParams } from './params.js';
import { testedSeries } from './request.js';
import type { RootsSeries, UnitRootsResult } from './result.js';
import { verdictOf, warningsOf } from './verdict.js';

/** All variables, forms and terms, and the cointegrating regression if there is one. */
export function unitRootBattery(params: UnitRootsParams, panel: Panel): UnitRootsResult {
  const tested = testedSeries(params, panel).map(({ variable, form, deterministic, series }): RootsSeries => {
    const entities = testEntities(params, deterministic, series);
    return {
      variable,
      form,
      deterministic,
      sample: sampleOf(series),
      entities: entities.map(({ row }) => row),
      tests: panelRootTests(params, deterministic, entities),
      dependence: dependenceOf(entities),
    };
  });
  if (tested.every(({ tests }) => tests.every(({ status }) => status === 'unavailable'))) {
    const [{ tests, entities }] = tested;
    throw new EstimationError('no_test', `no test can be had of these data: ${entities[0].note ?? tests[0].note}`);
  }
  const cointegration = cointegrationTests(params, panel);
  const answers = { adequacy: adequacyOf(params, tested, cointegration), series: tested, cointegration, lags: lagWords(params) };
  return {
    ...answers,
    verdict: verdictOf(answers, params.alpha),
    warnings: warningsOf(answers, params.alpha),
    conventions: conventions(params, answers),
  };
}

function sampleOf(all: readonly Series[]): RootsSeries['sample'] {
  const counts = all.map(({ count }) => count);
  const observations = counts.reduce((a, b) => a + b, 0);
  return {
    entities: all.length,
    observations,
    periodsPerEntity: { min: Math.min(...counts), max: Math.max(...counts) },
    gaps: all.reduce((sum, { values, count }) => sum + values.length - count, 0),
    balanced: isBalanced(all),
  };
}

/** Pesaran's CD of the ADF residuals: Fisher's, LLC's and the other tests but CIPS take entities as independent. */
function dependenceOf(entities: readonly TestedEntity[]): RootsSeries['dependence'] {
  const used = entities.flatMap(({ regression, series }) => (regression === null ? [] : [{ regression, start: series.start }]));
  if (used.length < 2) return null;
  const when = used.flatMap(({ regression, start }) => regression.positions.map((t) => start + t));
  const periods = [...new Set(when)].sort((a, b) => a - b);
  const codeOf = new Map(periods.map((period, code) => [period, code]));
  const residuals = Float64Array.from(used.flatMap(({ regression }) => [...regression.residuals]));
  try {
    const { cd, meanCorrelation } = crossSectionTests(residuals, {
      rows: residuals.length,
      entity: {
        codes: Uint32Array.from(used.flatMap(({ regression }, e) => regression.positions.map(() => e))),
        levels: used.length,
      },
      time: { codes: Uint32Array.from(when, (period) => codeOf.get(period)!), levels: periods.length },
      calendar: Float64Array.from(when),
      outcome: residuals,
      regressors: [],
    });
    return { ...cd, meanCorrelation };
  } catch (error) {
    if (error instanceof EstimationError) return null; // no two entities share three periods
    throw error;
  }
}
