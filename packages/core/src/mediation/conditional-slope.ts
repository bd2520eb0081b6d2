import { studentTQuantile } from '../distributions/student-t.js';
import { type EffectTest, effectTest } from './product-tests.js';

/** The slope b₁ + b₃w of a regressor that is interacted with w. */
export interface ConditionalSlope {
  readonly slope: number;
  readonly interaction: number;
  readonly slopeVariance: number;
  readonly interactionVariance: number;
  readonly covariance: number;
  readonly df: number;
}

/** b₁ + b₃w with variance V₁₁ + 2wV₁₃ + w²V₃₃ (Aiken & West 1991, ch. 2). */
export function slopeAt(of: ConditionalSlope, w: number, level: number): EffectTest & { readonly estimate: number } {
  const estimate = of.slope + of.interaction * w;
  const variance = of.slopeVariance + 2 * w * of.covariance + w * w * of.interactionVariance;
  return { estimate, ...effectTest(estimate, Math.sqrt(variance), of.df, level) };
}

/** Values of w, from `from` to `to` (infinite at an open end), where the slope differs from zero. */
export interface SignificantRange {
  readonly from: number;
  readonly to: number;
  readonly sign: -1 | 1;
}

/**
 * Johnson–Neyman: the values of w at which b₁ + b₃w is significant, |b₁ + b₃w| > t_{1−α/2}(df) s(w), between the roots of
 *
 *   (b₃² − t²V₃₃) w² + 2(b₁b₃ − t²V₁₃) w + (b₁² − t²V₁₁) = 0
 *
 * @returns bounds: the roots, ascending; ranges: where it is significant
 * @see Johnson & Neyman (1936); Bauer & Curran (2005), Multivariate Behavioral Research 40, eq. 15
 */
export function johnsonNeyman(
  of: ConditionalSlope,
  level: number,
): { readonly bounds: readonly number[]; readonly ranges: readonly SignificantRange[] } {
  const t2 = studentTQuantile((1 - level) / 2, of.df) ** 2;
  const A = of.interaction ** 2 - t2 * of.interactionVariance;
  const B = of.slope * of.interaction - t2 * of.covariance;
  const C = of.slope ** 2 - t2 * of.slopeVariance;
  const bounds = roots(A, B, C);
  const edges = [Number.NEGATIVE_INFINITY, ...bounds, Number.POSITIVE_INFINITY];
  const ranges: SignificantRange[] = [];
  for (let i = 1; i < edges.length; i++) {
    const [from, to] = [edges[i - 1], edges[i]];
    const inside = between(from, to);
    if (A * inside * inside + 2 * B * inside + C > 0)
      ranges.push({ from, to, sign: of.slope + of.interaction * inside < 0 ? -1 : 1 });
  }
  return { bounds, ranges };
}

/** Real roots of Ax² + 2Bx + C, ascending, each from the sum that does not cancel. */
function roots(A: number, B: number, C: number): number[] {
  const discriminant = B * B - A * C;
  if (!(discriminant > 0)) return [];
  const q = -(B + (B < 0 ? -1 : 1) * Math.sqrt(discriminant));
  return [q / A, C / q].filter(Number.isFinite).sort((x, y) => x - y);
}

function between(from: number, to: number): number {
  if (Number.isFinite(from) && Number.isFinite(to)) return (from + to) / 2;
  if (Number.isFinite(from)) return from + Math.abs(from) + 1;
  return Number.isFinite(to) ? to - Math.abs(to) - 1 : 0;
}
