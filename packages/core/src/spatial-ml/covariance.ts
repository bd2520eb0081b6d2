import type { Matrix } from 'ml-matrix';
import {
  type Approach,
  blend,
  byPeriod,
  counted,
  type Demeaning,
  jacobianOf,
  type MlEquation,
  type MlFit,
  type MlPanel,
  type SpatialPart,
} from './equation.js';
import { information, informationInverse, observedInformation } from './information.js';
import { type PeriodOperator, propagation, propagationTraces } from './propagation.js';

/** The mean of QRWy given X and the effects: QRWy = mean + QHε. Null without Wy. */
export function meanOfLag(fit: MlFit, h: PeriodOperator, panel: MlPanel, demeaning: Demeaning): Float64Array | null {
  if (fit.columns.wy === null) return null;
  const image = byPeriod(h, panel, fit.residuals);
  const noise = demeaning === 'after-lag' ? panel.within(image) : image;
  return fit.columns.wy.map((value, i) => value - noise[i]);
}

/** Covariance of (ρ, β, λ, σ²), those there are, from the observed information. */
export function observedCovariance(fit: MlFit, { lag, error }: MlEquation, panel: MlPanel, approach: Approach): Matrix {
  const { periods, observations, centred } = counted(panel, approach);
  const bend = (part: SpatialPart | null, at: number | null) =>
    part === null || at === null ? 0 : -jacobianOf(part, periods, centred).at(at).curvature;
  return informationInverse(
    observedInformation({
      x: fit.columns.x,
      wy: fit.columns.wy,
      error: fit.lagged,
      residuals: fit.residuals,
      bends: { rho: bend(lag, fit.rho), lambda: bend(error, fit.lambda) },
      sigma2: fit.sigma2,
      observations,
      random: fit.kappa === null ? null : { kappa: fit.kappa, units: panel.units, between: (x) => blend(x, panel, 0, 1) },
    }),
  );
}

/** The same from the whole expected information. */
export function expectedCovariance(
  fit: MlFit,
  { lag, error }: MlEquation,
  panel: MlPanel,
  approach: Approach,
  demeaning: Demeaning,
): Matrix {
  const counts = counted(panel, approach);
  const nothing = { h: 0, k: 0, hh: 0, kk: 0, hk: 0 };
  const spread =
    lag === null && error === null ? null : propagation(lag?.one ?? null, error?.one ?? null, fit.rho ?? 0, fit.lambda ?? 0);
  const mean = spread?.h ? meanOfLag(fit, spread.h, panel, demeaning) : null;
  return informationInverse(
    information({
      x: fit.columns.x,
      mean,
      error: error !== null,
      traces: spread === null ? nothing : propagationTraces(spread, counts.centred),
      sigma2: fit.sigma2,
      periods: counts.periods,
      observations: counts.observations,
      random: fit.kappa === null ? null : { kappa: fit.kappa, units: panel.units },
    }),
  );
}
