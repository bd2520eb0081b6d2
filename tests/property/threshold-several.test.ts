import {
  leastSquares,
  makeSpec,
  type Panel,
  PhiloxStream,
  type RunLocallyOptions,
  registry,
  runLocally,
  threshold,
} from '@spillway/core';
import fc from 'fast-check';
import { changed, type Data, expectNear, panelOf, shapes, simulate } from '../harness/threshold-panels.js';

/*
 * Several thresholds, period effects and unbalanced panels, against least squares with a dummy for every entity and period.
 */

interface Kind {
  readonly timeEffects: boolean;
  /** every how many rows one is missing; 0 is none */
  readonly missing: number;
  readonly regime: readonly string[];
}

const kinds: readonly Kind[] = [
  { timeEffects: false, missing: 0, regime: ['r', 's'] },
  { timeEffects: true, missing: 0, regime: ['r'] },
  { timeEffects: false, missing: 7, regime: ['r'] },
  { timeEffects: true, missing: 7, regime: ['r', 's'] },
];
const named = (kind: Kind) =>
  `${kind.timeEffects ? 'two-way' : 'one-way'}, ${kind.missing ? 'unbalanced' : 'balanced'}, ${kind.regime.join(' and ')}`;

const keptRows = ({ entities, periods }: Data, { missing }: Kind) =>
  Array.from({ length: entities * periods }, (_, i) => i).filter((i) => missing === 0 || (i * 5) % missing !== 2);

const requestOf = ({ timeEffects, regime }: Kind) => ({
  formula: `y ~ x1 + x2 | unit${timeEffects ? ' + year' : ''}`,
  thresholdVariable: 'q',
  regimeRegressors: regime,
  trim: 0.1,
  levels: [0.9, 0.95],
  covariance: ['classical', 'cluster'],
  bootstrap: { replications: 0 },
  timeEffectsCheck: false,
});

function bytesOf(panel: Panel, params: object, options?: RunLocallyOptions): Uint8Array {
  const spec = makeSpec(registry, { analysis: 'threshold', dataset: 'simulated', params, seed: 11 }, 'test');
  return runLocally(registry, spec, { panel }, options).result;
}
const run = (panel: Panel, params: object) => JSON.parse(new TextDecoder().decode(bytesOf(panel, params)));

/** A panel cut to some rows, with dummies, as brute force wants it. */
function tableOf(data: Data, kind: Kind) {
  const rows = keptRows(data, kind);
  const cut = (name: string) => Float64Array.from(rows, (i) => data.columns.get(name)![i]);
  const entity = rows.map((i) => Math.floor(i / data.periods));
  const time = rows.map((i) => i % data.periods);
  const dummies = (codes: readonly number[], from: number) =>
    [...new Set(codes)]
      .sort((a, b) => a - b)
      .slice(from)
      .map((code) => Float64Array.from(codes, (c) => (c === code ? 1 : 0)));
  const effects = [...dummies(entity, 0), ...(kind.timeEffects ? dummies(time, 1) : [])];
  return { rows, entity, time, effects, q: cut('q'), y: cut('y'), common: [cut('x1'), cut('x2')], r: kind.regime.map(cut) };
}
type Table = ReturnType<typeof tableOf>;

/** Least squares of the model with some thresholds, dummies and all. */
function leastSquaresAt({ effects, q, y, common, r }: Table, thresholds: readonly number[], outcome = y) {
  const bounds = [Number.NEGATIVE_INFINITY, ...thresholds, Number.POSITIVE_INFINITY];
  const split = r.flatMap((column) =>
    bounds.slice(1).map((upper, g) => column.map((value, i) => (q[i] > bounds[g] && q[i] <= upper ? value : 0))),
  );
  return leastSquares([...effects, ...common, ...split], outcome);
}

