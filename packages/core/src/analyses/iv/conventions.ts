import { clusterCount, type SampleSizes } from '../../instruments/error-structure.js';
import type { IvParams } from './params.js';
import type { IvSample } from './request.js';

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventions(
  { estimators, smallSample, fuller, weights }: IvParams,
  { errors, names, constant }: IvSample,
  sizes: SampleSizes,
): string[] {
  const { rows: n, regressors: K, instruments: L, absorbed, absorbedAcrossClusters } = sizes;
  const integer = (value: number) => value.toLocaleString('en');
  const lines: string[] = [];
  if (names.effects.length > 0) {
    lines.push(
      `Effects of ${names.effects.join(', ')} are absorbed; they take ${integer(absorbed)} degrees of freedom, and there is no constant.` +
        ' R² and SST are within them.',
    );
  } else if (constant)
    lines.push('R² is about the mean of the outcome and can be negative: the residuals are y − Xb with X itself.');
  switch (errors.kind) {
    case 'classical':
      lines.push(
        `Standard errors, classical: s² = SSR / ${integer(n - absorbed - (smallSample ? K : 0))} (${smallSample ? 'rows − coefficients' : 'rows'} − effects).`,
      );
      break;
    case 'robust':
      lines.push(
        `Standard errors, robust (White): times ${integer(n)} / ${integer(n - absorbed - (smallSample ? K : 0))} (${smallSample ? 'rows − coefficients' : 'rows'} − effects).`,
      );
      break;
    case 'cluster': {
      const k = K + absorbedAcrossClusters + (absorbed > 0 ? 1 : 0);
      lines.push(
        `Standard errors, clustered, G = ${errors.second === undefined ? '' : 'the smaller, '}${integer(clusterCount(errors))}: ` +
          (smallSample
            ? `times G/(G − 1) · (n − 1)/(n − ${integer(k)}); effects within clusters count as one constant.`
            : 'no small-sample factor.'),
      );
    }
  }
  lines.push(
    smallSample
      ? `p-values and intervals of coefficients: Student’s t, ${errors.kind === 'cluster' ? `${integer(clusterCount(errors) - 1)} (G − 1)` : integer(n - K - absorbed)} degrees of freedom.`
      : 'p-values and intervals of coefficients: the normal (large samples), as ivreg2 without `small`.',
    errors.kind === 'cluster'
      ? `First-stage, Sanderson–Windmeijer, Kleibergen–Paap and Anderson–Rubin F: scaled by (n − ${integer(L + absorbedAcrossClusters)})/(n − 1) · (G − 1)/G, ` +
          'against F with G − 1 (ivreg2, xtivreg2); Cragg–Donald’s F is that of classical errors, effects not counted.'
      : `First-stage, Sanderson–Windmeijer, Cragg–Donald, Kleibergen–Paap and Anderson–Rubin F have rows − instruments − effects = ${integer(n - L - absorbed)} ` +
          'degrees of freedom (ivreg2, xtivreg2; fixest’s Cragg–Donald leaves the effects out).',
    errors.kind === 'classical'
      ? `Sargan’s statistic is (n − effects)·R² of the residuals on the instruments: ${integer(n - absorbed)}·R² (xtivreg2); fixest and ivreg take n.`
      : 'Hansen’s J is the minimum of the two-step GMM criterion, weighted with residuals of 2SLS, after LIML of LIML (ivreg2).',
    'Endogeneity: J with the tested regressors as instruments less J without, both weighted by the covariance of the first, so it cannot be ' +
      'negative (ivreg2’s endog()). Wu–Hausman F assumes classical errors.',
    'Effective F: Montiel Olea & Pflueger (2013) with the errors above; critical values at 5 % by their simplified, conservative procedure.',
    'Stock & Yogo’s critical values hold for classical errors, one or two endogenous regressors (bias: three), and are left out otherwise.',
    'Anderson–Rubin: F with the errors above; its set holds every coefficient that the F does not reject, found without a grid.',
  );
  if (errors.kind === 'cluster' && errors.second !== undefined)
    lines.push(
      'Two-way clusters: sums of both less that of the pairs, one factor for all (ivreg2); the covariance can be indefinite.',
    );
  if (weights !== undefined) lines.push(`Analytic weights ${weights}, scaled to sum to the rows.`);
  if (estimators.includes('fuller')) lines.push(`Fuller: κ = LIML’s − ${fuller}/(rows − instruments − effects).`);
  if (L === K && names.endogenous.length === 1)
    lines.push(
      'tF (one instrument, one endogenous regressor): |t| against c(F) of Lee, McCrary, Moreira & Porter (2022), table 3A, interpolated in √F; 5 % only.',
    );
  if (estimators.includes('liml') && errors.kind !== 'classical') {
    lines.push('LIML with robust or clustered errors: sandwich of the k-class bread and scores of fitted regressors (ivreg2).');
  }
  if (estimators.includes('gmm')) {
    lines.push(
      'Two-step GMM: weighting from 2SLS residuals, not updated; its standard errors use the same weighting (ivreg2’s gmm2s).',
    );
  }
  return lines;
}
