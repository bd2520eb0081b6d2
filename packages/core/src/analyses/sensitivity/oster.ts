import { leastSquares } from '../../linalg/least-squares.js';
import { dot } from '../../linalg/vector.js';
import { sumOfSquares } from '../../panel-models/sample.js';
import { altonjiElderTaber, type OsterMoments, osterBeta, osterBetaApproximate, osterDelta } from '../../sensitivity/oster.js';
import type { SensitivityParams } from './params.js';
import type { Request } from './request.js';
import type { OsterResult, SensitivityResult } from './result.js';
import type { SensitivityModel } from './sample.js';

type OsterAnswers = Pick<SensitivityResult, 'oster' | 'osterRequest' | 'altonjiElderTaber' | 'withoutControls'>;

/** Oster's δ* and β* by each meaning of R², and Altonji–Elder–Taber's ratio. */
export function osterResults({ oster }: SensitivityParams, request: Request, model: SensitivityModel): OsterAnswers {
  const { fit, treatment, controls, names, named } = model;
  const unrelated = request.unrelated.flatMap((term) => controls[term]);
  const base = [...(fit.constant ? [0] : []), ...unrelated].map((j) => fit.columns[j]);
  const x = fit.columns[treatment];
  const { outcome: y } = fit;
  const ssrOn = (columns: readonly Float64Array[], of: Float64Array) =>
    columns.length === 0 ? dot(of, of) : leastSquares(columns, of).ssr;
  const short = leastSquares([...base, x], y);
  const spread = y.length - 1;
  const moments = (total: number): OsterMoments => ({
    shortEstimate: short.coefficients[base.length],
    shortR2: 1 - short.ssr / total,
    longEstimate: fit.coefficients[treatment],
    longR2: 1 - fit.ssr / total,
    outcomeVariance: total / spread,
    treatmentVariance: ssrOn(base, x) / spread,
    residualVariance: ssrOn(fit.columns.slice(0, -1), x) / spread,
  });
  const overall = moments(sumOfSquares(named.sample.outcome, undefined));
  const related = fit.columns.length - 1 - base.length;
  const withinToo = fit.absorbed > 0 || unrelated.length > 0;
  return {
    oster:
      related === 0
        ? []
        : [
            oneConvention(oster, 'overall', overall),
            ...(withinToo ? [oneConvention(oster, 'within', moments(ssrOn(base, y)))] : []),
          ],
    osterRequest: {
      delta: oster.delta,
      beta: oster.beta,
      shortEstimate: overall.shortEstimate,
      unrelated: [...request.formula.effects, ...unrelated.map((j) => names[j])],
    },
    altonjiElderTaber: related === 0 ? Number.NaN : altonjiElderTaber(overall),
    withoutControls: related === 0,
  };
}

function oneConvention(asked: SensitivityParams['oster'], r2: OsterResult['r2'], of: OsterMoments): OsterResult {
  const { shortR2, longR2, outcomeVariance, treatmentVariance, residualVariance, longEstimate } = of;
  const rMax = asked.rMax ?? Math.min(1, asked.rMaxFactor * longR2);
  const known = { r2, rMax, shortR2, longR2, outcomeVariance, treatmentVariance, residualVariance };
  if (rMax < longR2) {
    const none = Number.NaN;
    return {
      ...known,
      deltaStar: none,
      betaStar: none,
      betaSolutions: [],
      betaDirection: false,
      betaApproximate: none,
      identifiedSet: [none, none],
      failure: {
        code: 'r_max_too_low',
        message: `R_max = ${rMax} is below the ${r2} R² that the controls reach already, ${longR2.toPrecision(4)}`,
      },
    };
  }
  const beta = osterBeta(of, rMax, asked.delta);
  return {
    ...known,
    deltaStar: osterDelta(of, rMax, asked.beta),
    betaStar: beta.estimate,
    betaSolutions: [...beta.solutions],
    betaDirection: beta.sameDirection,
    betaApproximate: osterBetaApproximate(of, rMax, asked.delta),
    identifiedSet: [Math.min(longEstimate, beta.estimate), Math.max(longEstimate, beta.estimate)],
    failure: null,
  };
}
