/** A leading coefficient this small beside the others, at the scale of the roots of the rest, is rounding. */
const negligible = 1e-14;

/**
 * The distinct real roots of a₃x³ + a₂x² + a₁x + a₀, ascending; of the quadratic or line if a₃, or a₃ and a₂, vanish. None for a
 * constant.
 *
 * Three real roots by Viète's angles, one by Cardano; each polished by Newton's steps on the polynomial itself.
 *
 * @see Press et al. (2007), Numerical Recipes, 3rd ed., §5.6
 */
export function realRootsOfCubic(a3: number, a2: number, a1: number, a0: number): number[] {
  if (a3 === 0) return realRootsOfQuadratic(a2, a1, a0);
  const scale = rootScale(a3, a2, a1, a0);
  const [p, q, r] = [a2 / (a3 * scale), a1 / (a3 * scale * scale), a0 / (a3 * scale ** 3)];
  if (![p, q, r].every(Number.isFinite)) return realRootsOfQuadratic(a2, a1, a0);
  const roots = monicRoots(p, q, r).map((x) => polished(p, q, r, x));
  const ascending = roots.sort((a, b) => a - b);
  return ascending.filter((x, i) => i === 0 || x - ascending[i - 1] > negligible * Math.abs(x)).map((x) => x * scale);
}

/** max |a_i/a₃|^{1/(3−i)}: no root is larger than twice this. */
function rootScale(a3: number, a2: number, a1: number, a0: number): number {
  const scale = Math.max(Math.abs(a2 / a3), Math.sqrt(Math.abs(a1 / a3)), Math.cbrt(Math.abs(a0 / a3)));
  return scale > 0 ? scale : 1;
}

function monicRoots(p: number, q: number, r: number): number[] {
  const Q = (p * p - 3 * q) / 9;
  const R = (2 * p ** 3 - 9 * p * q + 27 * r) / 54;
  if (R * R < Q ** 3) {
    const angle = Math.acos(R / Math.sqrt(Q ** 3));
    return [0, 1, -1].map((turn) => -2 * Math.sqrt(Q) * Math.cos((angle + 2 * Math.PI * turn) / 3) - p / 3);
  }
  const A = -Math.sign(R) * Math.cbrt(Math.abs(R) + Math.sqrt(R * R - Q ** 3));
  const B = A === 0 ? 0 : Q / A;
  const simple = A + B - p / 3;
  return R * R === Q ** 3 && A !== 0 ? [simple, -(A + B) / 2 - p / 3] : [simple];
}

function polished(p: number, q: number, r: number, start: number): number {
  let x = start;
  for (let step = 0; step < 20; step++) {
    const slope = (3 * x + 2 * p) * x + q;
    if (slope === 0) return x;
    const next = x - (((x + p) * x + q) * x + r) / slope;
    if (!Number.isFinite(next) || Math.abs(next - x) > 1e-3 * (1 + Math.abs(x))) return x;
    if (next === x) return x;
    x = next;
  }
  return x;
}

/** Ascending; without cancellation in the smaller one. */
export function realRootsOfQuadratic(a: number, b: number, c: number): number[] {
  if (a === 0) return b === 0 ? [] : [0 - c / b];
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) return [];
  const half = -(b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant)) / 2;
  if (half === 0) return [0];
  const roots = [half / a, c / half].sort((x, y) => x - y);
  return roots[0] === roots[1] ? [roots[0]] : roots;
}
