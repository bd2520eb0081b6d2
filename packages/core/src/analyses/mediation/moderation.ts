import { momentsOf, quantile } from '../../descriptives/moments.js';
import { EstimationError } from '../../errors.js';
import { type ConditionalSlope, johnsonNeyman, slopeAt } from '../../mediation/conditional-slope.js';
import { equationResult } from './equation-result.js';
import { fitEquation, type Model } from './model.js';
import type { MediationParams } from './params.js';
import type { ModerationResult } from './result.js';
import type { SystemCovariance } from './system.js';

const curvePoints = 61;

/** y on x, w, x·w and the controls; slopes of x along w. */
export function moderationResult(
  params: MediationParams,
  model: Model,
  covariances: readonly SystemCovariance[],
): ModerationResult | null {
  const { moderator, interaction, treatment, outcome, controls } = model;
  if (moderator === null || interaction === null) return null;
  requireVariation(moderator.name, moderator.values);
  const { level } = params;
  const others = controls.filter(({ name }) => name !== moderator.name && name !== interaction.name);
  // w may be held by the effects, as what does not change in time is by those of entities: its own coefficient is then theirs
  const equation = fitEquation(model, outcome, [...others, moderator], [treatment, interaction]);
  const { matrix, df } = covariances[0].of(equation);
  const [x, xw] = [treatment, interaction].map(({ name }) => equation.place(name));
  const of: ConditionalSlope = {
    slope: equation.fit.coefficients[x],
    interaction: equation.fit.coefficients[xw],
    slopeVariance: matrix.get(x, x),
    interactionVariance: matrix.get(xw, xw),
    covariance: matrix.get(x, xw),
    df,
  };
  const ascending = Float64Array.from(moderator.values).sort();
  const [min, max] = [ascending[0], ascending[ascending.length - 1]];
  const { bounds, ranges } = johnsonNeyman(of, level);
  return {
    moderator: moderator.name,
    interaction: interaction.name,
    equation: equationResult(equation, [treatment.name, interaction.name, moderator.name], covariances, level),
    slopes: valuesOf(params, moderator.values, ascending).map(({ at, value }) => ({ at, value, ...slopeAt(of, value, level) })),
    johnsonNeyman: {
      bounds: [...bounds],
      ranges: ranges.map((range) => ({
        ...range,
        rows: ascending.reduce((count, w) => count + (w >= range.from && w <= range.to ? 1 : 0), 0),
      })),
    },
    range: { min, max },
    curve: Array.from({ length: curvePoints }, (_, i) => {
      const value = min + ((max - min) * i) / (curvePoints - 1);
      const { estimate, lower, upper } = slopeAt(of, value, level);
      return { value, estimate, lower, upper };
    }),
  };
}

function requireVariation(name: string, w: Float64Array): void {
  if (w.some((value) => value !== w[0])) return;
  throw new EstimationError(
    'moderator_constant',
    `the moderator ${name} is ${w[0]} in every row: there is nothing along which the slope could differ`,
  );
}

function valuesOf({ moderation }: MediationParams, w: Float64Array, ascending: Float64Array): { at: string; value: number }[] {
  const { at } = moderation!;
  if (Array.isArray(at)) return at.map((value) => ({ at: String(value), value }));
  if (at === 'quartiles')
    return [0.25, 0.5, 0.75].map((p, i) => ({
      at: ['lower quartile', 'median', 'upper quartile'][i],
      value: quantile(ascending, p),
    }));
  const { mean, sd } = momentsOf(w);
  return [
    { at: 'mean − sd', value: mean - sd },
    { at: 'mean', value: mean },
    { at: 'mean + sd', value: mean + sd },
  ];
}
