import { type ClassicalEstimate, towardsZero } from './omitted-variable-bias.js';

/** A line on which the adjusted estimate or t is one number: x is R²_D, y is R²_Y. */
export interface Contour {
  readonly level: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Points along x of each line; lines are smooth. */
const steps = 80;

/**
 * Where the adjusted estimate is L: y = ((|b| − |L|)/(se √df))² (1 − x)/x, inside 0 … limit.
 *
 * @param level  of the sign of b or beyond 0; further than b in the direction of the bias, or no confounder gives it (empty)
 */
export function estimateContour(of: ClassicalEstimate, level: number, limit: number, concern = towardsZero): Contour {
  const { estimate, standardError, df } = of;
  const sign = estimate < 0 ? -1 : 1;
  const bias = (concern.reduce ? 1 : -1) * (Math.abs(estimate) - sign * level);
  if (!(bias > 0)) return { level, points: [] };
  const B = (bias / (standardError * Math.sqrt(df))) ** 2;
  const first = B / (B + limit); // y = limit
  const points = spread(first, limit).map((x) => ({ x, y: (B * (1 - x)) / x }));
  return { level, points: points.filter(({ y }) => y <= limit * (1 + 1e-9)) };
}

/**
 * Where the adjusted t against h₀ is L: with c = s L / √(df − 1), f = q|t|/√df, y = sin²θ,
 *
 *   √x sin θ + c cos θ = f √(1 − x),   θ = arcsin(f √(1 − x)/√(x + c²)) − atan2(c, √x)  or  π − arcsin(…) − atan2(c, √x)
 *
 * s the sign that t has without confounding. For c > 0 both angles count: above the second one the confounder explains so much
 * of the outcome that the smaller error outweighs the bias. They meet at x = (f² − c²)/(1 + f²), the XRV of that level.
 *
 * @param limit  of both shares: x goes no further, lines that stay above it in y are left out
 * @returns one line for each branch; joined where they meet
 */
export function statisticContour(of: ClassicalEstimate, level: number, limit: number, concern = towardsZero): Contour[] {
  const { estimate, standardError, df } = of;
  const sign = (estimate < 0 ? -1 : 1) * (concern.reduce ? 1 : -1);
  const c = (sign * level) / Math.sqrt(df - 1);
  const f = (concern.q * Math.abs(estimate / standardError)) / Math.sqrt(df);
  const meeting = (f * f - c * c) / (1 + f * f);
  const xs = spread(Math.max(0, meeting), Math.min(limit, 1 - 1e-9));
  const branch = (second: boolean) =>
    xs.flatMap((x) => {
      const ratio = Math.min(1, (f * Math.sqrt(1 - x)) / Math.sqrt(x + c * c));
      const inner = Math.asin(ratio);
      const angle = (second ? Math.PI - inner : inner) - Math.atan2(c, Math.sqrt(x));
      const y = Math.sin(angle) ** 2;
      return angle >= 0 && angle <= Math.PI / 2 ? [{ x, y }] : [];
    });
  const [lower, upper] = [branch(false), branch(true)];
  const joined = c > 0 && meeting > 0 && lower[0]?.x === upper[0]?.x;
  const lines = joined ? [[...upper.toReversed(), ...lower]] : [lower, upper];
  return lines.filter((points) => points.length > 1 && points.some(({ y }) => y <= limit)).map((points) => ({ level, points }));
}

/** Points from a to b, denser near a, where lines are steep. */
function spread(a: number, b: number): number[] {
  if (!(b > a)) return [];
  return Array.from({ length: steps + 1 }, (_, i) => a + (b - a) * (i / steps) ** 2);
}

/** About `count` round numbers between two: 1, 2, 2.5 or 5 times a power of ten apart. */
export function roundLevels(from: number, to: number, count: number): number[] {
  const [low, high] = from < to ? [from, to] : [to, from];
  const raw = (high - low) / count;
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5].find((m) => m * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
