/**
 * The number a text is, or NaN if it is not a plain one: digits with a sign, a point and an exponent at most. Hexadecimal,
 * `Infinity`, thousands separators and units are not numbers; a plain number too large for a double gives ±Infinity.
 *
 * @param text     without white space around it
 * @param decimal  with `,` a point is refused, for it may separate thousands
 */
export function plainNumber(text: string, decimal: '.' | ',' = '.'): number {
  let digits = text;
  if (decimal === ',') {
    if (text.includes('.')) return Number.NaN;
    digits = text.replace(',', '.');
  }
  if (digits === '') return Number.NaN;
  const value = +digits; // NaN for all that is no numeric literal; what is left to refuse is 0x1F, 0b1, 0o7 and Infinity
  if (value - value === 0) {
    const second = digits.charCodeAt(1);
    return second > 0x39 && second !== 0x45 && second !== 0x65 ? Number.NaN : value;
  }
  return digits.includes('I') ? Number.NaN : value;
}