/** Every value that may join some thresholds, with the sum of squares it leaves, one at a time. */
function searchAll(table: Table, fixed: readonly number[], trim: number, outcome = table.y) {
  const { q, entity, common, r } = table;
  const least = Math.max(Math.ceil(trim * q.length - 1e-9), common.length + r.length * (fixed.length + 1) + 5);
  const found = [...new Set(q)]
    .sort((a, b) => a - b)
    .filter((value) => !fixed.includes(value))
    .map((value) => ({ value, all: [...fixed, value].sort((a, b) => a - b) }))
    .filter(({ value, all }) => {
      const g = all.indexOf(value);
      return [g, g + 1].every((regime) => {
        const inside = [...q.keys()].filter((i) => q[i] > (all[regime - 1] ?? -1e300) && q[i] <= (all[regime] ?? 1e300));
        return inside.length >= least && new Set(inside.map((i) => entity[i])).size >= 3;
      });
    })
    .map(({ value, all }) => ({ value, all, ssr: leastSquaresAt(table, all, outcome).ssr }));
  const best = found.reduce((a, b) => (b.ssr < a.ssr ? b : a), found[0]);
  const ssrNull = leastSquaresAt(table, fixed, outcome).ssr;
  return { found, best, ssrNull };
}

/** Panels on which two thresholds with enough rows each have room. */
const roomy = shapes.map((shape) => ({ ...shape, entities: shape.entities + 4, periods: shape.periods + 2, ties: 20 }));

for (const kind of kinds) {
  test(`two thresholds are those of least squares with dummies: ${named(kind)}`, () => {
    fc.assert(
      fc.property(roomy, (shape) => {
        const data = simulate(shape);
        const table = tableOf(data, kind);
        const first = searchAll(table, [], 0.1);
        const second = searchAll(table, [first.best.value], 0.1);
        fc.pre(second.found.length > 0);
        const refined = searchAll(table, [second.best.value], 0.1);
        const result = run(panelOf(data, table.rows), { ...requestOf(kind), thresholdCount: 2 });

        const { entities, periods, rows } = result.sample;
        const effects = entities + (kind.timeEffects ? periods - 1 : 0);
        const denominator = rows - effects;
        expect(result.fit.denominator).toBe(denominator);
        for (const [t, stage] of [first, second].entries()) {
          expectNear(result.tests[t].f, (stage.ssrNull - stage.best.ssr) / (stage.best.ssr / denominator), 1e-7);
        }
        for (const [model, stage] of [
          ['Th-1', first],
          ['Th-22', second],
          ['Th-21', refined],
        ] as const) {
          const search = result.searches.find((one: { model: string }) => one.model === model);
          expect(search.candidates).toBe(stage.found.length);
          expectNear(search.ssr, stage.best.ssr, 1e-8);
          // Two candidates may be equally good to rounding: then either is the estimate.
          const own = stage.found.find(({ value }) => value === search.estimate)!;
          expectNear(own.ssr, stage.best.ssr, 1e-8);
        }
        const final = leastSquaresAt(
          table,
          result.thresholds.map(({ estimate }: { estimate: number }) => estimate),
        );
        const df = rows - final.rank;
        expect(result.fit.residualDf).toBe(df);
        for (const [j, { estimate, standardError }] of result.coefficients.entries()) {
          const at = effects + j;
          expectNear(estimate, final.coefficients[at], 1e-7);
          expectNear(standardError, Math.sqrt((final.ssr / df) * final.inverseGram.get(at, at)), 1e-7);
        }
      }),
      { numRuns: 5 },
    );
  });
}

