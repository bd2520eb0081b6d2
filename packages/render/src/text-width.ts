/**
 * Columns that text takes on a terminal: two for East Asian wide characters, none for combining marks.
 *
 * @see Unicode Standard Annex 11, East Asian Width (W and F, by block)
 */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const combining = /[\p{Mn}\p{Me}\p{Cf}]/u;

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

export const padRight = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - textWidth(text)));
export const padLeft = (text: string, width: number) => ' '.repeat(Math.max(0, width - textWidth(text))) + text;

/** At most `width` columns; what was cut is marked. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = textWidth(character);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Lines of at most `width` columns, broken at spaces; a longer word has a line to itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((piece) => piece !== '')) {
    if (line === '') line = word;
    else if (textWidth(line) + 1 + textWidth(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Text that a terminal shows and does not obey: control characters, line ends among them, become spaces. */
export const printable = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
