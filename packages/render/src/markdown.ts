import type { Report, Table } from '@spillway/core';
import type { WrittenCell } from './format-cell.js';
import { gridOf } from './grid.js';

/** Text as text: nothing in it is markup, a link, a table border or a line end. */
const inline = (text: string) => text.replace(/[\s\u2028\u2029]+/g, ' ').replace(/[\\`*_[\]<>|&~$]/g, '\\$&');

/** The same at the start of a line, where more characters mean something: headings, lists, quotes, rules. */
const paragraph = (text: string) =>
  inline(text.trim())
    .replace(/^[#+=-]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');

function cellMarkdown(cell: WrittenCell): string {
  if (cell.kind === 'text') return inline(cell.text).trim();
  return inline(cell.open + cell.whole + cell.fraction + cell.close + cell.stars);
}

/** A table of GitHub's Markdown; rules inside it cannot be drawn there. */
export function markdownTable(table: Table): string {
  const grid = gridOf(table);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `**${inline(table.title).trim()}**`,
    '',
    row(grid.header.map((label) => inline(label).trim())),
    row(grid.align.map((align) => (align === 'right' ? '---:' : ':---'))),
    ...grid.rows.map(({ cells }) => row(cells.map(cellMarkdown))),
    ...table.notes.flatMap((note) => ['', paragraph(note)]),
  ].join('\n');
}

export function markdownReport(report: Report): string {
  const blocks = [
    `## ${inline(report.title).trim()}`,
    ...report.verdict.map(paragraph),
    ...report.tables.map(markdownTable),
    ...report.figures.map((figure) => `**${inline(`Figure: ${figure.title}`).trim()}** ${inline(figure.caption).trim()}`),
  ];
  return `${blocks.join('\n\n')}\n`;
}
