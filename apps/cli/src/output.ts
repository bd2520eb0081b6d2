import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, Table } from '@spillway/core';
import {
  consoleReport,
  consoleTable,
  csvReport,
  figurePng,
  figureSvg,
  htmlReport,
  latexReport,
  markdownReport,
} from '@spillway/render';
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

/** `figure-1.svg`, `figure-1.png`, … in a folder, which is made when it is not there. */
export async function writeFigures(around: Surroundings, report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [i, figure] of report.figures.entries()) {
    const file = join(folder, `figure-${i + 1}`);
    await writeFile(`${file}.svg`, await figureSvg(figure));
    await writeFile(`${file}.png`, await figurePng(figure));
    tell(around, `${file}.svg, .png: ${figure.title}`);
  }
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
