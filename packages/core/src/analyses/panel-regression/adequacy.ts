import type { Adequacy } from '../fields.js';
import type { PanelRegressionParams } from './params.js';
import type { FittedColumn, RegressionColumn } from './result.js';

/** Fewer clusters than this leave clustered tests too large (Cameron & Miller 2015, §VI). */
export const fewClusters = 30;
/** Below this Wald tests and wild bootstraps cannot reject at 5 % either. */
export const hardlyAnyClusters = 6;
/** CV3 errs on the large side, so it needs fewer. */
const fewForJackknife = 10;
/** Driscoll–Kraay rests on T → ∞. */
export const fewPeriods = 30;
/** Variance components, and means of entities, are estimated from so many numbers. */
const fewEntities = 30;

/** Methods of the table that are estimators, not errors. */
export const estimatorNames: readonly string[] = ['random effects', 'between'];

/** One method's need in one column. */
interface Need extends Omit<Adequacy, 'has'> {
  /** what there is, as a symbol and a number */
  readonly symbol: string;
  readonly value: number;
}

/** What each estimator and each kind of error needs of N, T and G; of several columns the least and the most that there is. */
export function adequacyRows(columns: readonly RegressionColumn[], params: PanelRegressionParams): Adequacy[] {
  const needs = columns.flatMap(({ fitted, estimator }) =>
    fitted === null ? [] : [...estimatorNeeds(fitted, estimator, params), ...covarianceNeeds(fitted)],
  );
  const rows = new Map<string, Need[]>();
  for (const need of needs) {
    const key = `${need.method}/${need.needs}`;
    rows.set(key, [...(rows.get(key) ?? []), need]);
  }
  const failed = columns.flatMap(({ failure, number }): Adequacy[] =>
    failure === null ? [] : [{ method: `column (${number})`, needs: failure.message, has: '', status: 'cannot run' }],
  );
  return [...Array.from(rows.values(), summary), ...failed];
}

function summary(of: readonly Need[]): Adequacy {
  const values = of.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [{ method, needs, symbol }] = of;
  return {
    method,
    needs,
    has: `${symbol} = ${least === most ? least.toLocaleString('en') : `${least.toLocaleString('en')}–${most.toLocaleString('en')}`}`,
    status: of.every(({ status }) => status === 'ok') ? 'ok' : 'too small',
  };
}

const enough = (value: number, least: number): 'ok' | 'too small' => (value >= least ? 'ok' : 'too small');

function estimatorNeeds(
  { sample, coefficients }: FittedColumn,
  estimator: RegressionColumn['estimator'],
  { varianceComponents: { method } }: PanelRegressionParams,
): Need[] {
  const N = sample.entities;
  const k = coefficients.length;
  switch (estimator) {
    case 'random-effects': {
      const runs = method === 'swamy-arora' ? `N > k + 1 = ${k} to run (Swamy–Arora); ` : '';
      return [
        {
          method: 'random effects',
          needs: `${runs}N ≥ ${fewEntities} for the variance of the effects`,
          symbol: 'N',
          value: N,
          status: enough(N, fewEntities),
        },
      ];
    }
    case 'between':
      return [
        {
          method: 'between',
          needs: `N > ${k} to run; N ≥ ${5 * k}, one row an entity`,
          symbol: 'N',
          value: N,
          status: enough(N, 5 * k),
        },
      ];
    case 'within':
    case 'pooled':
    case 'first-difference':
      return [];
  }
}

function covarianceNeeds({ covariances }: FittedColumn): Need[] {
  return covariances.flatMap(({ kind, label, clusters, lag }): Need[] => {
    const G = Math.min(...clusters);
    switch (kind) {
      case 'driscoll-kraay': {
        const needs = `T ≥ ${(lag ?? 0) + 2} to run; T ≥ ${fewPeriods}: at T = 12 it rejects .18 of true nulls at 5 %`;
        return [{ method: label, needs, symbol: 'T', value: G, status: enough(G, fewPeriods) }];
      }
      case 'cluster-jackknife':
        return [
          { method: label, needs: `G ≥ ${fewForJackknife} clusters`, symbol: 'G', value: G, status: enough(G, fewForJackknife) },
        ];
      case 'cluster':
      case 'bootstrap': {
        const needs = `G ≥ ${fewClusters} clusters; below ${hardlyAnyClusters} no cluster-robust test is reliable`;
        return [{ method: label, needs, symbol: 'G', value: G, status: enough(G, fewClusters) }];
      }
      default:
        return [];
    }
  });
}
