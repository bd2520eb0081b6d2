import { Matrix } from 'ml-matrix';
import { waldTest } from '../../covariance/inference.js';
import { chiSquaredUpper } from '../../distributions/chi-squared.js';
import { EstimationError } from '../../errors.js';
import { subMatrix } from '../../linalg/sub-matrix.js';
import { effectTerms, estimatesOf, type FittedMl } from './model.js';
import { type MlModel, mlParts } from './params.js';
import type { SpatialMlResult } from './result.js';
import type { MlSample } from './sample.js';

type Restriction = SpatialMlResult['tests'][number];

/** The smaller models that each contains, and what makes it one of them. */
export const contained: Readonly<Record<MlModel, readonly { readonly to: MlModel; readonly hypothesis: string }[]>> = {
  none: [],
  slx: [{ to: 'none', hypothesis: 'θ = 0' }],
  sar: [{ to: 'none', hypothesis: 'ρ = 0' }],
  sem: [{ to: 'none', hypothesis: 'λ = 0' }],
  sdm: [
    { to: 'sar', hypothesis: 'θ = 0' },
    { to: 'sem', hypothesis: 'θ = −ρβ' },
    { to: 'slx', hypothesis: 'ρ = 0' },
  ],
  sdem: [
    { to: 'sem', hypothesis: 'θ = 0' },
    { to: 'slx', hypothesis: 'λ = 0' },
  ],
  sarar: [
    { to: 'sar', hypothesis: 'λ = 0' },
    { to: 'sem', hypothesis: 'ρ = 0' },
  ],
  gns: [
    { to: 'sdm', hypothesis: 'λ = 0' },
    { to: 'sdem', hypothesis: 'ρ = 0' },
    { to: 'sarar', hypothesis: 'θ = 0' },
  ],
};

/**
 * Likelihood-ratio and Wald tests of a model against those that it contains.
 *
 *   LR = 2(log L − log L₀),   W = g(θ̂)ᵀ[G V Gᵀ]⁻¹g(θ̂),   χ²(q)
 *
 * SDM → SEM is the common factor hypothesis θ_k = −ρβ_k of every regressor; it is one of the SDM only where every regressor is lagged
 * and rows of W sum to the same, and with the weights of the errors those of the lag.
 *
 * @see Burridge (1981), Environment and Planning A 13, 795–800, on the common factor; Elhorst (2010), Spatial Economic Analysis 5, 9–28
 */
export function restrictionTests(
  sample: MlSample,
  full: FittedMl,
  covariance: () => Matrix,
  restricted: (model: MlModel) => FittedMl,
): Restriction[] {
  return contained[full.model].flatMap(({ to, hypothesis }): Restriction[] => {
    const places = restrictionOf(sample, full, to, hypothesis);
    if (places.length === 0) return [];
    const none = { likelihoodRatio: Number.NaN, likelihoodRatioP: Number.NaN, wald: Number.NaN, waldP: Number.NaN };
    const about = { model: full.model, to, hypothesis, df: places.length };
    const why = notNested(sample, full, to);
    if (why !== null) return [{ ...about, ...none, note: why }];
    const smaller = attempt(() => restricted(to));
    if (typeof smaller === 'string') return [{ ...about, ...none, note: smaller }];
    const q = smaller.columns.length + free(smaller);
    const df = full.columns.length + free(full) - q;
    if (df !== places.length) return [{ ...about, ...none, note: 'the collinear columns of the two models differ' }];
    const likelihoodRatio = Math.max(0, 2 * (full.fit.logLikelihood - smaller.fit.logLikelihood));
    const wald = waldOf(places, estimatesOf(full), covariance());
    return [{ ...about, likelihoodRatio, likelihoodRatioP: chiSquaredUpper(likelihoodRatio, df), ...wald }];
  });
}

/** A smaller model that nobody asked for may have no maximum: then there is no test. */
function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return error.message;
  }
}

const free = ({ fit }: FittedMl) => (fit.rho === null ? 0 : 1) + (fit.lambda === null ? 0 : 1);

/** g of each restriction and its gradient, sparse: [place, derivative]. */
interface Restricted {
  g(estimates: readonly number[]): number;
  gradient(estimates: readonly number[]): readonly (readonly [number, number])[];
}

function restrictionOf(sample: MlSample, full: FittedMl, to: MlModel, hypothesis: string): Restricted[] {
  const zero = (place: number): Restricted => ({ g: (e) => e[place], gradient: () => [[place, 1]] });
  if (hypothesis === 'ρ = 0') return [zero(0)];
  if (hypothesis === 'λ = 0') return [zero((full.fit.rho === null ? 0 : 1) + full.columns.length)];
  const terms = effectTerms(sample, full).filter(({ lagged }) => lagged >= 0);
  if (to !== 'sem' || full.model !== 'sdm') return terms.map(({ lagged }) => zero(lagged));
  return terms
    .filter(({ own }) => own >= 0)
    .map(({ own, lagged }) => ({
      g: (e) => e[lagged] + e[0] * e[own],
      gradient: (e) => [
        [lagged, 1],
        [own, e[0]],
        [0, e[own]],
      ],
    }));
}

/** Why a model is not one of those that the other contains; null when it is. */
function notNested(sample: MlSample, full: FittedMl, to: MlModel): string | null {
  if (!sample.panel.balanced && mlParts[to].error) return 'the panel is not balanced';
  if (full.model !== 'sdm' || to !== 'sem') return null;
  if (sample.error !== null && sample.lag !== null && sample.error.name !== sample.lag.name) {
    return 'the errors have other weights than the lag';
  }
  const terms = effectTerms(sample, full);
  if (terms.some(({ own, lagged }) => own < 0 || lagged < 0)) return 'not every regressor is lagged';
  if (full.columns.some(({ role }) => role === 'constant') && sample.lag?.rowSum === null) {
    return 'rows of the weights differ in their sum, so the constant has a lag of its own';
  }
  return null;
}

function waldOf(restrictions: readonly Restricted[], estimates: readonly number[], covariance: Matrix) {
  const gradient = new Matrix(restrictions.length, estimates.length);
  restrictions.forEach((restriction, r) => {
    for (const [place, derivative] of restriction.gradient(estimates)) gradient.set(r, place, derivative);
  });
  const all = Array.from(estimates.keys());
  const variance = gradient.mmul(subMatrix(covariance, all)).mmul(gradient.transpose());
  try {
    const { statistic } = waldTest(
      restrictions.map(({ g }) => g(estimates)),
      variance,
      Number.POSITIVE_INFINITY,
    );
    const wald = statistic * restrictions.length;
    return { wald, waldP: chiSquaredUpper(wald, restrictions.length) };
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { wald: Number.NaN, waldP: Number.NaN };
  }
}