for (const kind of kinds) {
  for (const stage of [1, 2]) {
    test(`F* of a wild draw is the F of a drawn outcome, stage ${stage}: ${named(kind)}`, () => {
      fc.assert(
        fc.property(roomy, fc.constantFrom('rademacher', 'mammen', 'webb'), (shape, weights) => {
          const data = simulate(shape);
          const table = tableOf(data, kind);
          const panel = panelOf(data, table.rows);
          const params = threshold.params.parse({
            ...requestOf(kind),
            thresholdCount: stage,
            bootstrap: { replications: stage === 1 ? 2 : [0, 2], methods: ['wild-entity'], weights },
          });
          const { context } = threshold.plan(params, { panel }, 11);
          const { f } = threshold.run(params, { panel }, context, { first: 0, count: 2 }, () => {}, 11);
          const { searches } = context.estimates;
          const fixed = stage === 1 ? [] : [searches[0].estimate];
          const e = leastSquaresAt(table, fixed).residuals;
          const draws = new PhiloxStream(11, 16 * (stage - 1) + 1);
          const { entities, periods } = data;
          for (let b = 0; b < 2; b++) {
            draws.seek(b);
            const w = new Float64Array(new Set(table.entity).size);
            if (weights === 'rademacher') draws.signs(w);
            else if (weights === 'mammen') draws.mammens(w);
            else draws.webbs(w);
            expect(w.length).toBe(entities);
            // A fitted part changes nothing: any will do.
            const drawn = e.map(
              (residual, i) =>
                3 + table.common[0][i] + (kind.timeEffects ? table.time[i] / periods : 0) + w[table.entity[i]] * residual,
            );
            const { best, ssrNull } = searchAll(table, fixed, 0.1, drawn);
            const denominator = context.estimates.fit.denominator;
            expectNear(f[b], (ssrNull - best.ssr) / (best.ssr / denominator), 1e-7);
          }
        }),
        { numRuns: 3 },
      );
    });
  }
}

test('residual blocks on an unbalanced panel are drawn among entities with the same periods', () => {
  fc.assert(
    fc.property(roomy, (shape) => {
      const data = simulate({ ...shape, entities: 12 });
      const { periods } = data;
      // even entities have all periods, odd ones all but the second
      const rows = Array.from({ length: 12 * periods }, (_, i) => i).filter(
        (i) => Math.floor(i / periods) % 2 === 0 || i % periods !== 1,
      );
      const kind: Kind = { timeEffects: false, missing: 0, regime: ['r'] };
      const panel = panelOf(data, rows);
      const params = threshold.params.parse({
        ...requestOf(kind),
        bootstrap: { replications: 2, methods: ['residual-blocks'] },
      });
      const { context } = threshold.plan(params, { panel }, 5);
      const { f } = threshold.run(params, { panel }, context, { first: 0, count: 2 }, () => {}, 5);
      const full = tableOf(data, kind);
      const cut = (column: Float64Array) => Float64Array.from(rows, (i) => column[i]);
      const table: Table = {
        ...full,
        rows,
        entity: rows.map((i) => Math.floor(i / periods)),
        q: cut(full.q),
        y: cut(full.y),
        effects: full.effects.map(cut),
        common: full.common.map(cut),
        r: full.r.map(cut),
      };
      const e = leastSquaresAt(table, []).residuals;
      const start = Array.from({ length: 12 }, (_, unit) => table.entity.indexOf(unit));
      const draws = new PhiloxStream(5, 0);
      const words = new Uint32Array(12);
      for (let b = 0; b < 2; b++) {
        draws.seek(b);
        draws.words(words);
        const donor = (unit: number) => 2 * Math.floor((words[unit] / 2 ** 32) * 6) + (unit % 2);
        const drawn = e.map((_, i) => e[start[donor(table.entity[i])] + (i - start[table.entity[i]])]);
        const { best, ssrNull } = searchAll(table, [], 0.1, drawn);
        expectNear(f[b], (ssrNull - best.ssr) / (best.ssr / context.estimates.fit.denominator), 1e-7);
      }
    }),
    { numRuns: 6 },
  );
});

