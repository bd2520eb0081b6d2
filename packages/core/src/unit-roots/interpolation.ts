/** Where x lies among ascending knots: the knot at or below it, and the share of the way to the next; held at the ends. */
export function between(knots: readonly number[], x: number): { readonly at: number; readonly share: number } {
  if (x <= knots[0]) return { at: 0, share: 0 };
  const last = knots.length - 1;
  if (x >= knots[last]) return { at: last, share: 0 };
  let at = 0;
  while (knots[at + 1] <= x) at++;
  return { at, share: (x - knots[at]) / (knots[at + 1] - knots[at]) };
}

/** The value at such a place. */
export function interpolate(values: readonly number[], { at, share }: { readonly at: number; readonly share: number }): number {
  return share === 0 ? values[at] : values[at] + share * (values[at + 1] - values[at]);
}
