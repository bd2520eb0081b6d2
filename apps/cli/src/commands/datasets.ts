import { basename } from 'node:path';
import { bytesOf, type Dataset, SpillwayClient } from '@spillway/client';
import type { Table } from '@spillway/core';
import { Command } from 'commander';
import { options, type PanelFileOptions, panelFileOptions, readInput } from '../arguments.js';
import { counted, print, printBytes, printTable, shortTime, tell } from '../output.js';
import type { Surroundings } from '../surroundings.js';

interface Given {
  readonly url: string;
  readonly json?: true;
}

function datasetsTable(datasets: readonly Dataset[]): Table {
  return {
    title: '',
    columns: [
      { label: 'dataset', align: 'left' },
      { label: 'name', align: 'left' },
      { label: 'rows', align: 'right' },
      { label: 'entities', align: 'right' },
      { label: 'periods', align: 'right' },
      { label: 'created (UTC)', align: 'left' },
    ],
    rows: datasets.map(({ id, name, rows, entity, time, createdAt }) => ({
      label: id,
      cells: [
        name,
        { value: rows, format: 'count' },
        { value: entity.count, format: 'count' },
        { value: time.count, format: 'count' },
        shortTime(createdAt),
      ],
    })),
    notes: [],
  };
}

function columnsTable({ columns }: Dataset): Table {
  const right = ['missing', 'distinct', 'min', 'max'].map((label) => ({ label, align: 'right' as const }));
  return {
    title: '',
    columns: [{ label: 'column', align: 'left' }, { label: 'kind', align: 'left' }, ...right],
    rows: columns.map(({ name, kind, missing, distinct, min, max }) => ({
      label: name,
      cells: [
        kind,
        { value: missing, format: 'count' },
        { value: distinct, format: 'count' },
        min === null ? null : { value: min, format: 'significant', digits: 6 },
        max === null ? null : { value: max, format: 'significant', digits: 6 },
      ],
    })),
    notes: [],
  };
}

function show(around: Surroundings, dataset: Dataset, { json }: Given): void {
  if (json) printBytes(around, bytesOf(dataset));
  else describe(around, dataset);
}

function describe(around: Surroundings, dataset: Dataset): void {
  const { id, name, rows, entity, time, balanced, periodsPerEntity: periods, gaps } = dataset;
  const balance = balanced
    ? 'balanced'
    : `unbalanced: ${periods.min} to ${counted(periods.max, 'period')} an entity, ${counted(gaps, 'gap')}`;
  print(around, `dataset   ${id}`);
  print(around, `name      ${name}`);
  print(around, `rows      ${rows.toLocaleString('en-US')}, ${balance}`);
  print(around, `entities  ${entity.count.toLocaleString('en-US')} by ${entity.name}: ${entity.first} … ${entity.last}`);
  print(
    around,
    `periods   ${time.count.toLocaleString('en-US')} by ${time.name}: ${time.first} … ${time.last}, step ${time.step} (${time.unit})`,
  );
  printTable(around, columnsTable(dataset));
}

export function datasetsCommand(around: Surroundings): Command {
  const { signal } = around;
  const command = new Command('datasets').description('the panels that a service holds');
  const sub = (name: string, description: string) =>
    command.command(name).description(description).addOption(options.url()).addOption(options.json());

  sub('list', 'list them').action(async (given: Given) => {
    const list = await new SpillwayClient(given.url).listDatasets({ signal });
    if (given.json) printBytes(around, bytesOf(list));
    else printTable(around, datasetsTable(list.data));
  });
  sub('upload', 'upload a file; equal data are one dataset')
    .argument('<file>', 'CSV; - is standard input')
    .addOption(options.entity())
    .addOption(options.time())
    .addOption(options.delimiter())
    .addOption(options.decimal())
    .addOption(options.step())
    .option('--name <name>', 'for people; default: the name of the file')
    .action(async (path: string, given: Given & PanelFileOptions & { name?: string }) => {
      const bytes = await readInput(around, path);
      const name = given.name ?? (path === '-' ? 'standard input' : basename(path));
      show(around, await new SpillwayClient(given.url).uploadDataset(bytes, { ...panelFileOptions(given), name, signal }), given);
    });
  sub('show', 'say all about one')
    .argument('<id>')
    .action(async (id: string, given: Given) =>
      show(around, await new SpillwayClient(given.url).getDataset(id, { signal }), given),
    );
  sub('rm', 'delete some; jobs that use them still end')
    .argument('<id...>')
    .action(async (ids: string[], given: Given) => {
      for (const id of ids) {
        await new SpillwayClient(given.url).deleteDataset(id, { signal });
        tell(around, `deleted ${id}`);
      }
    });
  return command;
}
