import { Matrix } from 'ml-matrix';
import { coefficientTests, waldTest } from '../../covariance/inference.js';
import { fUpper } from '../../distributions/f.js';
import { twoSidedP } from '../../distributions/student-t.js';
import { crossGroupings, type Grouping } from '../../effects/grouping.js';
import { findSingletons } from '../../effects/singletons.js';
import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import type { Panel } from '../../panel/panel.js';
import { type CovarianceRequest, clusterNames, covarianceChoice, covarianceLabel } from '../../panel-models/covariance-param.js';
import { clusterOnFit, codesOnFit } from '../../panel-models/fit-clusters.js';
import { type FitCovariance, fitCovariance } from '../../panel-models/fit-covariance.js';
import type { LinearFit } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import { type NamedSample, sampleOfFrame, sampleOnRows } from '../../panel-models/read-sample.js';
import { estimatorOf, type GroupModel, groupModel, hasSumsOfSquares } from './group-model.js';
import type { GroupDifferenceParams } from './params.js';

/** The rows of both groups, the group of each, and the names of what is regressed on. */
export interface GroupedSample {
  readonly named: NamedSample;
  /** 0 or 1 */
  readonly group: Uint32Array;
  readonly labels: readonly [string, string];
  readonly terms: readonly string[];
  readonly outcome: string;
  readonly effectNames: readonly string[];
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[];
  readonly singletons: number;
  readonly model: GroupModel;
}

/** @throws EstimationError `not_two_groups`, `empty_group`, `only_singletons` */
export function groupedSample(params: GroupDifferenceParams, panel: Panel): GroupedSample {
  const formula = parseFormula(params.formula, '/formula');
  const asked = [...new Set([params.group, ...formula.effects, ...clusterNames(params.covariance), 'entity'])];
  const { endogenous, instruments } = formula;
  const frame = modelFrame(panel, {
    outcome: formula.outcome,
    regressors: formula.regressors,
    extra: [...endogenous, ...instruments],
    effects: asked,
  });
  const read = sampleOfFrame(panel, frame, { asked });
  // endogenous regressors first, instruments last
  const [first, last] = [frame.extra.slice(0, endogenous.length), frame.extra.slice(endogenous.length)];
  const slopes = [...first, ...frame.regressors];
  const whole = { ...read, sample: { ...read.sample, regressors: [...slopes, ...last].map(({ values }) => values) } };
  const by = whole.groupings.get(params.group)!;
  const labels = params.levels ?? by.labels;
  const codes = labels.map((label) => by.labels.indexOf(label));
  const missing = labels.find((_, g) => codes[g] < 0);
  if (missing !== undefined) {
    throw new EstimationError(
      'empty_group',
      `no complete row has ${params.group} = ${missing}; there are ${by.labels.slice(0, 10).join(', ')}`,
    );
  }
  if (labels.length !== 2 || codes[0] === codes[1]) {
    throw new EstimationError(
      'not_two_groups',
      `two groups are compared, and ${params.group} has ${by.labels.length} levels on the complete rows (${by.labels.slice(0, 10).join(', ')}): name two as levels`,
    );
  }
  const rows = Uint32Array.from(by.codes.keys()).filter((row) => codes.includes(by.codes[row]));
  const pair = sampleOnRows(whole, rows);
  const group = Uint32Array.from(rows, (row) => (by.codes[row] === codes[1] ? 1 : 0));
  const absorbs = ['within', '2sls'].includes(estimatorOf(params, formula));
  // alone within its group is alone in the separate regression: all models are on the same rows
  const crossed = formula.effects.map((name) => crossGroupings(pair.groupings.get(name)!, { codes: group, levels: 2 }));
  const { rows: kept, dropped: singletons } = findSingletons(crossed, rows.length);
  const drop = params.singletons === 'drop' && singletons > 0;
  if (drop && kept.length === 0)
    throw new EstimationError(
      'only_singletons',
      `every row is alone in a level of ${formula.effects.join(' or ')} within its group`,
    );
  const left = drop ? kept.map((row) => group[row]) : group;
  for (const g of [0, 1])
    if (!left.includes(g)) throw new EstimationError('empty_group', `no row of ${params.group} = ${labels[g]} is left`);
  return {
    named: drop ? sampleOnRows(pair, kept) : pair,
    group: left,
    labels: [labels[0], labels[1]],
    terms: slopes.map(({ name }) => name),
    outcome: frame.outcome.name,
    effectNames: absorbs ? formula.effects : [],
    dropped: frame.dropped,
    singletons,
    model: groupModel(params, formula, slopes.length),
  };
}

