import { bootstrapCovariance } from '../../covariance/bootstrap.js';
import { choleskyInPlace } from '../../linalg/cholesky.js';
import type { PathStructure } from '../../mediation/paths.js';
import { PhiloxStream } from '../../random/stream.js';
import { bcaInterval } from '../../resampling/bca.js';
import type { EffectDefinition } from './effects.js';
import type { EffectResult, MediationPart } from './result.js';
import type { SystemCovariance } from './system.js';

/** Path coefficients of draws and of leaving out each entity, by rows; NaN where not identified. */
export interface Refitted {
  readonly draws: Float64Array;
  readonly leftOut: Float64Array;
}

/** @throws EstimationError `bootstrap_failed` */
export function bootstrapIntervals(
  { width }: PathStructure,
  definitions: readonly EffectDefinition[],
  coefficients: Float64Array,
  { draws, leftOut }: Refitted,
  level: number,
): { readonly of: readonly NonNullable<EffectResult['bootstrap']>[]; readonly about: NonNullable<MediationPart['bootstrap']> } {
  const evaluate = (rows: Float64Array, { of }: EffectDefinition) =>
    Float64Array.from({ length: rows.length / width }, (_, row) => of(rows, row * width));
  const replications = draws.length / width;
  const entities = leftOut.length / width;
  const incomplete = leftOut.some(Number.isNaN);
  let identified = replications;
  const of = definitions.map((definition) => {
    const values = evaluate(draws, definition);
    const { matrix, percentiles, draws: usable } = bootstrapCovariance(values, 1, level);
    identified = usable;
    const there = values.filter((value) => !Number.isNaN(value));
    const below = there.filter((value) => value <= 0).length;
    const above = there.filter((value) => value >= 0).length;
    return {
      mean: there.reduce((sum, value) => sum + value, 0) / there.length,
      standardError: Math.sqrt(matrix.get(0, 0)),
      percentile: percentiles[0],
      bca: incomplete ? null : bcaInterval(there, definition.of(coefficients), evaluate(leftOut, definition), level),
      pValue: Math.min(1, (2 * (1 + Math.min(below, above))) / (there.length + 1)),
    };
  });
  const bca = incomplete
    ? 'without one of the entities a path is not identified, so the acceleration has no jackknife'
    : of.some((one) => one.bca === null)
      ? 'all draws of an effect lie on one side of its estimate, or it does not vary over the jackknife'
      : null;
  return { of, about: { replications, unidentified: replications - identified, entities, bca } };
}

/** With more degrees of freedom Student's t is taken as the normal. */
const nearlyNormal = 200;

/**
 * Monte Carlo intervals: quantiles of effects of coefficients drawn from N(b̂, V), or with few clusters from the multivariate t of their degrees
 * of freedom, b̂ + Lz √(df/χ²).
 * @see MacKinnon, Lockwood & Williams (2004), Multivariate Behavioral Research 39, 99–128; Preacher & Selig (2012)
 */
export function monteCarloIntervals(
  { width }: PathStructure,
  definitions: readonly EffectDefinition[],
  coefficients: Float64Array,
  { paths: covariance, productDf: df }: Pick<SystemCovariance, 'paths' | 'productDf'>,
  draws: number,
  level: number,
  seed: number,
): readonly NonNullable<EffectResult['monteCarlo']>[] | null {
  const factor = new Float64Array(width * width);
  for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) factor[i * width + j] = covariance.get(i, j);
  if (choleskyInPlace(factor, width) < width) return null;
  const random = new PhiloxStream(seed, 1);
  const z = new Float64Array(width);
  const more = new Float64Array(df <= nearlyNormal ? df : 0);
  const b = new Float64Array(draws * width);
  for (let draw = 0; draw < draws; draw++) {
    random.seek(draw);
    random.normals(z);
    if (df <= nearlyNormal) {
      random.normals(more);
      const scale = Math.sqrt(df / more.reduce((sum, value) => sum + value * value, 0));
      for (let i = 0; i < width; i++) z[i] *= scale;
    }
    for (let i = 0; i < width; i++) {
      let sum = coefficients[i];
      for (let j = 0; j <= i; j++) sum += factor[i * width + j] * z[j];
      b[draw * width + i] = sum;
    }
  }
  return definitions.map(({ of }) => {
    const values = Float64Array.from({ length: draws }, (_, draw) => of(b, draw * width));
    const { matrix, percentiles } = bootstrapCovariance(values, 1, level);
    return { standardError: Math.sqrt(matrix.get(0, 0)), ...percentiles[0] };
  });
}