test('an unbalanced panel runs by default, with the wild bootstrap alone, and says so', () => {
  const data = simulate({ seed: 3, entities: 12, periods: 9, ties: 1000 });
  const kind: Kind = { timeEffects: false, missing: 7, regime: ['r'] };
  const result = run(panelOf(data, keptRows(data, kind)), { ...requestOf(kind), bootstrap: { replications: 19 } });
  expect(result.sample.balanced).toBe(false);
  expect(result.tests[0].bootstraps.map(({ method }: { method: string }) => method)).toEqual(['wild-entity']);
  expect(result.warnings.join(' ')).toMatch(/unbalanced: by default only the wild bootstrap/);
});

test('an entity without another of its periods: residual blocks are refused with advice', () => {
  const data = simulate({ seed: 3, entities: 12, periods: 9, ties: 1000 });
  const rows = Array.from({ length: 12 * 9 }, (_, i) => i).filter((i) => i !== 40);
  const kind: Kind = { timeEffects: false, missing: 0, regime: ['r'] };
  const asked = { ...requestOf(kind), bootstrap: { replications: 19, methods: ['residual-blocks'] } };
  expect(() => run(panelOf(data, rows), asked)).toThrow(
    expect.objectContaining({
      code: 'unbalanced_sample',
      message: expect.stringMatching(/1 of 12 entities \(e14\).*wild-entity/),
    }),
  );
});

const both: Kind = { timeEffects: true, missing: 7, regime: ['r', 's'] };
const drawnToo = { ...requestOf(both), thresholdCount: 2, bootstrap: { replications: 40 } };

test('the order of rows, affine changes and constants: two thresholds, two-way, unbalanced', () => {
  fc.assert(
    fc.property(roomy, fc.nat(), fc.double({ min: 0.1, max: 50, noNaN: true }), (shape, shuffle, a) => {
      const data = simulate(shape);
      const rows = keptRows(data, both);
      const order = Uint32Array.from(rows.keys());
      new PhiloxStream(shuffle, 0).shuffle(order);
      const plain = bytesOf(panelOf(data, rows), drawnToo);
      expect(
        Array.from(
          bytesOf(
            panelOf(
              data,
              [...order].map((k) => rows[k]),
            ),
            drawnToo,
          ),
        ),
      ).toEqual(Array.from(plain));

      const base = JSON.parse(new TextDecoder().decode(plain));
      const same = (other: Data, scale: number, shift: number, outcome: number) => {
        const got = run(panelOf(other, rows), drawnToo);
        for (const [t, { estimate }] of got.thresholds.entries()) {
          expectNear(estimate, scale * base.thresholds[t].estimate + shift, 1e-9);
        }
        expect(got.regimes).toEqual(base.regimes);
        for (const [t, { f, bootstraps }] of got.tests.entries()) {
          expectNear(f, base.tests[t].f, 1e-7);
          expectNear(bootstraps[0].pValue, base.tests[t].bootstraps[0].pValue, 1e-12);
        }
        for (const [j, { estimate }] of got.coefficients.entries()) {
          expectNear(estimate, outcome * base.coefficients[j].estimate, 1e-6);
        }
      };
      same(changed(data, { q: (q) => a * q + 3 }), a, 3, 1);
      same(changed(data, { y: (y) => -a * y + 7 }), 1, 0, -a);
      same(changed(data, { x1: (x) => x + 100, y: (y, i) => y + 5 * (i % data.periods) }), 1, 0, 1);
    }),
    { numRuns: 6 },
  );
});

