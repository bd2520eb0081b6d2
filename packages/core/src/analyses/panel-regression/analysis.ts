import { EstimationError } from '../../errors.js';
import { termName } from '../../formula/print.js';
import { cutUnits } from '../../job/layout.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { constantTerm } from '../../report/estimates-table.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { adequacyRows } from './adequacy.js';
import { bootstrapDraws, bootstrapOf, withBootstrap } from './bootstrap.js';
import { fitColumn, jointPlaces } from './column.js';
import { conventions, warningsFor } from './conventions.js';
import { columnModel, type PreparedStep, prepareStep } from './model.js';
import { type PanelRegressionParams, panelRegressionParams } from './params.js';
import { panelRegressionReport } from './report.js';
import { type ColumnSpec, checkRequest, columnCount, columnSpecs, groupLabels, type Request, readRequest } from './request.js';
import { type FittedColumn, type PanelRegressionResult, panelRegressionResult } from './result.js';

interface RegressionContext {
  readonly columns: readonly ColumnSpec[];
}

/** What became of a column. */
interface ColumnPart {
  readonly fitted: FittedColumn | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** coefficients of each i(…), tested jointly */
  readonly joint: readonly { readonly term: string; readonly places: readonly number[] }[];
}

/** The columns of a shard, or draws of one column's bootstrap. */
type RegressionPart =
  | { readonly columns: readonly ColumnPart[] }
  | { readonly column: number; readonly draws: Float64Array; readonly failure: ColumnPart['failure'] };

