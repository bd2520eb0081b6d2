import { buildPanel, type Panel, PhiloxStream } from '@spillway/core';
import fc from 'fast-check';

/** A simulated panel, rows in order of entity, then time. */
export interface Data {
  readonly entities: number;
  readonly periods: number;
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly q: Float64Array;
}

export interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  /** distinct values that q is rounded to: ties */
  readonly ties: number;
}

export const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 6, max: 14 }),
  periods: fc.integer({ min: 4, max: 9 }),
  ties: fc.constantFrom(7, 20, 1000),
});

/** y has effects, a threshold in the slope of r at q = 0 and errors whose variance differs between entities. */
export function simulate({ seed, entities, periods, ties }: Shape): Data {
  const draws = new PhiloxStream(seed, 77);
  const rows = entities * periods;
  const normals = () => Float64Array.from({ length: rows }, () => draws.normal());
  const effect = Float64Array.from({ length: entities }, () => draws.normal());
  const [x1, x2, r, s, e] = [normals(), normals(), normals(), normals(), normals()];
  const q = normals().map((value, i) => Math.round((value + effect[Math.floor(i / periods)]) * ties) / ties);
  const y = x1.map((value, i) => {
    const mu = effect[Math.floor(i / periods)];
    return value - 0.5 * x2[i] + (q[i] <= 0 ? 0.2 : 0.9) * r[i] + 0.3 * s[i] + mu + (0.4 + 0.2 * Math.abs(mu)) * e[i];
  });
  return {
    entities,
    periods,
    names: Array.from({ length: entities }, (_, i) => `e${i + 10}`),
    columns: new Map(Object.entries({ y, x1, x2, r, s, q })),
    q,
  };
}

export function panelOf(data: Data, order?: readonly number[], year: (t: number) => number = (t) => 2000 + t): Panel {
  const rows = order ?? Array.from({ length: data.entities * data.periods }, (_, i) => i);
  return buildPanel({
    entity: { name: 'unit', values: rows.map((i) => data.names[Math.floor(i / data.periods)]) },
    time: { name: 'year', values: rows.map((i) => year(i % data.periods)) },
    columns: [...data.columns].map(([name, values]) => ({ name, values: rows.map((i) => values[i]) })),
  });
}

export function changed(data: Data, changes: Readonly<Record<string, (value: number, i: number) => number>>): Data {
  const columns = new Map(
    Array.from(data.columns, ([name, values]) => [name, name in changes ? values.map(changes[name]) : values]),
  );
  return { ...data, columns, q: columns.get('q')! };
}

export function expectNear(got: number, wanted: number, relative = 1e-9): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1e-6, Math.abs(wanted)));
}

/** Dummies for the entities, then the columns: what the within transform must agree with. */
export function withDummies({ entities, periods }: Data, columns: readonly Float64Array[]): Float64Array[] {
  const dummies = Array.from({ length: entities }, (_, e) =>
    Float64Array.from({ length: entities * periods }, (_, i) => (Math.floor(i / periods) === e ? 1 : 0)),
  );
  return [...dummies, ...columns];
}
