import type { PanelTestName, PanelTestsParams } from './params.js';
import type { TestedSample } from './request.js';

/** The rule that each number follows, in words. */
export function conventions(
  { tests, varianceComponents }: PanelTestsParams,
  { effects, own, intercept }: TestedSample,
): string[] {
  const periods = effects.time ? ` and dummies for ${own.time}` : '';
  const lines: Record<PanelTestName, string> = {
    'effects-f': `F for effects: ((SSR₀ − SSR)/df₁)/(SSR/df₂), classical errors; EViews’ redundant fixed effects, plm’s pFtest. Pooled model ${intercept ? 'with' : 'without'} a constant.`,
    'breusch-pagan-lm':
      'Breusch–Pagan LM from pooled residuals, for groups of any size (Baltagi & Li 1990; plm’s plmtest); the one-sided p is Honda’s, half of it when ' +
      'the effects have positive variance (xttest0’s chibar2).',
    hausman:
      `Hausman: fixed effects of ${own.entity}${periods} against random effects (${varianceComponents.method}, ${varianceComponents.unbalanced} when unbalanced), slopes that both ` +
      'have; classic: each covariance with its own error variance; sigmamore: both with that of random effects; sigmaless: both with that of fixed effects. ' +
      'Mundlak: entity means added to random-effects GLS, errors clustered by entity, Stata’s factor, F(q, N − 1).',
    wooldridge: `Wooldridge: first differences without a constant${periods}, residuals on their lag, clustered by ${own.entity} (xtserial); plm’s pwfdtest differs.`,
    'modified-wald': `Modified Wald: fixed-effects residuals, s² = Σe²/T without degrees of freedom (xttest3)${effects.time ? ', two-way effects' : ''}.`,
    white:
      'White: squared pooled residuals on levels, squares and products; squares of two-valued variables and collinear products left out. F, n·R² and ESS/(2σ⁴) as EViews prints them.',
    'breusch-pagan':
      'Breusch–Pagan: squared pooled residuals on the regressors. n·R² is Koenker’s form; the scaled explained sum of squares is the original, which needs normal errors.',
    'pesaran-cd': `Pesaran CD: residuals of ${own.entity} effects, correlations over the periods that two entities share, at least 3.`,
  };
  return tests.map((test) => lines[test]);
}