/**
 * Linear panel regressions side by side: pooled, fixed effects of any number, between, first differences, random effects.
 *
 * Units are the columns of the table; with a bootstrap then the draws of the first column, of the second, …
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
    const draws = columns * (bootstrapOf(params)?.replications ?? 0);
    const width = widest(request) + 1;
    return {
      cpuSeconds: 0.02 + columns * seconds + draws * drawSeconds(request, panel, panel.time.count),
      bytes:
        50_000 +
        columns * (4_000 + 600 * width) +
        draws * 8 * width +
        (params.effectEstimates ? columns * panel.entity.count * 40 : 0),
      arithmetic:
        `${columns} ${columns === 1 ? 'column' : 'columns'} × ${panel.rows.toLocaleString('en')} rows × up to ${width - 1} regressors` +
        (draws > 0 ? ` + ${draws.toLocaleString('en')} draws of ${panel.entity.count.toLocaleString('en')} entities` : ''),
    };
  },

  plan(params, { panel }) {
    const request = readRequest(params);
    const columns = columnSpecs(request, groupLabels(params, panel));
    const sizes = { rows: panel.rows, entity: { count: panel.entity.labels.length } };
    const seconds = columnSeconds(params, request, sizes);
    const shards = cutUnits(columns.length, seconds);
    const bootstrap = bootstrapOf(params);
    if (bootstrap === null) return { context: { columns }, unit: 'columns', shards };
    const { replications } = bootstrap;
    // a shard of draws fits its column once before it draws: it should draw for longer than that takes
    const ofColumn = cutUnits(replications, drawSeconds(request, sizes, panel.time.labels.length), Math.max(0.5, 3 * seconds));
    const draws = columns.flatMap((_, c) =>
      ofColumn.map(({ first, count }) => ({ first: columns.length + c * replications + first, count })),
    );
    return { context: { columns }, unit: 'columns and draws', shards: [...shards, ...draws] };
  },

  run(params, { panel }, { columns }, { first, count }, progress, seed) {
    const request = readRequest(params);
    const prepared = new Map<string, PreparedStep>();
    const step = (spec: ColumnSpec) => preparedStep(prepared, params, request, panel, spec);
    if (first >= columns.length) {
      const { replications } = bootstrapOf(params)!;
      const column = Math.floor((first - columns.length) / replications);
      const range = { first: (first - columns.length) % replications, count, seed };
      const spec = columns[column];
      const of = attempt(() => bootstrapDraws(params, spec, columnModel(params, request, step(spec), spec), range, progress));
      return { column, draws: of.value ?? new Float64Array(0), failure: of.failure };
    }
    const parts: ColumnPart[] = [];
    for (const spec of columns.slice(first, first + count)) {
      const { value, failure } = attempt(() => {
        const model = columnModel(params, request, step(spec), spec);
        const joint = Array.from(jointPlaces(model.fit, step(spec)), ([term, places]) => ({ term: termName(term), places }));
        return { fitted: fitColumn(params, panel, step(spec), spec, model), joint };
      });
      parts.push({ fitted: value?.fitted ?? null, joint: value?.joint ?? [], failure });
      progress(1);
    }
    return { columns: parts };
  },

  combine(params, { panel }, { columns }, parts) {
    const request = readRequest(params);
    const all = parts.flatMap((part) => ('columns' in part ? part.columns : []));
    const finished = bootstrapOf(params) === null ? all : all.map((part, c) => withDraws(params, part, drawsOf(parts, c)));
    const [{ failure: first }] = finished;
    if (first !== null && finished.every(({ failure }) => failure !== null)) throw new EstimationError(first.code, first.message);
    const results = finished.map(({ fitted, failure }, c) => {
      const { outcome, estimator, group, step } = columns[c];
      return { number: c + 1, outcome: termName(request.outcomes[outcome]), estimator, group, step: step + 1, fitted, failure };
    });
    const adequacy = adequacyRows(results, params);
    return {
      columns: results,
      program: params.program,
      table: params.table,
      panel: { entity: panel.entity.name, time: panel.time.name, group: params.groups ?? null },
      conventions: conventions(params, request),
      adequacy,
      warnings: warningsFor(results, params, { entity: panel.entity.name }, adequacy),
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

/** CPU seconds of one draw: sums over entities and a factorisation, or a fit on the rows drawn; measured on one core at 2.6 GHz. */
function drawSeconds(
  request: Request,
  { rows, entity }: Pick<PanelSummary, 'rows'> & { entity: { count: number } },
  periods: number,
): number {
  const k = widest(request) + 1;
  if (request.estimators.includes('random-effects')) return 5e-5 + rows * k * k * 3e-8;
  const width = k + (request.formula.effects.length > 1 ? Math.min(400, periods) : 0);
  const balanced = rows === entity.count * periods;
  const each = balanced ? k * (k / 2 + width) : (width * width) / 2;
  return 2e-6 + entity.count * each * 2e-9 + (balanced ? 0 : width ** 3 * 1e-9);
}

/** Draws of one column, in their order, or why there are none. */
function drawsOf(parts: readonly RegressionPart[], column: number) {
  const own = parts.flatMap((part) => ('draws' in part && part.column === column ? [part] : []));
  const all = new Float64Array(own.reduce((sum, { draws }) => sum + draws.length, 0));
  let at = 0;
  for (const { draws } of own) {
    all.set(draws, at);
    at += draws.length;
  }
  return { draws: all, failure: own.find(({ failure }) => failure !== null)?.failure ?? null };
}

function withDraws(
  { level }: PanelRegressionParams,
  part: ColumnPart,
  { draws, failure: refused }: ReturnType<typeof drawsOf>,
): ColumnPart {
  const { fitted, joint } = part;
  if (fitted === null) return part;
  if (refused !== null) return { fitted: null, failure: refused, joint };
  const { value, failure } = attempt(() => withBootstrap(fitted, draws, joint, level));
  return { fitted: value, failure, joint };
}

/** A column that these data cannot give does not take the others with it. */
function attempt<T>(compute: () => T): { value: T | null; failure: ColumnPart['failure'] } {
  try {
    return { value: compute(), failure: null };
  } catch (error) {
    if (error instanceof EstimationError) return { value: null, failure: { code: error.code, message: error.message } };
    throw error;
  }
}
