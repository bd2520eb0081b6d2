/**
 * Of many values, the places of those that have the largest or the smallest number somewhere in them: whatever bound a number has, one of these
 * is the first to break it. Entries of a list are one somewhere.
 */
export function extremesOf(values: readonly unknown[]): number[] {
  const found = new Map<string, { low: number; lowAt: number; high: number; highAt: number }>();
  const visit = (value: unknown, path: string, k: number): void => {
    if (typeof value === 'number') {
      const known = found.get(path);
      if (known === undefined) found.set(path, { low: value, lowAt: k, high: value, highAt: k });
      else if (value < known.low) Object.assign(known, { low: value, lowAt: k });
      else if (value > known.high) Object.assign(known, { high: value, highAt: k });
    } else if (Array.isArray(value)) for (const one of value) visit(one, `${path}/`, k);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) visit(one, `${path}/${name}`, k);
  };
  for (const [k, value] of values.entries()) visit(value, '', k);
  return [...new Set([...found.values()].flatMap(({ lowAt, highAt }) => [lowAt, highAt]))];
}
