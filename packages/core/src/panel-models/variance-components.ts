import type { Matrix } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import { demeanBy, groupCounts, withinTransform } from '../linalg/demean.js';
import { gram } from '../linalg/gram.js';
import { leastSquares } from '../linalg/least-squares.js';
import { dot } from '../linalg/vector.js';
import { entityMeans } from './between.js';
import type { PanelSample } from './sample.js';

/** Stored in params: never rename. */
export const varianceMethods = ['swamy-arora', 'wallace-hussain', 'wansbeek-kapteyn', 'nerlove'] as const;
export type VarianceMethod = (typeof varianceMethods)[number];

/** How Swamy–Arora treats entities with different numbers of periods. Stored in params: never rename. */
export const unbalancedRules = ['harmonic-mean', 'baltagi-chang'] as const;
export type UnbalancedRule = (typeof unbalancedRules)[number];

export interface VarianceComponents {
  /** σ_e² */
  readonly idiosyncratic: number;
  /** σ_u², made 0 where its estimate is negative */
  readonly entity: number;
  /** the estimate of σ_u² as it came */
  readonly entityRaw: number;
}

/**
 * Variance components of y_it = a + x_it'b + u_i + e_it.
 *
 * Each method equates two quadratic forms of residuals û with their expectations: q₁ = ûᵀQû (within) and q₂ = ûᵀPû (between).
 * - `swamy-arora`: within residuals in q₁, σ_e² = q₁/(n − N − k); residuals of the between regression in q₂. With different T_i
 *   by `harmonic-mean`: means unweighted, σ_u² = RSS_b/(N − k − 1) − σ_e²/T̄, T̄ = N/Σ T_i⁻¹ (Stata's default, linearmodels'); or
 *   by `baltagi-chang`: means weighted by T_i and exact expectations (plm; Stata's `sa` is of this kind).
 * - `wallace-hussain`: pooled OLS residuals in both; exact expectations also when balanced (plm then divides by n − N and N).
 * - `wansbeek-kapteyn`: within residuals in both, exact expectations (EViews; plm's "amemiya" with random.dfcor = 3).
 * - `nerlove`: σ_e² = RSS_within/n, σ_u² the variance of the fixed effects, by N − 1, weighted by T_i when unbalanced (plm).
 *
 * k counts what varies between entities: dummies of periods that every entity has are the constant there (plm and xtreg drop them
 * from the between regression too).
 *
 * @throws EstimationError `too_few_entities` if N ≤ k + 1 under Swamy–Arora, with the methods that can; `too_few_rows`
 * @see Baltagi (2021), §2.3 and §9.2 eqs. 9.13–9.22; Swamy & Arora (1972); Wallace & Hussain (1969); Wansbeek & Kapteyn (1989);
 *   Nerlove (1971); Baltagi & Chang (1994), Journal of Econometrics 62
 */
export function varianceComponents(sample: PanelSample, method: VarianceMethod, unbalanced: UnbalancedRule): VarianceComponents {
  const parts = partsOf(sample);
  switch (method) {
    case 'swamy-arora':
      return swamyArora(sample, parts, unbalanced);
    case 'wallace-hussain':
      return wallaceHussain(sample, parts);
    case 'wansbeek-kapteyn':
      return wansbeekKapteyn(sample, parts);
    case 'nerlove':
      return nerlove(sample, parts);
  }
}

interface Parts {
  /** T_i */
  readonly periods: Float64Array;
  readonly within: { readonly ssr: number; readonly rank: number; readonly residuals: Float64Array };
  /** y − x'b_within less its mean, over all rows: effects and errors */
  readonly composite: Float64Array;
}

function partsOf(sample: PanelSample): Parts {
  const { entity, regressors, outcome } = sample;
  const within = withinTransform(entity.codes, entity.levels);
  const fit = leastSquares(regressors.map(within), within(outcome));
  const composite = Float64Array.from(outcome);
  for (const j of fit.kept) for (let i = 0; i < composite.length; i++) composite[i] -= fit.coefficients[j] * regressors[j][i];
  const mean = composite.reduce((sum, u) => sum + u, 0) / composite.length;
  return {
    periods: groupCounts(entity.codes, entity.levels),
    within: { ssr: fit.ssr, rank: fit.rank, residuals: fit.residuals },
    composite: composite.map((u) => u - mean),
  };
}

const positive = (idiosyncratic: number, entityRaw: number): VarianceComponents => ({
  idiosyncratic,
  entityRaw,
  entity: Math.max(0, entityRaw),
});

function withinVariance({ rows, entity }: PanelSample, { within }: Parts): number {
  const df = rows - entity.levels - within.rank;
  if (df < 1) {
    throw new EstimationError(
      'too_few_rows',
      `random effects need n > N + k: ${rows} rows, ${entity.levels} entities, ${within.rank} slopes within entities`,
    );
  }
  return within.ssr / df;
}

