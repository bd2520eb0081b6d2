import { normalUpper } from '../../distributions/normal.js';
import { type AssociationMoments, gearyC, localMoran, moranI } from '../../spatial/moran.js';
import { permutationP } from '../../spatial/permutation.js';
import type { Field, FieldMatrix, Fields } from './fields.js';
import type { SpatialTestsParams } from './params.js';
import type { PermutationPart } from './permute.js';
import type { AssociationResult, LocalResult } from './result.js';

/** Moran's I and Geary's C of every field. */
export function globalResults({ fields, matrices }: Fields, { global }: PermutationPart, draws: number): AssociationResult[] {
  return fields.map(({ variable, period, matrix, x }, f) => {
    const { moments, units, ...weights } = matrices[matrix];
    const counted = (at: number) => ({ atLeast: global[4 * f + at], atMost: global[4 * f + at + 1] });
    const [moran, geary] = [moranI(weights, x, moments), gearyC(weights, x, moments)];
    const p = permutationP(counted(2), draws);
    return {
      variable,
      period,
      units: units.length,
      links: weights.columns.length,
      moran: { ...withTails(moran, 1), permutation: draws === 0 ? null : { draws, ...permutationP(counted(0), draws) } },
      // a small C is positive association: its tails change places
      geary: { ...withTails(geary, -1), permutation: draws === 0 ? null : { draws, ...p, greater: p.less, less: p.greater } },
    };
  });
}

function withTails({ statistic, expectation, varianceNormality, varianceRandomisation }: AssociationMoments, sign: 1 | -1) {
  const tails = (variance: number) => {
    const z = (sign * (statistic - expectation)) / Math.sqrt(variance);
    return { variance, z, greater: normalUpper(z), twoSided: Math.min(1, 2 * normalUpper(Math.abs(z))) };
  };
  return { statistic, expectation, normality: tails(varianceNormality), randomisation: tails(varianceRandomisation) };
}

/** Local Moran statistics with their p-values and classes. */
export function localResults(
  { fields, matrices }: Fields,
  part: PermutationPart,
  labels: readonly string[],
  { permutations, local: params }: SpatialTestsParams,
): LocalResult[] {
  let at = 0;
  return fields
    .filter(({ local }) => local)
    .map((field) => {
      const n = field.z.length;
      const [atLeast, atMost] = [part.local.subarray(at, at + n), part.local.subarray(at + n, at + 2 * n)];
      at += 2 * n;
      const raw = Array.from(field.z, (_, i) => {
        const { greater, less, twoSided } = permutationP({ atLeast: atLeast[i], atMost: atMost[i] }, permutations);
        return params.p === 'two-sided' ? twoSided : Math.min(greater, less);
      });
      return localResult(
        field,
        matrices[field.matrix],
        labels,
        permutations === 0 ? null : adjusted(raw, params.adjust),
        params.level,
      );
    });
}

function localResult(
  field: Field,
  matrix: FieldMatrix,
  labels: readonly string[],
  pValues: readonly number[] | null,
  level: number,
): LocalResult {
  const { variable, period, x, z } = field;
  const { local, lag } = localMoran(matrix, field);
  return {
    variable,
    period,
    mean: x[0] - z[0],
    units: Array.from(x, (value, i) => {
      const isolated = matrix.starts[i] === matrix.starts[i + 1];
      const p = pValues === null || isolated ? null : pValues[i];
      return {
        label: labels[matrix.units[i]],
        value,
        lag: lag[i],
        statistic: local[i],
        pValue: p,
        class: isolated ? 'isolated' : p !== null && p <= level ? quadrant(z[i], lag[i]) : 'not significant',
      };
    }),
  };
}

const quadrant = (z: number, lag: number) =>
  `${z > 0 ? 'high' : 'low'}-${lag > 0 ? 'high' : 'low'}` as LocalResult['units'][number]['class'];

/** Benjamini & Hochberg (1995) step-up, or p·n. */
export function adjusted(p: readonly number[], method: 'none' | 'fdr' | 'bonferroni'): number[] {
  const n = p.length;
  if (method === 'none') return [...p];
  if (method === 'bonferroni') return p.map((value) => Math.min(1, value * n));
  const order = p.map((_, i) => i).sort((a, b) => p[b] - p[a]);
  const result = new Array<number>(n);
  let least = 1;
  order.forEach((i, k) => {
    least = Math.min(least, (p[i] * n) / (n - k));
    result[i] = least;
  });
  return result;
}
