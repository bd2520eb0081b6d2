import type { Report, Table } from '@spillway/core';
import type { WrittenCell } from './format-cell.js';
import { type Grid, gridOf, invisibleTails } from './grid.js';

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character as keyof typeof entities]);

/** A minus as wide as a plus, as numbers are set. */
const minus = (text: string) => text.replace(/-(?=[\d∞.])/g, '−');

function cellHtml(cell: WrittenCell, tail: string): string {
  if (cell.kind === 'text') return escapeHtml(cell.text);
  const number = escapeHtml(minus(cell.open + cell.whole + cell.fraction) + cell.close + cell.stars);
  return tail === '' ? number : `${number}<span class="tail" aria-hidden="true">${escapeHtml(tail)}</span>`;
}

function bodyRows(grid: Grid): string[] {
  const tails = grid.align.map((align, j) =>
    align === 'left' ? grid.rows.map(() => '') : invisibleTails(grid.rows.map((row) => row.cells[j])),
  );
  return grid.rows.map((row, i) => {
    const cells = row.cells.map((cell, j) => {
      const tag = j === 0 ? 'th scope="row"' : 'td';
      return `<${tag} class="${grid.align[j]}">${cellHtml(cell, tails[j][i])}</${j === 0 ? 'th' : 'td'}>`;
    });
    return `<tr${row.ruleAbove ? ' class="rule"' : ''}>${cells.join('')}</tr>`;
  });
}

/** A `<figure>` with caption, table and notes; the classes are those of `htmlStyle`. */
export function htmlTable(table: Table): string {
  const grid = gridOf(table);
  const header = grid.header.map((label, j) => `<th scope="col" class="${grid.align[j]}">${escapeHtml(label)}</th>`);
  return [
    '<figure class="spillway-table">',
    `<figcaption>${escapeHtml(table.title)}</figcaption>`,
    '<table>',
    `<thead><tr>${header.join('')}</tr></thead>`,
    '<tbody>',
    ...bodyRows(grid),
    '</tbody>',
    '</table>',
    ...table.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    '</figure>',
  ].join('\n');
}

/** Title, verdict, tables and captions of figures, to be put into a page. */
export function htmlFragment(report: Report): string {
  return [
    '<section class="spillway-report">',
    `<h2>${escapeHtml(report.title)}</h2>`,
    ...report.verdict.map((sentence) => `<p class="verdict">${escapeHtml(sentence)}</p>`),
    ...report.tables.map(htmlTable),
    ...report.figures.map(
      ({ title, caption }) => `<p class="figure"><strong>${escapeHtml(title)}</strong> ${escapeHtml(caption)}</p>`,
    ),
    '</section>',
  ].join('\n');
}

/** Three lines and no more; figures of equal width so that the invisible tails hold the points in line. */
export const htmlStyle = `
.spillway-report { font-family: Georgia, 'Times New Roman', serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.spillway-table { margin: 2rem 0; overflow-x: auto; }
.spillway-table figcaption { font-weight: bold; margin-bottom: 0.4rem; }
.spillway-table table { border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid; }
.spillway-table thead th { border-bottom: 1px solid; }
.spillway-table th, .spillway-table td { padding: 0.15rem 0.8rem; font-weight: normal; font-variant-numeric: tabular-nums lining-nums; }
.spillway-table .left { text-align: left; }
.spillway-table .right { text-align: right; white-space: nowrap; }
.spillway-table tr.rule > * { border-top: 1px solid; }
.spillway-table .tail { visibility: hidden; user-select: none; }
.spillway-table .note { font-size: 0.85em; margin: 0.2rem 0; }
`.trim();

/** A page of its own: no scripts, nothing loaded from elsewhere. */
export function htmlReport(report: Report): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(report.title)}</title>`,
    `<style>\n${htmlStyle}\n</style>`,
    '</head>',
    '<body>',
    htmlFragment(report),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