function swamyArora(sample: PanelSample, parts: Parts, unbalanced: UnbalancedRule): VarianceComponents {
  const N = sample.entity.levels;
  const requireEntities = (rank: number) => {
    if (N > rank) return;
    throw new EstimationError(
      'too_few_entities',
      `Swamy–Arora divides by N − k − 1 and needs more than ${rank} entities, got ${N}: use wallace-hussain, wansbeek-kapteyn or nerlove, or fixed effects`,
    );
  };
  const sigma2 = withinVariance(sample, parts);
  if (unbalanced === 'harmonic-mean') {
    const means = entityMeans(sample);
    const between = leastSquares([new Float64Array(N).fill(1), ...sample.regressors.map(means)], means(sample.outcome));
    requireEntities(between.rank);
    const inverseT = parts.periods.reduce((sum, T) => sum + 1 / T, 0) / N;
    return positive(sigma2, between.ssr / (N - between.rank) - sigma2 * inverseT);
  }
  // q₂ = (N − k − 1) σ_e² + (n − tr) σ_u², tr = tr[(ZᵀPZ)⁻¹ Σ_i T_i² z̄_i z̄_iᵀ]
  const means = entityMeans(sample);
  const root = parts.periods.map(Math.sqrt);
  const z = [new Float64Array(N).fill(1), ...sample.regressors.map(means)];
  const scaled = (by: Float64Array) => (x: Float64Array) => x.map((value, i) => value * by[i]);
  const fit = leastSquares(z.map(scaled(root)), scaled(root)(means(sample.outcome)));
  requireEntities(fit.rank);
  const kept = fit.kept.map((j) => z[j]);
  const trace = traceOfProduct(fit.inverseGram, gram(kept.map(scaled(parts.periods))));
  return positive(sigma2, (fit.ssr - (N - fit.rank) * sigma2) / (sample.rows - trace));
}

/** Moments of Z = [1, X] that the expectations are made of; all over the columns kept by pooled OLS. */
function moments(sample: PanelSample, columns: readonly Float64Array[], periods: Float64Array) {
  const means = entityMeans(sample);
  const averages = columns.map(means);
  const times = (x: Float64Array, by: (i: number) => number) => x.map((value, i) => value * by(i));
  return {
    /** ZᵀPZ = Σ T_i z̄ z̄ᵀ */
    between: gram(averages.map((x) => times(x, (i) => Math.sqrt(periods[i])))),
    /** ZᵀDDᵀZ = Σ T_i² z̄ z̄ᵀ */
    sums: gram(averages.map((x) => times(x, (i) => periods[i]))),
    /** ZᵀQZ */
    within: gram(columns.map(withinTransform(sample.entity.codes, sample.entity.levels))),
  };
}

function wallaceHussain(sample: PanelSample, { periods }: Parts): VarianceComponents {
  const { rows: n, entity } = sample;
  const Z = [new Float64Array(n).fill(1), ...sample.regressors];
  const fit = leastSquares(Z, sample.outcome);
  const { between, sums, within } = moments(
    sample,
    fit.kept.map((j) => Z[j]),
    periods,
  );
  const [q1, q2] = quadraticForms(sample, fit.residuals, periods);
  const C = fit.inverseGram;
  const cs = C.mmul(sums);
  const e1 = n - entity.levels - traceOfProduct(C, within);
  const u1 = C.mmul(within).mmul(cs).trace();
  const e2 = entity.levels - traceOfProduct(C, between);
  const u2 = n - 2 * cs.trace() + C.mmul(between).mmul(cs).trace();
  return solveTwo([e1, u1, q1], [e2, u2, q2]);
}

function wansbeekKapteyn(sample: PanelSample, parts: Parts): VarianceComponents {
  const { rows: n, entity, regressors } = sample;
  const { periods, composite } = parts;
  const sigma2 = withinVariance(sample, parts);
  const within = withinTransform(entity.codes, entity.levels);
  const fit = leastSquares(regressors.map(within), within(sample.outcome));
  const means = entityMeans(sample);
  const centred = fit.kept.map((j) => {
    const average = means(regressors[j]);
    const overall = average.reduce((sum, x, i) => sum + periods[i] * x, 0) / n;
    return average.map((x, i) => Math.sqrt(periods[i]) * (x - overall));
  });
  const [, q2] = quadraticForms(sample, composite, periods);
  const e2 = entity.levels - 1 + traceOfProduct(fit.inverseGram, gram(centred));
  const u2 = n - periods.reduce((sum, T) => sum + T * T, 0) / n;
  return positive(sigma2, (q2 - e2 * sigma2) / u2);
}

function nerlove({ rows: n, entity }: PanelSample, { periods, within, composite }: Parts): VarianceComponents {
  const N = entity.levels;
  if (N < 2) throw new EstimationError('too_few_entities', `random effects need at least 2 entities, got ${N}`);
  const effects = entityMeans({ entity })(composite); // their mean weighted by T_i is zero
  const sum = effects.reduce((total, effect, i) => total + (periods[i] / n) * effect * effect, 0);
  return positive(within.ssr / n, sum * (N / (N - 1)));
}

/** ûᵀQû and ûᵀPû. */
function quadraticForms({ entity }: PanelSample, residuals: Float64Array, periods: Float64Array): [number, number] {
  const inside = demeanBy(entity.codes, entity.levels, residuals);
  const means = entityMeans({ entity })(residuals);
  return [dot(inside, inside), means.reduce((sum, mean, i) => sum + periods[i] * mean * mean, 0)];
}

function solveTwo([a, b, q]: [number, number, number], [c, d, r]: [number, number, number]): VarianceComponents {
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 1e-12 * (Math.abs(a * d) + Math.abs(b * c))))
    throw new EstimationError('too_few_rows', 'the variance components are not identified: too few rows or entities');
  const sigma2 = (q * d - b * r) / determinant;
  if (!(sigma2 > 0))
    throw new EstimationError(
      'negative_variance',
      `Wallace–Hussain gives a negative variance of the errors, ${sigma2}: use another method`,
    );
  return positive(sigma2, (a * r - c * q) / determinant);
}

/** tr(AB) of symmetric A and B. */
function traceOfProduct(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) sum += a.get(i, j) * b.get(i, j);
  return sum;
}
