/**
 * δ(z) = ln Γ(z+1) − (z + ½) ln z + z − ½ ln 2π, z > 0: what Stirling's formula leaves of ln Γ.
 *
 * The asymptotic series 1/(12z) − 1/(360z³) + … from z = 15 on; below, δ(z) = δ(z+1) + (z + ½) ln(1 + 1/z) − 1.
 *
 * @see Loader (2000), "Fast and accurate computation of binomial probabilities", §3; Abramowitz & Stegun (1964), 6.1.41
 */
export function stirlingRemainder(z: number): number {
  let shifted = z;
  let sum = 0;
  while (shifted < 15) {
    sum += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
    shifted++;
  }
  const w = 1 / (shifted * shifted);
  return sum + (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / shifted;
}

/**
 * D(x, m) = x ln(x/m) + m − x, the deviance of x against its mean m (both positive), without cancellation where x ≈ m.
 *
 * @see Loader (2000), §4: with v = (x−m)/(x+m), D = (x−m)v + 2x Σ_{j≥1} v^{2j+1}/(2j+1)
 */
export function devianceTerm(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    // v² < 0.01: some ten terms
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
  return Number.NaN; // only NaN in gets here
}
