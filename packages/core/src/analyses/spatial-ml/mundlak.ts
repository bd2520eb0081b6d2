import { chiSquaredUpper } from '../../distributions/chi-squared.js';
import { EstimationError } from '../../errors.js';
import { qr } from '../../linalg/qr.js';
import { blend } from '../../spatial-ml/equation.js';
import { fitRandomMl } from '../../spatial-ml/random-effects.js';
import type { FittedMl } from './model.js';
import type { MlModelResult } from './result.js';
import type { MlSample } from './sample.js';

/**
 * Mundlak's test of random effects: the likelihood ratio against the same model with the entity means of X and WX among its regressors.
 * Unlike Hausman's it takes no difference of covariances, which spatial parameters often leave without an inverse. Null without random effects.
 *
 * @see Mundlak (1978), Econometrica 46, 69–85; Debarsy (2012), Spatial Economic Analysis 7, on the spatial Durbin model
 */
export function mundlakTest({ panel }: MlSample, { fit, equation, columns }: FittedMl): MlModelResult['mundlak'] {
  if (fit.kappa === null) return null;
  const means = columns.filter(({ role }) => role !== 'constant').map(({ values }) => blend(values, panel, 0, 1));
  const all = [...equation.x, ...means];
  const { kept } = qr(all);
  const df = kept.length - equation.x.length;
  if (df === 0)
    return { statistic: Number.NaN, df, pValue: Number.NaN, note: 'no regressor varies both within and between units' };
  try {
    const larger = fitRandomMl({ ...equation, x: kept.map((k) => all[k]) }, panel);
    const statistic = Math.max(0, 2 * (larger.logLikelihood - fit.logLikelihood));
    return { statistic, df, pValue: chiSquaredUpper(statistic, df) };
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { statistic: Number.NaN, df, pValue: Number.NaN, note: error.message };
  }
}
