import { choiceWords, type SweepResult } from '@spillway/core';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { csvColumns } from './csv.js';

interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'INT32';
  readonly data: readonly (string | number | null)[];
}

/** Every item of a sweep, one row each: its choices in words, its numbers at full precision, why it failed. */
function columnsOf(sweep: SweepResult): Column[] {
  const { items, dimensions, failures } = sweep;
  const words = items.estimate.map((_, k) => choiceWords(sweep, k));
  const failure = new Map(failures.map((one) => [one.item, one]));
  const ofItem = (read: (k: number) => string | number | null) => items.estimate.map((_, k) => read(k));
  const numbers = ['estimate', 'standardError', 'statistic', 'pValue', 'lower', 'upper'] as const;
  return [
    { name: 'item', type: 'INT32', data: ofItem((k) => k) },
    ...dimensions.map(({ name }, d): Column => ({ name, type: 'STRING', data: words.map((row) => row[d]) })),
    { name: 'term', type: 'STRING', data: items.term },
    ...numbers.map((name): Column => ({ name, type: 'DOUBLE', data: items[name] })),
    { name: 'rows', type: 'INT32', data: items.rows },
    { name: 'equalTo', type: 'INT32', data: items.equalTo },
    { name: 'code', type: 'STRING', data: ofItem((k) => failure.get(k)?.code ?? null) },
    { name: 'message', type: 'STRING', data: ofItem((k) => failure.get(k)?.message ?? null) },
  ];
}

export const sweepCsv = (sweep: SweepResult): string => csvColumns(columnsOf(sweep));

export function sweepParquet(sweep: SweepResult): Uint8Array {
  const columnData = columnsOf(sweep).map(({ name, type, data }) => ({ name, type, data: [...data], nullable: true }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** A page of items, each with its choices by name. */
export function sweepItems(sweep: SweepResult, after: number, limit: number) {
  const { items, dimensions, failures } = sweep;
  const failure = new Map(failures.map(({ item, ...why }) => [item, why]));
  const last = Math.min(items.estimate.length, after + limit);
  const page = Array.from({ length: Math.max(0, last - after) }, (_, j) => {
    const k = after + j;
    const words = choiceWords(sweep, k);
    const { choices: _choices, ...columns } = items;
    const numbers = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[k]]));
    return {
      item: k,
      choices: Object.fromEntries(dimensions.map(({ name }, d) => [name, words[d]])),
      ...numbers,
      failure: failure.get(k) ?? null,
    };
  });
  return { total: items.estimate.length, items: page };
}
