import type { SpatialMlParams } from './params.js';
import type { SpatialMlResult } from './result.js';
import type { MlSample } from './sample.js';

type Answers = Omit<SpatialMlResult, 'adequacy' | 'verdict' | 'conventions' | 'warnings'>;

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventions(
  params: SpatialMlParams,
  sample: MlSample,
  { weights, errorWeights, models, covariance, determinant }: Answers,
): string[] {
  const lines: string[] = [];
  const matrix = (of: Answers['weights'], letter: string) =>
    of === null
      ? []
      : [
          `${letter} is ${of.name}: ${of.kind}, normalisation ${of.normalisation}, ${of.units} units, ${of.links} links${of.islands > 0 ? `, ${of.islands} without neighbours` : ''}.`,
        ];
  lines.push(...matrix(weights, 'W'), ...matrix(errorWeights, 'M, of the errors,'));
  if (params.effects === 'random') {
    lines.push(
      'Random entity effects: log L = T·(log|I − ρW| + log|I − λM|) + N·log κ − (NT/2)·log(2πσ²) − SSR/(2σ²) of columns less θ = 1 − κ times their means, κ² = σ²/(σ² + Tσ_μ²); ' +
        'spatial errors filter the effect too (Kapoor, Kelejian & Prucha 2007), unlike those of Baltagi, Song & Koh.',
    );
  } else lines.push(...effectWords(params, sample));
  lines.push(
    covariance === 'cluster'
      ? `Standard errors clustered by unit, G = ${sample.panel.units}: I⁻¹BI⁻¹·G/(G − 1), I the expected information, B of a linear-quadratic score whose terms of different units are uncorrelated; Student’s t, ${sample.panel.units - 1} degrees of freedom. Likelihood-ratio tests are not robust, Wald tests are.`
      : `Standard errors from the whole ${covariance} information of (ρ, β, λ, ${params.effects === 'random' ? 'σ², σ² + Tσ_μ²' : 'σ²'}), covariances of ρ with β and σ² among them, at normal errors; the normal, not Student’s t.`,
    `σ² = SSR / ${models[0].observations}, no degrees of freedom taken off${sample.approach === 'bias-corrected' ? ', then corrected' : ''}; log-likelihood with its constants; AIC and BIC count β, ρ, λ and ${params.effects === 'random' ? 'both variances' : 'σ²'}.`,
  );
  if (determinant !== null) {
    const how = {
      eigenvalues: 'from all eigenvalues of W (Ord 1975)',
      'sparse LU': 'by sparse LU of I − ρW at every ρ (Pace & Barry 1997)',
    }[determinant];
    lines.push(`log|I − ρW| exactly, ${how}; the maximum to the last digits, by exact slopes.`);
  }
  lines.push(
    params.draws > 0 && models.some(({ effects }) => effects !== null)
      ? `Effects are at the estimates; standard errors by the delta method; in square brackets the ${percent(params.level)} percentile interval of ${params.draws} draws of the coefficients from N(δ̂, V̂), draws with ρ out of bounds left out.`
      : 'Effects are at the estimates; standard errors by the delta method.',
    'Direct: mean diagonal of (I − ρW)⁻¹(Iβ + Wθ); total: its mean row sum; indirect: the difference (LeSage & Pace 2009); W’s own sums, not 1/(1 − ρ).',
  );
  return lines;
}

function effectWords(
  { demeaning }: SpatialMlParams,
  { effects, approach, lag, panel: { units: N, periods: T, balanced } }: MlSample,
): string[] {
  if (effects.length === 0) return ['No effects: with several periods they are pooled.'];
  const both = effects.length === 2;
  const names = both ? 'Entity and time effects' : effects[0] === 'entity' ? 'Entity effects' : 'Time effects';
  const counted = `${effects.includes('time') ? 'N − 1' : 'N'} = ${effects.includes('time') ? N - 1 : N} units, ${effects.includes('entity') ? 'T − 1' : 'T'} = ${effects.includes('entity') ? T - 1 : T} periods`;
  const rowSum = lag?.rowSum ?? 1;
  const sum = Math.abs(rowSum - 1) < 1e-9 ? '' : Number(rowSum.toPrecision(6));
  const words = {
    transformation: `${names} are transformed out (Lee & Yu 2010): the likelihood counts ${counted}${effects.includes('time') ? `, and log|I − ρW| is less log(1 − ${sum}ρ)` : ''}.`,
    'bias-corrected': `${names} are concentrated out, and the direct estimates corrected to first order (${balanced ? 'Lee & Yu 2010' : 'the bias of the concentrated score of ρ, as units differ between periods; σ² = SSR less the effects’ degrees of freedom'}); errors are at the corrected estimates, log-likelihoods and likelihood-ratio tests are the direct ones.`,
    direct: `${names} are concentrated out, as with dummies, without a correction: ${both || effects[0] === 'time' ? 'all estimates' : 'σ² and all standard errors'} are biased when ${effects[0] === 'time' ? 'N' : both ? 'T or N' : 'T'} is small (Lee & Yu 2010).`,
  }[approach];
  if (!effects.includes('time')) return [words];
  return [
    words,
    demeaning === 'after-lag'
      ? 'Wy and WX are formed first and effects taken out then, as with dummies.'
      : 'WX is formed first; y without its effects is lagged and not demeaned again (Elhorst’s programs, splm, SDPDmod): not the maximum of the stated likelihood unless columns of W sum to one too.',
  ];
}

const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
