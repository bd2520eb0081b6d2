import {
  buildPanel,
  makeSpec,
  type Panel,
  PhiloxStream,
  type RootsTest,
  registry,
  runLocally,
  type UnitRootsResult,
} from '@spillway/core';
import fc from 'fast-check';

/** Panels of random walks for the tests of unit roots. */
export interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
}

export const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 2, max: 7 }),
  periods: fc.integer({ min: 12, max: 20 }),
});
export const runs = { numRuns: 25 };

export interface Row {
  readonly entity: string;
  readonly year: number;
  readonly y: number;
  readonly x: number;
}

/** Random walks y and x, one row for each entity and year. */
export function walks({ seed, entities, periods }: Shape): Row[] {
  const draws = new PhiloxStream(seed, 4);
  return Array.from({ length: entities }, (_, e) => {
    let [y, x] = [draws.normal(), draws.normal()];
    return Array.from({ length: periods }, (__, t) => {
      y += draws.normal();
      x += draws.normal();
      return { entity: `e${10 + e}`, year: 1990 + t, y, x };
    });
  }).flat();
}

export function panelOf(rows: readonly Row[]): Panel {
  return buildPanel({
    entity: { name: 'firm', values: rows.map(({ entity }) => entity) },
    time: { name: 'year', values: rows.map(({ year }) => String(year)) },
    columns: [
      { name: 'y', values: Float64Array.from(rows, ({ y }) => y) },
      { name: 'x', values: Float64Array.from(rows, ({ x }) => x) },
    ],
  });
}

export function bytes(panel: Panel, params: Readonly<Record<string, unknown>>): string {
  const spec = makeSpec(registry, { analysis: 'unit-roots', dataset: 'x', params }, 'test');
  return new TextDecoder().decode(runLocally(registry, spec, { panel }).result);
}
export const job = (rows: readonly Row[], params: Readonly<Record<string, unknown>> = {}): UnitRootsResult =>
  JSON.parse(bytes(panelOf(rows), { variables: ['y'], ...params }));

export const close = (got: number, wanted: number, relative = 1e-7) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1e-3, Math.abs(wanted)));
export const find = (tests: readonly RootsTest[], name: string) => tests.find((entry) => entry.name === name)!;

export const change = (rows: readonly Row[], y: (row: Row, k: number) => number): Row[] =>
  rows.map((row, k) => ({ ...row, y: y(row, k) }));
