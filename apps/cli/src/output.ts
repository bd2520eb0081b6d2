import type { Report, Table } from '@spillway/core';
import { consoleReport, consoleTable, csvReport, htmlReport, latexReport, markdownReport } from '@spillway/render';
import { type Surroundings, widthOf } from './surroundings.js';

/** How a report is printed. */
export const formats = {
  text: (report: Report, width: number) => `${consoleReport(report, { width })}\n`,
  md: markdownReport,
  csv: csvReport,
  html: htmlReport,
  latex: latexReport,
} as const satisfies Record<string, (report: Report, width: number) => string>;

export type Format = keyof typeof formats;

export function printReport(around: Surroundings, report: Report, format: Format): void {
  around.stdout.write(formats[format](report, widthOf(around.stdout)));
}

export function printTable(around: Surroundings, table: Table): void {
  around.stdout.write(`${consoleTable(table, { width: widthOf(around.stdout) })}\n`);
}

/** Exactly these bytes; a line end after them only where a person looks. */
export function printBytes(around: Surroundings, bytes: Uint8Array): void {
  around.stdout.write(bytes);
  if (around.stdout.isTTY) around.stdout.write('\n');
}

export const print = (around: Surroundings, text: string) => around.stdout.write(`${text}\n`);

/** To the person, never into the answer. */
export const tell = (around: Surroundings, text: string) => around.stderr.write(`${text}\n`);

/** What is counted has one form for one: "1 row", "3 rows". */
export const counted = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

/** A time as people read it, in UTC to the minute: "2026-01-31 14:05". */
export const shortTime = (iso: string | null) => (iso === null ? '' : iso.slice(0, 16).replace('T', ' '));
