export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** Four significant digits. */
export const short = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : value < 0 ? '−∞' : value > 0 ? '∞' : '—';

/** A p in a sentence, never 0. */
export function pWords(p: number): string {
  if (p === 0) return 'p = 0 (no draw is larger)';
  return `p = ${p < 0.001 ? p.toExponential(1) : Number(p.toPrecision(3))}`;
}

export const listOf = (names: readonly string[]) => names.join(', ');

/** 1 − level without the rounding of the difference: .05, not .05000000000000004. */
export const alphaOf = (level: number) => Number((1 - level).toPrecision(12));
