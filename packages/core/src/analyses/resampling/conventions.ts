import type { Given } from './methods/method.js';
import type { ResamplingParams } from './params.js';

const has = ({ methods }: ResamplingParams, name: string) => methods.some(({ method }) => method === name);

/** The rule that each number follows, in words. */
export function conventions({ params, model, full }: Given): string[] {
  const { effectNames, clusterName, treatmentName } = model;
  const placebo = has(params, 'placebo-in-space') || has(params, 'placebo-mixed');
  const drawn = placebo || has(params, 'wild-bootstrap') || has(params, 'randomization-inference');
  const nested =
    params.smallSample === 'areg'
      ? 'every dummy is counted in k'
      : 'effects nested in the clusters are not counted in k (xtreg, reghdfe, fixest); smallSample areg counts every dummy';
  return [
    `${effectNames.length > 0 ? `Least squares with the effects ${effectNames.join(' and ')} absorbed` : 'Pooled least squares'}; the coefficient is that of ${treatmentName}.`,
    `Clustered by ${clusterName}, ${full.clustered.rule}: ${params.smallSample === 'stata' || params.smallSample === 'fixest' || params.smallSample === 'areg' ? nested : `smallSample ${params.smallSample}`}. t with ${full.clustered.df} degrees of freedom. The factor is the same in every draw, so p-values of draws do not depend on it.`,
    ...(has(params, 'leave-one-out')
      ? [
          'Leave one out: the whole model is fitted again without the rows, singletons dropped again; CV3 = √((G−1)/G Σ(b₋g − b)²), t with G − 1 degrees of freedom.',
        ]
      : []),
    ...(has(params, 'placebo-in-time')
      ? [
          'Placebo in time: treated rows are dropped, then the start moves back; with controls "before" the rows of the never treated end at the last true start (didplacebo), with "all" they stay (its nodrop).',
        ]
      : []),
    ...(placebo
      ? [
          'Placebo: share is #{|b*| ≥ |b|}/B, the p that didplacebo prints; p is (1 + k)/(B + 1), the data being one more draw, or the share itself when every assignment is taken. Controls stay with their rows.',
        ]
      : []),
    ...(has(params, 'wild-bootstrap')
      ? [
          'Wild cluster bootstrap of t with CR1 errors: one weight a cluster; null imposed is WCR, else WCU; effects not nested in the clusters are fitted anew in every draw.',
        ]
      : []),
    ...(has(params, 'randomization-inference')
      ? [
          'Randomisation inference: whole paths of the treatment move among entities observed in the same periods; the null is that the coefficient is the same for every entity.',
        ]
      : []),
    ...(drawn
      ? [
          'Ties: counted, draws as large as the statistic count against it; strict, the share of larger draws (boottest, fwildclusterboot). Statistics within 1e-10 of each other are equal.',
        ]
      : []),
    ...(has(params, 'wild-bootstrap') || has(params, 'randomization-inference')
      ? ['Intervals hold every value of the coefficient that the test with the same draws does not reject.']
      : []),
  ];
}
