import type { Grouping } from '../effects/grouping.js';
import { dot } from '../linalg/vector.js';
import { partialOut } from './partial-out.js';
import type { TreatmentModel } from './wild-cluster.js';

/** n0, n1, d00, d01, d11 as in `test-draws.ts`, then û*'û* of the placebo regression over x*'M x*. */
export const reassignedWidth = 6;

export interface ReassignedTreatment {
  /** b − β₀ of the treatment as it is */
  readonly distance: number;
  /** Σ_g (Σ_{i∈g} h_i û_i)² of the treatment as it is: times c its clustered variance */
  readonly scores: number;
  /** Fits the model with x* in the treatment's place; NaN in all places where controls and effects hold x*. */
  readonly fit: (x: Float64Array, out: Float64Array, at: number) => void;
}

/**
 * The regression again and again with another treatment x*, controls and effects the same.
 *
 *   b* = x_r'y_r / x_r'x_r,   x_r = M x*,   s_g = Σ_{i∈g} x_ri û*_i / x_r'x_r,   V* = c Σ_g s_g²
 *
 * The outcome is y − β₀ x (Fisher's sharp null β = β₀); under β₀ + δ it is less δ x, so b* and s_g are linear in δ.
 *
 * @param nullValue  β₀
 * @see Young (2019), Quarterly Journal of Economics 134, §III (randomisation-t); DiCiccio & Romano (2017), JASA 112
 */
export function reassignedTreatment(model: TreatmentModel, cluster: Grouping, nullValue: number): ReassignedTreatment {
  const n = model.outcome.length;
  const { apply } = partialOut(n, model.effects, model.controls, model.constant);
  const treatment = apply(model.treatment);
  const outcome = apply(model.outcome);
  for (let i = 0; i < n; i++) outcome[i] -= nullValue * treatment[i];
  const { codes, levels } = cluster;
  const s0 = new Float64Array(levels);
  const s1 = new Float64Array(levels);

  const fit = (x: Float64Array, out: Float64Array, at: number): void => {
    const left = apply(x);
    const square = dot(left, left);
    if (square === 0) {
      out.fill(Number.NaN, at, at + reassignedWidth);
      return;
    }
    const n0 = dot(left, outcome) / square;
    const n1 = dot(left, treatment) / square;
    s0.fill(0);
    s1.fill(0);
    let ssr = 0;
    for (let i = 0; i < n; i++) {
      const u = outcome[i] - n0 * left[i];
      ssr += u * u;
      s0[codes[i]] += left[i] * u;
      s1[codes[i]] += left[i] * (treatment[i] - n1 * left[i]);
    }
    const scale = 1 / (square * square);
    out[at] = n0;
    out[at + 1] = n1;
    out[at + 2] = scale * dot(s0, s0);
    out[at + 3] = scale * dot(s0, s1);
    out[at + 4] = scale * dot(s1, s1);
    out[at + 5] = ssr / square;
  };
  const own = new Float64Array(reassignedWidth);
  fit(model.treatment, own, 0);
  return { distance: own[0], scores: own[2], fit };
}
