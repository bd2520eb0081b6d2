import { EstimationError } from '../../errors.js';
import { gather } from '../../linalg/vector.js';
import { randomEffectsFit } from '../../panel-models/random-effects.js';
import type { PanelSample } from '../../panel-models/sample.js';
import type { UnbalancedRule, VarianceMethod } from '../../panel-models/variance-components.js';
import { differenceStatistics, type Permuter } from './permutation.js';

/** Rows of entities, one after another, for models that have to be fitted on rows: random effects, whose θ is each group's own. */
export interface RefitPermutable {
  readonly kind: 'random-effects';
  readonly width: number;
  readonly slopes: number;
  readonly entities: number;
  /** length entities + 1 */
  readonly starts: Uint32Array;
  readonly outcome: Float64Array;
  readonly regressors: readonly Float64Array[];
  readonly method: VarianceMethod;
  readonly unbalanced: UnbalancedRule;
}

export function refitPermutable(
  { entity, rows, outcome, regressors }: PanelSample,
  slopes: readonly number[],
  method: VarianceMethod,
  unbalanced: UnbalancedRule,
): RefitPermutable {
  const starts = new Uint32Array(entity.levels + 1);
  for (let i = 0; i < rows; i++) starts[entity.codes[i] + 1]++;
  for (let e = 1; e < starts.length; e++) starts[e] += starts[e - 1];
  return {
    kind: 'random-effects',
    width: slopes.length,
    slopes: slopes.length,
    entities: entity.levels,
    starts,
    outcome,
    regressors: slopes.map((j) => regressors[j]),
    method,
    unbalanced,
  };
}

/** Random effects of both groups of a labeling, with errors clustered by entity; θ is taken as given in them. */
export function makeRefitPermuter(of: RefitPermutable): Permuter {
  const { slopes, entities, starts, outcome, regressors, method, unbalanced } = of;
  return differenceStatistics(slopes, (labels, g, beta, V) => {
    const members: number[] = [];
    for (let e = 0; e < entities; e++) if (labels[e] === g) members.push(e);
    const rows = Uint32Array.from(
      members.flatMap((e) => Array.from({ length: starts[e + 1] - starts[e] }, (_, t) => starts[e] + t)),
    );
    const codes = Uint32Array.from(members.flatMap((e, copy) => new Array<number>(starts[e + 1] - starts[e]).fill(copy)));
    const entity = { codes, levels: members.length };
    const y = gather(outcome, rows);
    const sample: PanelSample = {
      rows: rows.length,
      entity,
      time: entity,
      calendar: y,
      outcome: y,
      regressors: regressors.map((x) => gather(x, rows)),
    };
    try {
      const fit = randomEffectsFit(sample, method, unbalanced);
      if (fit.kept.length < slopes) return false;
      beta.set(fit.coefficients.subarray(1));
      addClustered(fit, members.length, V, slopes);
      return true;
    } catch (error) {
      if (error instanceof EstimationError) return false;
      throw error;
    }
  });
}

/** V += G/(G−1) Σ ψψᵀ of the slopes, the constant first among the columns. */
function addClustered(
  { columns, residuals, inverseGram, entity }: ReturnType<typeof randomEffectsFit>,
  G: number,
  V: Float64Array,
  slopes: number,
): void {
  const influence = Array.from({ length: slopes }, () => new Float64Array(G));
  for (let j = 0; j < slopes; j++) {
    for (const [l, x] of columns.entries()) {
      const weight = inverseGram.get(j + 1, l);
      for (let i = 0; i < x.length; i++) influence[j][entity.codes[i]] += weight * x[i] * residuals[i];
    }
  }
  for (let j = 0; j < slopes; j++) {
    for (let l = 0; l <= j; l++) {
      let sum = 0;
      for (let e = 0; e < G; e++) sum += influence[j][e] * influence[l][e];
      V[j * slopes + l] += (G / (G - 1)) * sum;
    }
  }
}
