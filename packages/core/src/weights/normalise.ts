import { InputError } from '../errors.js';
import { quoted } from '../panel/problems.js';
import { largestEigenvalue } from './eigenvalues.js';
import { columnSums, islandsOf, type Normalisation, rowSums, type Weights } from './weights.js';

export interface NormaliseOptions {
  /** units without neighbours under `row`: refused by name, or kept with a row of zeros, their spatial lags being 0 */
  readonly islands?: 'refuse' | 'keep' | undefined;
}

/**
 * W divided row by row or as a whole.
 *
 * - `row`: w_ij / Σ_j w_ij, rows sum to 1
 * - `spectral`: W / λ, λ the largest eigenvalue; symmetric W stays so, and |ρ| < 1 keeps I − ρW regular
 * - `min-max`: W / min(max_i Σ_j w_ij, max_j Σ_i w_ij), a bound of λ that needs no eigenvalue
 *
 * A matrix that is normalised already is normalised again from what it is now.
 *
 * @throws InputError `isolated_units` (row), `no_links` (spectral, min-max)
 * @see Kelejian & Prucha (2010), Journal of Econometrics 157, §2.1, on the last two
 */
export function normaliseWeights(weights: Weights, kind: Normalisation, { islands = 'refuse' }: NormaliseOptions = {}): Weights {
  if (kind === 'none') return weights;
  if (kind === 'row') return rowNormalised(weights, islands);
  if (weights.columns.length === 0) throw InputError.one('no_links', `${kind} normalisation needs a link, and there is none`);
  const divisor =
    kind === 'spectral' ? largestEigenvalue(weights) : Math.min(largest(rowSums(weights)), largest(columnSums(weights)));
  const about = { ...weights.about, normalisation: kind, divisor };
  return { ...weights, values: weights.values.map((w) => w / divisor), about };
}

function rowNormalised(weights: Weights, islands: 'refuse' | 'keep'): Weights {
  const { labels, starts } = weights;
  const alone = islandsOf(weights);
  if (alone.length > 0 && islands === 'refuse') {
    const named = alone.slice(0, 10).map((i) => quoted(labels[i]));
    throw InputError.one(
      'isolated_units',
      `${alone.length} units have no neighbour, so their rows cannot sum to 1: ${named.join(', ')}${alone.length > 10 ? ', …' : ''}; ` +
        'link them by a stated choice, or keep them as islands (islands: keep), whose spatial lags are 0',
      '/islands',
    );
  }
  const values = new Float64Array(weights.values.length);
  for (let i = 0; i < labels.length; i++) {
    let sum = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) sum += weights.values[at];
    for (let at = starts[i]; at < starts[i + 1]; at++) values[at] = weights.values[at] / sum;
  }
  return { ...weights, values, about: { ...weights.about, normalisation: 'row', divisor: 1 } };
}

const largest = (values: Float64Array) => values.reduce((max, value) => Math.max(max, value), 0);