test('names of entities do not matter: two thresholds, two-way, unbalanced', () => {
  fc.assert(
    fc.property(roomy, fc.nat(), (shape, shuffle) => {
      const data = simulate(shape);
      const names = Uint32Array.from({ length: data.entities }, (_, i) => i);
      new PhiloxStream(shuffle, 0).shuffle(names);
      const estimates = { ...drawnToo, bootstrap: { replications: 0 } };
      const rows = keptRows(data, both);
      const got = run(panelOf({ ...data, names: [...names].map((i) => `z${i + 10}`) }, rows), estimates);
      const wanted = run(panelOf(data, rows), estimates);
      expect(got.regimes).toEqual(wanted.regimes);
      for (const [t, { estimate, intervals }] of got.thresholds.entries()) {
        expect({ estimate, intervals }).toEqual({
          estimate: wanted.thresholds[t].estimate,
          intervals: wanted.thresholds[t].intervals,
        });
      }
      for (const [t, { f }] of got.tests.entries()) expectNear(f, wanted.tests[t].f, 1e-8);
      for (const [j, { estimate, standardError }] of got.coefficients.entries()) {
        expectNear(estimate, wanted.coefficients[j].estimate, 1e-8);
        expectNear(standardError, wanted.coefficients[j].standardError, 1e-8);
      }
    }),
    { numRuns: 8 },
  );
});

test('names of periods do not matter but for their order', () => {
  const data = simulate({ seed: 8, entities: 12, periods: 9, ties: 20 });
  const renamed = { ...drawnToo, bootstrap: { replications: 0 } };
  const rows = keptRows(data, both);
  const got = run(
    panelOf(data, rows, (t) => 1900 + 10 * t),
    renamed,
  );
  const wanted = run(panelOf(data, rows), renamed);
  expect(got.thresholds).toEqual(wanted.thresholds);
  expect(got.coefficients).toEqual(wanted.coefficients);
});

test('an early stop is at a checkpoint, whatever the cut, and leaves critical values out', () => {
  const data = simulate({ seed: 6, entities: 14, periods: 9, ties: 1000 });
  const kind: Kind = { timeEffects: false, missing: 0, regime: ['r'] };
  const bootstrap = { replications: 3_999, earlyStop: true };
  const asked = { ...requestOf(kind), thresholdCount: 2, bootstrap };
  const stopped = run(panelOf(data), asked);
  const whole = run(panelOf(data), { ...asked, bootstrap: { replications: 3_999 } });
  for (const [t, test] of stopped.tests.entries()) {
    for (const [m, one] of test.bootstraps.entries()) {
      expect([100, 200, 400, 800, 1_600, 3_200, 3_999]).toContain(one.replications);
      expect(one.criticalValues).toBeNull();
      expect(one.stoppedEarly).toBe(one.replications < 3_999);
      const all = whole.tests[t].bootstraps[m];
      expect(all.criticalValues['0.05']).toBeGreaterThan(0);
      // the first of the same draws: what they say of p holds of all of them
      expect(all.pValue).toBeGreaterThanOrEqual(one.pValueInterval.lower - 0.01);
      expect(all.pValue).toBeLessThanOrEqual(one.pValueInterval.upper + 0.01);
    }
    expect(test.decision).toBe(whole.tests[t].decision);
  }
  expect(stopped.tests[0].bootstraps[0].replications).toBeLessThan(3_999);
});

test('units and their replications: every draw of every test, whatever the layout', () => {
  const data = simulate({ seed: 6, entities: 12, periods: 8, ties: 1000 });
  const kind: Kind = { timeEffects: false, missing: 0, regime: ['r'] };
  const asked = { ...requestOf(kind), timeEffectsCheck: true, thresholdCount: 2, trim: [0.1, 0.05] };
  const panel = panelOf(data);
  const plain = { ...asked, bootstrap: { replications: [150, 120] } };
  const result = run(panel, plain);
  expect(result.tests.map(({ bootstraps }: { bootstraps: { replications: number }[] }) => bootstraps[0].replications)).toEqual([
    150, 120,
  ]);
  expect(result.timeEffectsCheck.bootstraps).toHaveLength(2);
  expect(result.timeEffectsCheck.bootstraps[0].replications).toBe(150);
  const recut = (shards: readonly { first: number; count: number }[]) => {
    const units = shards.reduce((sum, { count }) => sum + count, 0);
    return Array.from({ length: Math.ceil(units / 37) }, (_, k) => ({ first: k * 37, count: Math.min(37, units - k * 37) }));
  };
  expect(Array.from(bytesOf(panel, plain, { recut }))).toEqual(Array.from(bytesOf(panel, plain)));
});

