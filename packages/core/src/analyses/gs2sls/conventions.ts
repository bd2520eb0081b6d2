import type { FittedModel } from './model.js';
import { type Gs2slsParams, modelParts } from './params.js';
import type { Gs2slsResult } from './result.js';
import type { SpatialSample } from './sample.js';
import { modelWords } from './verdict.js';

type Answers = Omit<Gs2slsResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'>;

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventions(
  params: Gs2slsParams,
  sample: SpatialSample,
  fits: readonly FittedModel[],
  { covariance, weights, errorWeights }: Answers,
): string[] {
  const names = sample.names.effects;
  const lines: string[] = [];
  const matrix = (of: Answers['weights'], letter: string) =>
    of === null
      ? []
      : [
          `${letter} is ${of.name}: ${of.kind}, normalisation ${of.normalisation}, ${of.units} units, ${of.links} links${of.islands > 0 ? `, ${of.islands} without neighbours` : ''}.`,
        ];
  lines.push(...matrix(weights, 'W'), ...matrix(errorWeights, 'M, of the errors,'));
  if (names.length > 0) {
    lines.push(
      `Effects of ${names.join(', ')} are taken out of y, X and all lags after the lags are formed (as with dummies); they take ${sample.absorbed} degrees of freedom, and there is no constant.`,
    );
  }
  if (params.effects === 'random') {
    lines.push(
      `Random effects: x − θx̄ by entity; instruments ${params.randomInstruments === 'ec2sls' ? 'within and between apart (EC2SLS)' : 'quasi-demeaned (G2SLS)'}; ` +
        'σ_v² and σ₁² from within and between regressions, with spatial errors from the moments of Kapoor, Kelejian & Prucha (2007).',
    );
  }
  for (const fit of fits) lines.push(...ofModel(params, sample, fit, covariance));
  if (params.draws > 0 && fits.some(({ model }) => modelParts[model].lag || modelParts[model].durbin)) {
    lines.push(
      `Effects are at the estimates; standard errors by the delta method; in square brackets the ${percent(params.level)} percentile interval of ${params.draws} draws of the coefficients from N(δ̂, V̂), ` +
        'draws with ρ out of bounds left out.',
    );
  } else lines.push('Effects are at the estimates; standard errors by the delta method.');
  lines.push(
    'Direct: mean diagonal of (I − ρW)⁻¹(Iβ + Wθ); total: its mean row sum; indirect: the difference (LeSage & Pace 2009); W’s own sums, not 1/(1 − ρ).',
    ...(params.program === 'spillway' ? [] : [`Conventions of ${params.program} (program), where programs differ.`]),
  );
  return lines;
}

function ofModel(params: Gs2slsParams, sample: SpatialSample, fit: FittedModel, covariance: Answers['covariance']): string[] {
  const { model, rules, sizes, first, errors } = fit;
  const words = modelWords[model];
  const lines: string[] = [];
  const parts = modelParts[model];
  if (first.space !== null) {
    const powers = parts.lag || parts.durbin ? `powers of W on exogenous regressors to ${rules.order}` : 'exogenous regressors';
    const outside = sample.data.outside.length > 0 ? `, outside instruments with lags to ${rules.outsideOrder}` : '';
    lines.push(
      `${words}: instruments ${params.instruments.optimal ? 'the best of W(I − ρW)⁻¹Xb' : powers}${outside}${rules.lagConstant === true ? ', the constant’s lags among them' : ''}; collinear ones dropped.`,
    );
  }
  const lost = rules.small ? sizes.regressors + sizes.absorbed : sizes.absorbed;
  if (!parts.error) {
    lines.push(
      `${words}: ${
        {
          classical: `σ² = SSR / ${sizes.rows - lost}`,
          robust: `robust errors times ${sizes.rows} / ${sizes.rows - lost}`,
          hac: `spatial HAC (Kelejian & Prucha 2007), rows of a period by the kernel ${params.kernel}, times ${sizes.rows} / ${sizes.rows - lost}`,
          cluster: `clustered, G = ${errors.kind === 'cluster' ? errors.count : 0}${rules.small ? ', times G/(G − 1) · (n − 1)/(n − k)' : ', no small-sample factor'}`,
        }[covariance]
      }; ${Number.isFinite(fit.df) ? `Student’s t, ${fit.df} degrees of freedom` : 'the normal'}.`,
    );
  } else if (params.effects !== 'random') {
    const kind = {
      heteroskedastic:
        'heteroskedasticity-robust moments (Kelejian & Prucha 2010; Arraiz et al. 2010), weighted in the second step',
      homoskedastic: 'moments of Drukker, Egger & Prucha (2013), weighted in the second step',
      'kelejian-prucha-1999': `moments of Kelejian & Prucha (1999), unweighted${sample.absorbed > 0 ? `, divided by ${sample.momentScale.divisor} (Mutl & Pfaffermayr 2011)` : ''}`,
    }[rules.moments];
    const joint = rules.moments !== 'kelejian-prucha-1999' && sample.absorbed === 0;
    const matched = covariance === (rules.moments === 'homoskedastic' ? 'classical' : 'robust');
    lines.push(
      joint && matched
        ? `${words}: errors of δ̂ and λ̂ jointly, without small-sample factors; ${Number.isFinite(fit.df) ? `Student’s t, ${fit.df} degrees of freedom, and the normal for λ` : 'the normal'}.`
        : `${words}: ${covariance === 'hac' ? 'spatial HAC' : covariance} errors of the filtered equation${rules.small ? ', with small-sample factors' : ''}, λ taken as known; ${Number.isFinite(fit.df) ? `Student’s t, ${fit.df} degrees of freedom` : 'the normal'}.`,
    );
    lines.push(
      `${words}: λ by ${kind}, minimised exactly; the filter I − λM, then least squares or 2SLS with the instruments as they are; diagnostics of the instruments are those of the equation before the filter.`,
    );
  }
  return lines;
}

const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
