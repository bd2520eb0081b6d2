import { absorbedTolerance, withinTransform } from '../linalg/demean.js';
import { twoWayWithin } from '../linalg/two-way-within.js';
import { dot } from '../linalg/vector.js';
import { absorbMany } from './absorb-many.js';
import type { Grouping } from './grouping.js';
import { effectsRank, usedLevels } from './rank.js';

export interface Absorption {
  /** the residuals of a column on the effects: a new column, in its units; exact zeros if the effects hold all of it */
  apply(column: Float64Array): Float64Array;
  /** dimension of the span of all dummies: degrees of freedom spent, with the constant; 0 without effects */
  readonly absorbed: number;
  /** dummies that are combinations of others */
  readonly redundant: number;
  /** false: `absorbed` is an upper bound (three and more large factors) */
  readonly exact: boolean;
}

/**
 * Within transform by any number of factors, M x = x − Dα̂, by (weighted) least squares on all their dummies.
 *
 * One factor: group means. Two without weights: `twoWayWithin`. Else `absorbMany`. No effects: a copy.
 *
 * @param weights  w > 0, length n: α̂ minimises Σ w (x − Dα)²
 */
export function absorb(factors: readonly Grouping[], weights?: Float64Array): Absorption {
  const [first, second] = factors;
  if (factors.length === 2 && weights === undefined) {
    const { apply, absorbed } = twoWayWithin(first.codes, first.levels, second.codes, second.levels);
    return { apply, absorbed, redundant: usedLevels(first) + usedLevels(second) - absorbed, exact: true };
  }
  const { rank, redundant, exact } = effectsRank(factors);
  return { apply: transform(factors, weights), absorbed: rank, redundant, exact };
}

function transform(factors: readonly Grouping[], weights: Float64Array | undefined): Absorption['apply'] {
  const [first] = factors;
  if (first === undefined) return (column) => Float64Array.from(column);
  if (factors.length > 1) return absorbMany(factors, weights);
  if (weights !== undefined) return (column) => weightedDemeanBy(first, weights, column);
  return withinTransform(first.codes, first.levels);
}

/** x_i − Σ_{j∈g(i)} w_j x_j / Σ_{j∈g(i)} w_j, the mean taken twice as in `withinTransform`. */
export function weightedDemeanBy({ codes, levels }: Grouping, weights: Float64Array, column: Float64Array): Float64Array {
  const totals = new Float64Array(levels);
  for (let i = 0; i < codes.length; i++) totals[codes[i]] += weights[i];
  const means = new Float64Array(levels);
  const x = Float64Array.from(column);
  for (let pass = 0; pass < 2; pass++) {
    means.fill(0);
    for (let i = 0; i < x.length; i++) means[codes[i]] += weights[i] * x[i];
    for (let g = 0; g < levels; g++) if (totals[g] > 0) means[g] /= totals[g];
    for (let i = 0; i < x.length; i++) x[i] -= means[codes[i]];
  }
  if (dot(x, x) <= absorbedTolerance * absorbedTolerance * dot(column, column)) x.fill(0);
  return x;
}