test('the check with period effects is the test of the model with them', () => {
  const data = simulate({ seed: 16, entities: 12, periods: 8, ties: 1000 });
  const kind: Kind = { timeEffects: false, missing: 0, regime: ['r'] };
  const panel = panelOf(data);
  const check = run(panel, { ...requestOf(kind), timeEffectsCheck: true, bootstrap: { replications: 99 } }).timeEffectsCheck;
  const two = run(panel, { ...requestOf({ ...kind, timeEffects: true }), bootstrap: { replications: 0 } });
  expect(check.f).toBe(two.tests[0].f);
  expect(check.estimate).toBe(two.thresholds[0].estimate);
});

test('intervals united over the confidence set hold the plain one', () => {
  const data = simulate({ seed: 26, entities: 12, periods: 8, ties: 20 });
  const result = run(panelOf(data), {
    ...requestOf({ timeEffects: false, missing: 0, regime: ['r'] }),
    slopeUnion: 0.8,
    covariance: ['classical'],
  });
  for (const { estimate, standardError, union } of result.coefficients) {
    expect(union.level).toBe(0.95);
    expect(union.lower).toBeLessThanOrEqual(estimate - 1.96 * standardError);
    expect(union.upper).toBeGreaterThanOrEqual(estimate + 1.96 * standardError);
  }
});

test('entities in each regime and period add up, and those that switch are named', () => {
  const data = simulate({ seed: 36, entities: 12, periods: 9, ties: 20 });
  const rows = keptRows(data, both);
  const result = run(panelOf(data, rows), { ...drawnToo, bootstrap: { replications: 0 } });
  const totals = result.regimes.map((_: unknown, g: number) =>
    result.regimesByPeriod.reduce((sum: number, { entities }: { entities: number[] }) => sum + entities[g], 0),
  );
  expect(totals).toEqual(result.regimes.map(({ rows: count }: { rows: number }) => count));
  const [low, high] = result.thresholds.map(({ estimate }: { estimate: number }) => estimate);
  const regime = (i: number) => (data.q[i] <= low ? 0 : data.q[i] <= high ? 1 : 2);
  const switchers = data.names.filter((_, unit) => {
    const own = rows.filter((i) => Math.floor(i / data.periods) === unit).map(regime);
    return new Set(own).size > 1;
  });
  expect(result.switchingEntities).toEqual(switchers);
  expect(result.switching).toBe(switchers.length);
});

test('no test of equal slopes, and nothing prints as zeros', () => {
  const data = simulate({ seed: 46, entities: 12, periods: 9, ties: 1000 });
  const asked = {
    ...requestOf({ timeEffects: false, missing: 0, regime: ['r'] }),
    thresholdCount: 3,
    trim: 0.05,
    bootstrap: { replications: 99 },
  };
  const spec = makeSpec(registry, { analysis: 'threshold', dataset: 'simulated', params: asked, seed: 11 }, 'test');
  const { report } = runLocally(registry, spec, { panel: panelOf(data) });
  const text = new TextDecoder().decode(report);
  expect(text).not.toMatch(/0\.0000\b/);
  expect(text).not.toMatch(/wald/i);
  const { tables, figures } = JSON.parse(text);
  expect(tables[1].rows.map(({ label }: { label: string }) => label).filter((label: string) => label.startsWith('Th-'))).toEqual([
    'Th-1',
    'Th-22',
    'Th-21',
    'Th-3',
  ]);
  expect(tables[2].rows.map(({ label }: { label: string }) => label.split(',')[0])).toEqual([
    'Single',
    'Single',
    'Double',
    'Double',
    'Triple',
    'Triple',
  ]);
  expect(figures).toHaveLength(3 + 6);
});
