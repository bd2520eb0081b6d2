import { coefficientTests } from '../../covariance/inference.js';
import { termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import type { Panel } from '../../panel/panel.js';
import { covarianceChoice, covarianceLabel } from '../../panel-models/covariance-param.js';
import { clusterOnFit } from '../../panel-models/fit-clusters.js';
import { type FitCovariance, fitCovariance } from '../../panel-models/fit-covariance.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import type { WithinFit } from '../../panel-models/within.js';
import { constantTerm } from '../../report/estimates-table.js';
import { bootstrapToCome } from './bootstrap.js';
import { effectTests, entityEffects, fitStatistics, varianceOf } from './fit-statistics.js';
import type { ColumnModel, PreparedStep } from './model.js';
import type { PanelRegressionParams } from './params.js';
import type { ColumnSpec } from './request.js';
import type { FittedColumn, TestResult } from './result.js';
import { waldOf } from './wald.js';

/** Everything that is told of one column; a bootstrap's numbers are filled in from its draws (`withBootstrap`). */
export function fitColumn(
  params: PanelRegressionParams,
  panel: Panel,
  step: PreparedStep,
  spec: ColumnSpec,
  { named, singletons, names, effects, fit }: ColumnModel,
): FittedColumn {
  const { sample } = named;
  const normal = spec.estimator === 'random-effects';
  const covariances = params.covariance.map((asked) => {
    const found =
      asked.kind === 'bootstrap'
        ? bootstrapToCome(fit, asked)
        : fitCovariance(
            fit,
            effects,
            covarianceChoice(asked, (name) => clusterOnFit(fit, sample, named.groupings.get(name)!, name)),
          );
    const df = normal && found.df === fit.residualDf ? Number.POSITIVE_INFINITY : found.df;
    return {
      ...found,
      df,
      kind: asked.kind,
      label: covarianceLabel(asked, { entity: panel.entity.name, time: panel.time.name }),
    };
  });
  const tests = covariances.map(({ matrix, df }) => coefficientTests(fit.coefficients, matrix, df, params.level));
  const terms = [...(fit.constant ? [constantTerm] : []), ...fit.kept.map((j) => step.regressors[j].name)];
  const restricted = params.effectTests && names.length > 0 ? effectTests(fit as WithinFit, sample, names, effects) : [];
  return {
    coefficients: terms.map((term, j) => {
      const [{ estimate, ...first }, ...others] = tests.map((of) => errorOf(of[j]));
      return {
        term,
        estimate,
        ...first,
        alternatives: others.map(({ estimate: _, ...rest }, c) => ({ covariance: c + 1, ...rest })),
      };
    }),
    collinear: fit.collinear.filter((j) => j >= 0).map((j) => step.regressors[j].name),
    covariances: covariances.map(({ kind, label, clusters, lag, rule, matrix, df }) => ({
      kind,
      label,
      clusters: [...clusters],
      lag,
      rule,
      slopesTest: slopesTest(fit, { matrix, df }),
      bootstrap: null,
      indefinite: matrix.diagonal().some((variance) => variance < 0),
    })),
    jointTests: jointTests(fit, step, covariances[0]),
    effects: effects.map(({ levels }, f) => ({ name: names[f], levels })),
    absorbed: {
      rank: fit.absorbed,
      redundant: names.length > 0 ? (fit as WithinFit).absorption.redundant : 0,
      exact: names.length > 0 ? (fit as WithinFit).absorption.exact : true,
    },
    sample: {
      rows: sample.rows,
      entities: sample.entity.levels,
      periods: sample.time.levels,
      dropped: [...step.dropped],
    },
    singletons,
    fit: fitStatistics(fit, sample, spec.estimator),
    effectTests: restricted,
    variance: varianceOf(fit, sample, spec.estimator, isEntityOnly(names, panel)),
    entityEffects:
      params.effectEstimates && isEntityOnly(names, panel)
        ? entityEffects(fit, sample, named.groupings.get(names[0])!.labels)
        : [],
  };
}

const errorOf = ({ estimate, standardError, statistic, df, p, lower, upper }: ReturnType<typeof coefficientTests>[number]) => ({
  estimate,
  standardError,
  statistic,
  df,
  pValue: p,
  lower,
  upper,
});

const isEntityOnly = (names: readonly string[], panel: Panel) =>
  names.length === 1 && (names[0] === panel.entity.name || names[0] === 'entity');

function slopesTest(fit: LinearFit, covariance: Pick<FitCovariance, 'matrix' | 'df'>): TestResult | null {
  const shift = fit.constant ? 1 : 0;
  return waldOf(
    fit,
    covariance,
    fit.kept.map((_, j) => j + shift),
  );
}

/** Coefficients of each term with i(…), by their places in the fit. */
export function jointPlaces(fit: Pick<LinearFit, 'kept' | 'constant'>, { regressors }: PreparedStep): Map<Term, number[]> {
  const shift = fit.constant ? 1 : 0;
  const terms = new Map<Term, number[]>();
  for (const [j, index] of fit.kept.entries()) {
    const { term } = regressors[index];
    if (!term.factors.some(({ kind }) => kind === 'levels')) continue;
    terms.set(term, [...(terms.get(term) ?? []), j + shift]);
  }
  return terms;
}

/** F of all dummies of each term with i(…). */
function jointTests(fit: LinearFit, step: PreparedStep, covariance: Pick<FitCovariance, 'matrix' | 'df'>) {
  return Array.from(jointPlaces(fit, step), ([term, places]) => {
    const test = waldOf(fit, covariance, places) ?? {
      statistic: Number.NaN,
      df1: places.length,
      df2: covariance.df,
      pValue: Number.NaN,
    };
    return { term: termName(term), ...test };
  });
}
