/** Four significant digits. */
export const short = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : value < 0 ? '−∞' : value > 0 ? '∞' : '—';
export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
export const pWords = (p: number) => `p = ${p < 0.001 ? p.toExponential(1) : Number(p.toPrecision(3))}`;
export const between = ({ lower, upper }: { readonly lower: number; readonly upper: number }) =>
  `[${short(lower)}, ${short(upper)}]`;
export const listed = (items: readonly string[]) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
