import type { Cell, Table } from '@spillway/core';
import { type WrittenCell, type WrittenNumber, writeCell } from './format-cell.js';

/** A table as every output needs it: rectangular, row labels as its first column, cells in writing. */
export interface Grid {
  readonly header: readonly string[];
  readonly align: readonly ('left' | 'right')[];
  readonly rows: readonly GridRow[];
}

export interface GridRow {
  readonly ruleAbove: boolean;
  readonly cells: readonly WrittenCell[];
}

/** Header, alignment and raw cells, label column first. */
export interface Layout {
  readonly header: readonly string[];
  readonly align: readonly ('left' | 'right')[];
  readonly rows: readonly { readonly ruleAbove: boolean; readonly cells: readonly Cell[] }[];
}

/**
 * Row labels become the first column. It is headed by the table's first column where the columns are one more than the
 * cells of its longest row, and by nothing where they are as many. Short rows are filled with empty cells.
 */
export function layOut(table: Table): Layout {
  const cells = Math.max(0, ...table.rows.map((row) => row.cells.length));
  const labelIsHeaded = table.columns.length > cells;
  const columns = labelIsHeaded ? table.columns : [{ label: '', align: 'left' as const }, ...table.columns];
  const width = Math.max(columns.length, 1 + cells);
  const places = Array.from({ length: width }, (_, j) => j);
  return {
    header: places.map((j) => columns[j]?.label ?? ''),
    align: places.map((j) => columns[j]?.align ?? 'right'),
    rows: table.rows.map((row) => ({
      ruleAbove: row.ruleAbove ?? false,
      cells: places.map((j) => (j === 0 ? row.label : (row.cells[j - 1] ?? null))),
    })),
  };
}

export function gridOf(table: Table): Grid {
  const { header, align, rows } = layOut(table);
  return { header, align, rows: rows.map((row) => ({ ruleAbove: row.ruleAbove, cells: row.cells.map(writeCell) })) };
}

/**
 * What each number of a right-aligned column lacks behind its decimal point against the longest there, as text of that
 * width to be set invisibly: with it, points stand under points though brackets and stars follow some of the numbers.
 */
export function invisibleTails(cells: readonly WrittenCell[]): readonly string[] {
  const numbers = cells.filter((cell): cell is WrittenNumber => cell.kind === 'number');
  const fraction = Math.max(0, ...numbers.map((cell) => cell.fraction.length));
  const close = numbers.find((cell) => cell.close !== '')?.close ?? '';
  const stars = Math.max(0, ...numbers.map((cell) => cell.stars.length));
  return cells.map((cell) => {
    if (cell.kind === 'text') return '';
    const missing = fraction - cell.fraction.length;
    const digits = missing > 0 && cell.fraction === '' ? `.${'0'.repeat(missing - 1)}` : '0'.repeat(missing);
    return digits + (cell.close === '' ? close : '') + '*'.repeat(stars - cell.stars.length);
  });
}
