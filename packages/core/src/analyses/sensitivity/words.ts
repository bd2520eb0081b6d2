/** Numbers as sentences write them. */
export const show = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : Number.isNaN(value) ? 'not available' : '∞';
export const tWords = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : 'not available');
export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
export const pWords = (p: number) =>
  Number.isNaN(p) ? 'p not available' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`;
export const listed = (items: readonly string[]) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
