import { EstimationError } from '../../errors.js';
import { termName } from '../../formula/print.js';
import { cutUnits } from '../../job/layout.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { constantTerm } from '../../report/estimates-table.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { fitColumn, type PreparedStep, prepareStep } from './column.js';
import { conventions, warningsFor } from './conventions.js';
import { type PanelRegressionParams, panelRegressionParams } from './params.js';
import { panelRegressionReport } from './report.js';
import { type ColumnSpec, checkRequest, columnCount, columnSpecs, groupLabels, type Request, readRequest } from './request.js';
import { type FittedColumn, type PanelRegressionResult, panelRegressionResult } from './result.js';

interface RegressionContext {
  readonly columns: readonly ColumnSpec[];
}

/** What became of each column of a shard. */
type RegressionPart = readonly {
  readonly fitted: FittedColumn | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}[];

/**
 * Linear panel regressions side by side: pooled, fixed effects of any number, between, first differences, random effects.
 *
 * A unit is one column of the table.
 */
export const panelRegression = defineAnalysis<PanelRegressionParams, RegressionContext, RegressionPart, PanelRegressionResult>({
  name: 'panel-regression',
  version: 1,
  title: 'Panel regression',
  about:
    'How an outcome moves with regressors in a panel: pooled OLS, fixed effects (any number, absorbed exactly), between, first ' +
    'differences and random effects, in one table: several models, outcomes, controls added step by step, groups. Standard errors of ' +
    'several kinds side by side, each with its small-sample rule by name. Fixed effects take out what does not change within their ' +
    'levels and nothing else; slopes are causal only if what is left of the regressors is as good as random.',
  sources: [
    'Baltagi, B. H. (2021). Econometric Analysis of Panel Data, 6th ed., §2.2–2.3, §3.2, §9.2',
    'Correia, S. (2017). Linear models with high-dimensional fixed effects: An efficient and feasible estimator: singletons, degrees of freedom',
    'Cameron, A. C. & Miller, D. L. (2015). A practitioner’s guide to cluster-robust inference. Journal of Human Resources 50, 317–372',
    'Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Robust inference with multiway clustering. JBES 29, eq. 2.11',
    'Driscoll, J. C. & Kraay, A. C. (1998). Review of Economics and Statistics 80, 549–560; Hoechle, D. (2007). Stata Journal 7, 281–312',
    'MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for cluster-robust inference. Journal of Applied Econometrics 38: CV3',
  ],
  params: panelRegressionParams,
  result: panelRegressionResult,
  example: {
    dataset: 'grunfeld.csv',
    params: {
      formula: 'inv ~ value + capital | firm',
      estimators: ['pooled', 'within', 'random-effects'],
      covariance: ['cluster', 'classical'],
    },
  },

  check: checkRequest,

  cost(params, { panel }) {
    const request = readRequest(params);
    const columns = columnCount(params, request, panel);
    const seconds = columnSeconds(params, request, panel);
    return {
      cpuSeconds: 0.02 + columns * seconds,
      bytes:
        50_000 + columns * (4_000 + 600 * widest(request)) + (params.effectEstimates ? columns * panel.entity.count * 40 : 0),
      arithmetic: `${columns} ${columns === 1 ? 'column' : 'columns'} × ${panel.rows.toLocaleString('en')} rows × up to ${widest(request)} regressors`,
    };
  },

  plan(params, { panel }) {
    const request = readRequest(params);
    const columns = columnSpecs(request, groupLabels(params, panel));
    const sizes = { rows: panel.rows, entity: { count: panel.entity.labels.length } };
    return { context: { columns }, unit: 'columns', shards: cutUnits(columns.length, columnSeconds(params, request, sizes)) };
  },

  run(params, { panel }, { columns }, { first, count }, progress) {
    const request = readRequest(params);
    const prepared = new Map<string, PreparedStep>();
    const parts: RegressionPart[number][] = [];
    for (const spec of columns.slice(first, first + count)) {
      parts.push(attempt(() => fitColumn(params, request, panel, preparedStep(prepared, params, request, panel, spec), spec)));
      progress(1);
    }
    return parts;
  },

  combine(params, { panel }, { columns }, parts) {
    const request = readRequest(params);
    const all = parts.flat();
    const [{ failure: first }] = all;
    if (first !== null && all.every(({ failure }) => failure !== null)) throw new EstimationError(first.code, first.message);
    const results = all.map(({ fitted, failure }, c) => {
      const { outcome, estimator, group, step } = columns[c];
      return { number: c + 1, outcome: termName(request.outcomes[outcome]), estimator, group, step: step + 1, fitted, failure };
    });
    return {
      columns: results,
      program: params.program,
      table: params.table,
      panel: { entity: panel.entity.name, time: panel.time.name, group: params.groups ?? null },
      conventions: conventions(params, request),
      warnings: warningsFor(results, params),
    };
  },

  report: panelRegressionReport,

  estimates: ({ columns }) =>
    columns[0].fitted === null
      ? []
      : columns[0].fitted.coefficients
          .filter(({ term }) => term !== constantTerm)
          .map(({ term, ...numbers }) => ({ name: term, ...numbers, rows: columns[0].fitted!.sample.rows })),
});

const widest = ({ steps }: Request) => Math.max(...steps.map(({ length }) => length));

/** CPU seconds of one column: evaluation of the terms, transform, factorisation, each covariance; measured on one core at 2.6 GHz. */
function columnSeconds(
  params: PanelRegressionParams,
  request: Request,
  { rows, entity }: Pick<PanelSummary, 'rows'> & { entity: { count: number } },
): number {
  const k = widest(request) + 1;
  const effects = request.formula.effects.length;
  const jackknife = params.covariance.some(({ kind }) => kind === 'cluster-jackknife') ? entity.count * k ** 3 * 2e-9 : 0;
  return (
    1e-3 +
    rows * (5e-7 * k + 2e-7 * k * Math.max(0, effects - 1) ** 2 + 1e-8 * k * k * (2 + params.covariance.length)) +
    jackknife
  );
}

function preparedStep(
  known: Map<string, PreparedStep>,
  params: PanelRegressionParams,
  request: Request,
  panel: Panel,
  { outcome, step }: ColumnSpec,
): PreparedStep {
  const key = `${outcome}/${step}`;
  const found = known.get(key) ?? asEstimation(() => prepareStep(params, request, panel, outcome, step));
  known.set(key, found);
  return found;
}

/** A column that these data cannot give does not take the others with it. */
function attempt(fit: () => FittedColumn): RegressionPart[number] {
  try {
    return { fitted: fit(), failure: null };
  } catch (error) {
    if (error instanceof EstimationError) return { fitted: null, failure: { code: error.code, message: error.message } };
    throw error;
  }
}
