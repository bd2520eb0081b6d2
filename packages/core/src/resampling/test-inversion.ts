export interface InvertedInterval {
  /** least and greatest hypothesis not rejected, as distances from the one tested; ±Infinity where none far away is rejected */
  readonly lower: number;
  readonly upper: number;
  /** every hypothesis looked at between the two is not rejected either */
  readonly connected: boolean;
}

/** Hypotheses this many standard errors away stand for all beyond. */
const farAway = 1e6;
/** Steps of the walk, in standard errors, as far as `near`; beyond they grow. */
const step = 1 / 8;
const near = 10;
const growth = 1.15;
/** The walk ends when nothing was accepted for so many standard errors, and for half the distance walked. */
const patience = 4;

/**
 * Confidence set {δ: p(δ) > α} of a test by walking away from the estimate, where p is 1, and bisecting the last step.
 *
 * p is a step function and need not fall all the way, so the walk goes on past the first rejection; what it accepts again is
 * taken in, and `connected` is false.
 *
 * @param pValue         p at distance δ from the hypothesis tested
 * @param centre         δ of the estimate
 * @param standardError  > 0, the unit of the walk
 * @see Davidson & MacKinnon (2004), Econometric Theory and Methods, §5.2 (intervals by inverting tests)
 */
export function invertTest(
  pValue: (shift: number) => number,
  centre: number,
  standardError: number,
  alpha: number,
): InvertedInterval {
  const accepted = (steps: number) => pValue(centre + steps * standardError) > alpha;
  const up = walk(accepted, 1);
  const down = walk(accepted, -1);
  return {
    lower: centre + down.bound * standardError,
    upper: centre + up.bound * standardError,
    connected: up.connected && down.connected,
  };
}

function walk(accepted: (steps: number) => boolean, sign: 1 | -1): { bound: number; connected: boolean } {
  let inside = 0;
  let outside: number | null = null;
  let connected = true;
  for (let at = step; at <= farAway; at = at < near ? at + step : at * growth) {
    if (accepted(sign * at)) {
      if (outside !== null) connected = false;
      inside = at;
      outside = null;
    } else {
      outside ??= at;
      if (at - inside >= Math.max(patience, 0.5 * inside)) break;
    }
  }
  if (outside === null) return { bound: sign * Number.POSITIVE_INFINITY, connected };
  let [low, high] = [inside, outside];
  for (let i = 0; i < 60 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (accepted(sign * middle)) low = middle;
    else high = middle;
  }
  return { bound: sign * low, connected };
}
