import type { Figure, Report, Table } from '@spillway/core';
import type { WrittenCell } from './format-cell.js';
import { gridOf } from './grid.js';
import { padLeft, padRight, printable, textWidth, wrap } from './text-width.js';

export interface ConsoleOptions {
  /** columns of the terminal: prose is wrapped to it; a table keeps the width it needs. Default 100 */
  readonly width?: number;
}

const between = '   ';
const defaultWidth = 100;

interface Piece {
  readonly head: string;
  readonly tail: string;
  readonly text: boolean;
}

function pieceOf(cell: WrittenCell): Piece {
  if (cell.kind === 'text') return { head: printable(cell.text), tail: '', text: true };
  return { head: cell.open + cell.whole, tail: cell.fraction + cell.close + cell.stars, text: false };
}

/** All cells of a column at one width: numbers of a right-aligned one with the point under the point. */
function setColumn(header: string, cells: readonly WrittenCell[], align: 'left' | 'right'): string[] {
  const label = printable(header);
  const pieces = cells.map(pieceOf);
  if (align === 'left') {
    const texts = [label, ...pieces.map((piece) => piece.head + piece.tail)];
    const width = Math.max(...texts.map(textWidth));
    return texts.map((text) => padRight(text, width));
  }
  const tail = Math.max(0, ...pieces.filter((piece) => !piece.text).map((piece) => textWidth(piece.tail)));
  const texts = [label, ...pieces.map((piece) => (piece.text ? piece.head : piece.head + padRight(piece.tail, tail)))];
  const width = Math.max(...texts.map(textWidth));
  return texts.map((text) => padLeft(text, width));
}

/** A three-line table: rules above, below the header and at the end, no others but those a row asks for. */
export function consoleTable(table: Table, options: ConsoleOptions = {}): string {
  const grid = gridOf(table);
  const columns = grid.header.map((header, j) =>
    setColumn(
      header,
      grid.rows.map((row) => row.cells[j]),
      grid.align[j],
    ),
  );
  const line = (i: number) => columns.map((column) => column[i]).join(between);
  const width = textWidth(line(0));
  const rule = '─'.repeat(width);
  const body = grid.rows.flatMap((row, i) => (row.ruleAbove && i > 0 ? [rule, line(i + 1)] : [line(i + 1)]));
  const prose = Math.max(width, options.width ?? defaultWidth);
  const notes = table.notes.flatMap((note) => wrap(printable(note), prose));
  const title = wrap(printable(table.title), prose);
  return [...title, rule, line(0), rule, ...body, rule, ...notes].map((text) => text.trimEnd()).join('\n');
}

function consoleFigure(figure: Figure, width: number): string {
  return wrap(printable(`Figure: ${figure.title}. ${figure.caption}`), width).join('\n');
}

/** Title, verdict, tables, and what each figure shows; plain text, no escape sequences, no line end at the end. */
export function consoleReport(report: Report, options: ConsoleOptions = {}): string {
  const width = options.width ?? defaultWidth;
  const verdict = report.verdict.map((sentence) => wrap(printable(sentence), width).join('\n')).join('\n');
  return [
    wrap(printable(report.title), width).join('\n'),
    verdict,
    ...report.tables.map((table) => consoleTable(table, options)),
    ...report.figures.map((figure) => consoleFigure(figure, width)),
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}
