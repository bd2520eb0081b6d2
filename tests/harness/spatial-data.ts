import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPanel, type Panel, panelFromCsv, type Weights, weightsFromFile, weightsOptions } from '@spillway/core';

/** The data sets of the spatial reference cases, as panels and weights. */
export function spatialData(folder: string) {
  const file = (name: string) => readFileSync(join(folder, name), 'utf8');
  const bytes = (text: string) => new TextEncoder().encode(text);
  const edges = (text: string, normalisation = 'row'): Weights =>
    weightsFromFile(bytes(text), weightsOptions.parse({ kind: 'edge-list', normalisation }));

  function table(name: string): { readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] } {
    const [head, ...lines] = file(name).trim().replaceAll('"', '').split('\n');
    return { names: head.split(','), rows: lines.map((line) => line.split(',')) };
  }

  /** Rows are the units 1 … n, in one period. */
  function crossSection(name: string): Panel {
    const { names, rows } = table(name);
    return buildPanel({
      entity: { name: 'unit_', values: rows.map((_, i) => i + 1) },
      time: { name: 'period_', values: rows.map(() => 1) },
      columns: names.map((column, j) => ({ name: column, values: rows.map((cells) => Number(cells[j])) })),
    });
  }

  /** Links of which both ends are kept. */
  function edgesAmong(name: string, units: ReadonlySet<number>): string {
    const [head, ...lines] = file(name).trim().split('\n');
    return [
      head,
      ...lines.filter((line) =>
        line
          .split(',')
          .slice(0, 2)
          .every((unit) => units.has(Number(unit))),
      ),
    ].join('\n');
  }

  /** Wide columns `HR70`, `HR80`, … as a panel of decades, of the rows that `keep` likes. */
  function decades(keep: (row: Readonly<Record<string, string>>) => boolean) {
    const { names, rows } = table('ncovr.csv');
    const kept = rows.flatMap((cells, i) =>
      keep(Object.fromEntries(names.map((name, j) => [name, cells[j]]))) ? [{ cells, unit: i + 1 }] : [],
    );
    const years = ['70', '80', '90'];
    const long = kept.flatMap((row) => years.map((year) => ({ ...row, year })));
    const units = new Set(kept.map(({ unit }) => unit));
    return {
      panel: buildPanel({
        entity: { name: 'unit_', values: long.map(({ unit }) => unit) },
        time: { name: 'period_', values: long.map(({ year }) => 1900 + Number(year)) },
        columns: ['HR', 'RD', 'PS'].map((name) => ({
          name,
          values: long.map(({ cells, year }) => Number(cells[names.indexOf(name + year)])),
        })),
      }),
      weights: edges(edgesAmong('ncovr_queen_binary.csv', units)),
    };
  }

  function produc() {
    const states = new Map(table('usaww_ids.csv').rows.map(([index, state]) => [index, state]));
    const { names, rows } = table('usaww.csv');
    const named = rows.map(([i, j, w]) => `${states.get(i)},${states.get(j)},${w}`);
    return {
      panel: panelFromCsv(bytes(file('produc.csv')), { entity: 'state', time: 'year' }),
      weights: edges([names.join(','), ...named].join('\n')),
    };
  }

  return { file, edges, table, crossSection, edgesAmong, decades, produc };
}