export const effectsOf = ({ named, effectNames }: Pick<GroupedSample, 'named' | 'effectNames'>) =>
  effectNames.map((name) => named.groupings.get(name)!);

/** Place of each regressor among the fit's coefficients, −1 if it has none. */
export function placesOf(fit: LinearFit, regressors: number): number[] {
  const shift = fit.constant ? 1 : 0;
  return Array.from({ length: regressors }, (_, j) => {
    const at = fit.kept.indexOf(j);
    return at < 0 ? -1 : at + shift;
  });
}

export interface SeparateFit {
  readonly named: NamedSample;
  readonly fit: LinearFit;
  readonly effects: readonly Grouping[];
  /** rows of the grouped sample */
  readonly rows: Uint32Array;
}

export function separateFit(of: GroupedSample, g: 0 | 1): SeparateFit {
  const rows = Uint32Array.from(of.group.keys()).filter((row) => of.group[row] === g);
  const named = sampleOnRows(of.named, rows);
  const effects = effectsOf({ named, effectNames: of.effectNames });
  return ofGroup(of, g, () => ({ named, rows, effects, fit: of.model.fit(named.sample, effects) }));
}

/** A refusal says which group it is of. */
function ofGroup<T>({ labels }: Pick<GroupedSample, 'labels'>, g: number, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof EstimationError)
      throw new EstimationError(error.code, `group ${labels[g]}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A covariance of a fit with its degrees of freedom: those of the normal for random effects, as panel-regression has it. */
function covarianceOf(
  asked: CovarianceRequest,
  { named, model }: Pick<GroupedSample, 'named' | 'model'>,
  fit: LinearFit,
  effects: readonly Grouping[],
): FitCovariance {
  if (model.estimator === '2sls' && refitted.includes(asked.kind))
    throw new EstimationError(
      'covariance_unavailable',
      `${asked.kind} errors refit least squares without rows: two-stage least squares takes classical, hc0, hc1, cluster, driscoll-kraay`,
    );
  const choice = covarianceChoice(asked, (name) => clusterOnFit(fit, named.sample, named.groupings.get(name)!, name));
  const found = fitCovariance(fit, effects, choice);
  const normal = model.estimator === 'random-effects' && found.df === fit.residualDf;
  return normal ? { ...found, df: Number.POSITIVE_INFINITY } : found;
}

const refitted: readonly CovarianceRequest['kind'][] = ['hc2', 'hc3', 'cluster-jackknife'];

/** Estimates of group g with errors of the first covariance, and classical errors. */
export function groupEstimates(
  params: GroupDifferenceParams,
  of: GroupedSample,
  g: number,
  { named, fit, effects }: SeparateFit,
) {
  const { model } = of;
  const { matrix, df } = ofGroup(of, g, () => covarianceOf(params.covariance[0], { named, model }, fit, effects));
  const classical = fitCovariance(fit, effects, { kind: 'classical' }).matrix;
  return coefficientTests(fit.coefficients, matrix, df).map(({ estimate, standardError, statistic, p }, j) => ({
    estimate,
    standardError,
    statistic,
    df,
    pValue: p,
    classicalError: Math.sqrt(classical.get(j, j)),
  }));
}

/** The model with every regressor times the second group, and the group itself unless the effects hold it. */
export function interactionFit(of: GroupedSample): { fit: LinearFit; interactions: readonly number[] } {
  const k = of.model.slopes;
  const fit = of.model.fitTogether(of.named.sample, effectsOf(of), of.group, true);
  return { fit, interactions: placesOf(fit, 2 * k + 1).slice(k + 1) };
}

export function interactionTests(
  params: GroupDifferenceParams,
  of: GroupedSample,
  panel: Panel,
  fit: LinearFit,
  places: readonly number[],
) {
  const present = places.filter((place) => place >= 0);
  return params.covariance.map((asked) => {
    const { matrix, df, rule } = covarianceOf(asked, of, fit, effectsOf(of));
    const tests = coefficientTests(fit.coefficients, matrix, df);
    const wald = jointTest(
      present.map((place) => fit.coefficients[place]),
      subMatrix(matrix, present),
      df,
    );
    return {
      label: covarianceLabel(asked, { entity: panel.entity.name, time: panel.time.name }),
      rule,
      wald,
      chiSquared: wald === null ? Number.NaN : wald.statistic * wald.df1,
      estimates: places.map((place) => (place < 0 ? null : { ...tests[place], pValue: tests[place].p })),
    };
  });
}

export function jointTest(estimates: readonly number[], covariance: Matrix, df: number) {
  if (estimates.length === 0) return null;
  try {
    const { statistic, df1, df2, p } = waldTest(estimates, covariance, df);
    return { statistic, df1, df2, pValue: p };
  } catch (error) {
    if (error instanceof EstimationError && error.code === 'not_positive_definite') return null;
    throw error;
  }
}

/**
 * Chow's F that all slopes are equal, effects as in the formula, equal error variances: by sums of squares, or where these mean
 * nothing (random effects, two-stage least squares) as the Wald test of the interactions with classical errors, which for least
 * squares is the same number.
 */
export function chowTest(of: GroupedSample, full: LinearFit, interactions: readonly number[]) {
  if (!hasSumsOfSquares(of.model)) {
    const places = interactions.filter((place) => place >= 0);
    const { matrix, df } = covarianceOf({ kind: 'classical' }, of, full, effectsOf(of));
    const b = places.map((place) => full.coefficients[place]);
    return jointTest(b, subMatrix(matrix, places), df);
  }
  const restricted = of.model.fitTogether(of.named.sample, effectsOf(of), of.group, false);
  const df1 = restricted.residualDf - full.residualDf;
  const statistic = (restricted.ssr - full.ssr) / df1 / (full.ssr / full.residualDf);
  return { statistic, df1, df2: full.residualDf, pValue: fUpper(statistic, df1, full.residualDf) };
}

/** Chow's test without effects: one regression against one a group, constants and slopes; of pooled and within models. */
export function pooledChow(of: GroupedSample) {
  if (of.model.estimator !== 'pooled' && of.model.estimator !== 'within') return null;
  const { sample } = of.named;
  const fits = [0, 1].map((g) => {
    const rows = Uint32Array.from(of.group.keys()).filter((row) => of.group[row] === g);
    return pooledFit(sampleOnRows(of.named, rows).sample);
  });
  const restricted = pooledFit(sample);
  const [ssr, df] = [fits[0].ssr + fits[1].ssr, fits[0].residualDf + fits[1].residualDf];
  const df1 = restricted.residualDf - df;
  const statistic = (restricted.ssr - ssr) / df1 / (ssr / df);
  return { statistic, df1, df2: df, pValue: fUpper(statistic, df1, df) };
}

/**
 * Differences of slopes of two regressions with errors across both (seemingly unrelated estimation, Stata's suest): clusters that
 * have rows in both groups bind the two.
 *
 *   V(b₁ − b₀) = G/(G−1) Σ_c (ψ₁c − ψ₀c)(ψ₁c − ψ₀c)ᵀ,   ψ_gc = (X_gᵀX_g)⁻¹ Σ_{i∈c} x_i û_i
 *
 * @see Weesie (1999), Stata Technical Bulletin 52, sg121
 */
export function surDifferences(
  fits: readonly [SeparateFit, SeparateFit],
  places: readonly (readonly number[])[],
  cluster: Grouping,
) {
  const common = places[0].map((_, j) => j).filter((j) => places.every((place) => place[j] >= 0));
  const influence = common.map(() => new Float64Array(cluster.levels));
  for (const [g, { fit, rows, named }] of fits.entries()) {
    const own = { codes: gatherCodes(cluster.codes, rows), levels: cluster.levels };
    const codes = codesOnFit(fit, named.sample, own, 'the cluster');
    for (const [c, j] of common.entries()) {
      const place = places[g][j];
      for (let l = 0; l < fit.columns.length; l++) {
        const weight = (g === 1 ? 1 : -1) * fit.inverseGram.get(place, l);
        const x = fit.columns[l];
        for (let i = 0; i < x.length; i++) influence[c][codes[i]] += weight * x[i] * fit.residuals[i];
      }
    }
  }
  const G = cluster.levels;
  const V = new Matrix(common.length, common.length);
  for (let a = 0; a < common.length; a++) {
    for (let b = 0; b < common.length; b++) {
      let sum = 0;
      for (let c = 0; c < G; c++) sum += influence[a][c] * influence[b][c];
      V.set(a, b, (G / (G - 1)) * sum);
    }
  }
  const difference = common.map((j) => fits[1].fit.coefficients[places[1][j]] - fits[0].fit.coefficients[places[0][j]]);
  const df = G - 1;
  return {
    common,
    difference,
    estimates: difference.map((estimate, c) => {
      const standardError = Math.sqrt(V.get(c, c));
      const statistic = estimate / standardError;
      return { estimate, standardError, statistic, df, pValue: twoSidedP(statistic, df) };
    }),
    wald: jointTest(difference, V, df),
    clusters: G,
  };
}

function gatherCodes(codes: Uint32Array, rows: Uint32Array): Uint32Array {
  const result = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) result[i] = codes[rows[i]];
  return result;
}
