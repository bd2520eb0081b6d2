import { InputError, type Problem } from '../errors.js';

/** Characters of the text shown on each side of the caret. */
const shownAround = 60;

/**
 * Words about one place in a text, with the text and a caret under the place:
 *
 *     expected a variable, got "|"
 *       y ~ x + | firm
 *               ^
 */
export function pointAt(text: string, at: number, words: string): string {
  const from = at > shownAround + 1 ? at - shownAround : 0;
  const to = text.length > at + shownAround + 1 ? at + shownAround : text.length;
  const [before, after] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
  const shown = `${before}${text.slice(from, to)}${after}`.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  // A Chinese character is two columns wide, and so is the blank U+3000.
  const blank = `${before}${text.slice(from, at)}`
    .replace(/[^\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g, ' ')
    .replace(/[^ ]/g, '\u3000');
  return `${words}\n  ${shown}\n  ${blank}^`;
}

export function formulaProblem(text: string, at: number, words: string, pointer: string): Problem {
  return { pointer, code: 'formula_error', message: pointAt(text, at, words) };
}

export function formulaError(text: string, at: number, words: string, pointer: string): InputError {
  return new InputError([formulaProblem(text, at, words, pointer)]);
}
