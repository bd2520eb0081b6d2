import type { Report, Table } from '@spillway/core';
import type { WrittenCell } from './format-cell.js';
import { type Grid, gridOf, invisibleTails } from './grid.js';
import { escapeLatex } from './latex-text.js';

const minus = (text: string) => text.replace(/-(?=[\d∞.])/g, '−');

function stars(text: string): string {
  return text === '' ? '' : `$^{${text}}$`;
}

/** Digits, point and bracket as they stand; stars raised, as those they stand in for. */
function phantom(tail: string): string {
  const raised = tail.indexOf('*');
  const plain = raised < 0 ? tail : tail.slice(0, raised);
  const content = escapeLatex(plain) + stars(raised < 0 ? '' : tail.slice(raised));
  return content === '' ? '' : `\\phantom{${content}}`;
}

function cellLatex(cell: WrittenCell, tail: string): string {
  if (cell.kind === 'text') return escapeLatex(cell.text);
  return escapeLatex(minus(cell.open + cell.whole + cell.fraction) + cell.close) + stars(cell.stars) + phantom(tail);
}

function bodyRows(grid: Grid): string[] {
  const tails = grid.align.map((align, j) =>
    align === 'left' ? grid.rows.map(() => '') : invisibleTails(grid.rows.map((row) => row.cells[j])),
  );
  return grid.rows.flatMap((row, i) => {
    const line = `${row.cells.map((cell, j) => cellLatex(cell, tails[j][i])).join(' & ')} \\\\`;
    return row.ruleAbove && i > 0 ? ['\\midrule', line] : [line];
  });
}

/** One floating table (booktabs, threeparttable); numbers are padded with phantoms so that points stand under points. */
export function latexTable(table: Table): string {
  const grid = gridOf(table);
  const notes =
    table.notes.length === 0
      ? []
      : [
          '\\begin{tablenotes}[flushleft]',
          '\\footnotesize',
          ...table.notes.map((note) => `\\item ${escapeLatex(note)}`),
          '\\end{tablenotes}',
        ];
  return [
    '\\begin{table}[htbp]',
    '\\centering',
    '\\begin{threeparttable}',
    `\\caption{${escapeLatex(table.title)}}`,
    `\\begin{tabular}{${grid.align.map((align) => align[0]).join('')}}`,
    '\\toprule',
    `${grid.header.map(escapeLatex).join(' & ')} \\\\`,
    '\\midrule',
    ...bodyRows(grid),
    '\\bottomrule',
    '\\end{tabular}',
    ...notes,
    '\\end{threeparttable}',
    '\\end{table}',
  ].join('\n');
}

/** To be \input into a document that loads booktabs and threeparttable; Chinese labels want XeLaTeX or LuaLaTeX. */
export function latexReport(report: Report): string {
  const blocks = [
    '% Needs \\usepackage{booktabs,threeparttable}; text outside Latin and Greek wants XeLaTeX or LuaLaTeX.',
    `\\subsection*{${escapeLatex(report.title)}}`,
    ...report.verdict.map(escapeLatex),
    ...report.tables.map(latexTable),
    ...report.figures.map(({ title, caption }) => `\\paragraph{${escapeLatex(title)}} ${escapeLatex(caption)}`),
  ];
  return `${blocks.join('\n\n')}\n`;
}
