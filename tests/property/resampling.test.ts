import {
  adoptionOf,
  assignmentOfRank,
  buildPanel,
  countDraws,
  denseKernel,
  drawAssignment,
  drawWidth,
  EstimationError,
  fitCovariance,
  type Grouping,
  lowRankKernel,
  makeSpec,
  makeWildDraw,
  type Panel,
  type PanelSample,
  PhiloxStream,
  pathAssignments,
  pooledFit,
  type RunLocallyOptions,
  reassignedTreatment,
  reassignedWidth,
  registry,
  runLocally,
  summarizePanel,
  type TreatmentModel,
  weightsOfRank,
  weightVectors,
  withinFit,
} from '@spillway/core';
import fc from 'fast-check';

interface Shape {
  readonly seed: number;
  readonly entities: number;
  readonly periods: number;
  /** share of rows that are missing */
  readonly gaps: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  entities: fc.integer({ min: 6, max: 9 }),
  periods: fc.integer({ min: 5, max: 8 }),
  gaps: fc.constantFrom(0, 0.15),
});

interface Row {
  readonly entity: number;
  readonly period: number;
  readonly y: number;
  readonly x: number;
  readonly z: number;
  readonly did: number;
}

/** did: entities 0 to 2 from the fourth period on, or each a period later when staggered. */
function rowsOf({ seed, entities, periods, gaps }: Shape, { scale = 1, staggered = false } = {}): Row[] {
  const draws = new PhiloxStream(seed, 11);
  const effect = Array.from({ length: entities }, () => draws.normal());
  return Array.from({ length: entities * periods }, (_, i): Row & { keep: boolean } => {
    const [entity, period] = [Math.floor(i / periods), i % periods];
    const [x, z, e] = [draws.normal() + effect[entity], draws.normal(), draws.normal()];
    const did = entity < 3 && period >= 3 + (staggered ? entity % 2 : 0) ? 1 : 0;
    const y = scale * (0.5 * x - z + effect[entity] + 0.1 * period + e);
    return { entity, period, y, x, z, did, keep: draws.uniform() >= gaps };
  }).filter(({ keep }) => keep);
}

function panelOf(rows: readonly Row[]): Panel {
  const column = (name: 'y' | 'x' | 'z' | 'did') => ({ name, values: rows.map((row) => row[name]) });
  return buildPanel({
    entity: { name: 'firm', values: rows.map(({ entity }) => `f${entity}`) },
    time: { name: 'year', values: rows.map(({ period }) => 2000 + period) },
    columns: [
      column('y'),
      column('x'),
      column('z'),
      column('did'),
      { name: 'region', values: rows.map(({ entity }) => (entity % 2 === 0 ? 'even' : 'odd')) },
      { name: 'fixed', values: rows.map(({ entity }) => entity) },
      { name: 'one', values: rows.map(() => 1) },
    ],
  });
}

function sampleOf(rows: readonly Row[]): PanelSample {
  const code = (of: (row: Row) => number): Grouping => {
    const levels = [...new Set(rows.map(of))].sort((a, b) => a - b);
    return { codes: Uint32Array.from(rows, (row) => levels.indexOf(of(row))), levels: levels.length };
  };
  return {
    rows: rows.length,
    entity: code(({ entity }) => entity),
    time: code(({ period }) => period),
    calendar: Float64Array.from(rows, ({ period }) => period),
    outcome: Float64Array.from(rows, ({ y }) => y),
    regressors: [Float64Array.from(rows, ({ x }) => x), Float64Array.from(rows, ({ z }) => z)],
  };
}

const modelOf = (sample: PanelSample, effects: readonly Grouping[]): TreatmentModel => ({
  outcome: sample.outcome,
  treatment: sample.regressors[0],
  controls: sample.regressors.slice(1),
  constant: true,
  effects,
});

const fitOf = (sample: PanelSample, effects: readonly Grouping[]) =>
  effects.length > 0 ? withinFit(sample, effects) : pooledFit(sample);

/** Coefficient of the first regressor, and its clustered variance without a factor. */
function refit(sample: PanelSample, effects: readonly Grouping[], cluster: Grouping) {
  const fitted = fitOf(sample, effects);
  const { matrix } = fitCovariance(fitted, effects, { kind: 'cluster', clusters: [cluster], smallSample: 'none' });
  const at = fitted.constant ? 1 : 0;
  return { b: fitted.coefficients[at], variance: matrix.get(at, at), fitted };
}

// biome-ignore lint/suspicious/noExplicitAny: results are JSON
type Json = any;

function run(panel: Panel, params: Readonly<Record<string, unknown>>, options: RunLocallyOptions = {}): Json {
  const request = { formula: 'y ~ x + z | firm + year', ...params };
  const spec = makeSpec(registry, { analysis: 'resampling', dataset: 'x', params: request, seed: 5 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }, options).result));
}

const close = (got: number, wanted: number, relative = 1e-8) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(wanted)));

const models = fc.constantFrom('pooled', 'entity', 'two-way') as fc.Arbitrary<'pooled' | 'entity' | 'two-way'>;
const effectsOf = (model: 'pooled' | 'entity' | 'two-way', { entity, time }: PanelSample) =>
  model === 'pooled' ? [] : model === 'entity' ? [entity] : [entity, time];

describe('wild cluster bootstrap', () => {
  test('both kernels give what refitting every row gives, under any hypothesis, clustered by entity or by time', () => {
    fc.assert(
      fc.property(
        shapes,
        models,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(0, 0.7),
        (shape, model, imposed, byTime, nullValue) => {
          const sample = sampleOf(rowsOf(shape));
          const effects = effectsOf(model, sample);
          const cluster = byTime ? sample.time : sample.entity;
          const factor = 1.3;
          const options = { nullValue, imposed, factor, otherNulls: true };
          const { b, variance, fitted } = refit(sample, effects, cluster);
          const v = new Float64Array(cluster.levels);
          new PhiloxStream(shape.seed, 12).webbs(v);

          // ũ and ŷ of the regression with the null imposed, or without
          const [x, z] = sample.regressors;
          const less = sample.outcome.map((y, i) => y - nullValue * x[i]);
          const restricted = fitOf({ ...sample, outcome: less, regressors: [z] }, effects);
          const { residuals } = imposed ? restricted : fitted;
          const drawn = {
            ...sample,
            outcome: sample.outcome.map((y, i) => y - residuals[i] + v[cluster.codes[i]] * residuals[i]),
          };
          const star = refit(drawn, effects, cluster);
          const centre = imposed ? nullValue : b;

          for (const make of [lowRankKernel, denseKernel]) {
            const kernel = make(modelOf(sample, effects), cluster, options);
            close(kernel.distance, b - nullValue);
            close(kernel.variance, factor * variance);
            const out = new Float64Array(drawWidth);
            makeWildDraw(kernel)(v, out, 0);
            close(out[0], star.b - centre, 1e-7);
            close(out[2], star.variance, 1e-7);
            // the numbers at another hypothesis are those of a kernel made for it
            const shift = 0.37;
            const other = make(modelOf(sample, effects), cluster, { ...options, nullValue: nullValue + shift });
            const there = new Float64Array(drawWidth);
            makeWildDraw(other)(v, there, 0);
            close(out[0] - shift * out[1], there[0], 1e-7);
            close(out[2] - 2 * shift * out[3] + shift * shift * out[4], there[2], 1e-7);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('vectors of weights are all there, once', () => {
    for (const [weights, clusters] of [
      ['rademacher', 5],
      ['webb', 3],
    ] as const) {
      const all = weightVectors(weights, clusters);
      const seen = new Set<string>();
      const v = new Float64Array(clusters);
      for (let rank = 0; rank < all; rank++) {
        weightsOfRank(weights, rank, v);
        seen.add(v.join(','));
      }
      expect(seen.size).toBe(all);
    }
    expect(weightVectors('mammen', 2)).toBe(Number.POSITIVE_INFINITY);
  });

  test('the data’s own draw ties with the statistic under every hypothesis when all vectors are enumerated', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const sample = sampleOf(rowsOf(shape));
        const effects = [sample.entity, sample.time];
        const kernel = lowRankKernel(modelOf(sample, effects), sample.entity, {
          nullValue: 0,
          imposed: true,
          factor: 1,
          otherNulls: true,
        });
        const ones = new Float64Array(kernel.clusters).fill(1);
        const draws = new Float64Array(2 * drawWidth);
        makeWildDraw(kernel)(ones, draws, 0);
        makeWildDraw(kernel)(ones.fill(-1), draws, drawWidth);
        const test = { distance: kernel.distance, variance: kernel.variance, factor: 1, draws };
        for (const shift of [0, -3, 0.2, 50, 1e4]) expect(countDraws(test, shift)).toEqual({ above: 0, atLeast: 2, used: 2 });
      }),
      { numRuns: 20 },
    );
  });

  test('p at the ends of the interval: not rejected inside, rejected outside; units and small-sample rules change nothing', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom('wild-bootstrap', 'randomization-inference'), (any, method) => {
        const own = { method, replications: 399 };
        // entities with gaps of their own may have nobody to change treatments with
        const shape = method === 'randomization-inference' ? { ...any, gaps: 0 } : any;
        const panel = panelOf(rowsOf(shape));
        const {
          methods: [found],
          estimate,
        } = run(panel, { methods: own });
        const { lower, upper } = found.interval;
        const width = estimate.clustered.standardError;
        if (found.interval.connected && lower !== null && upper !== null) {
          const p = (value: number) => run(panel, { methods: { ...own, null: value, interval: false } }).methods[0].pValue;
          expect(p(lower + 1e-6 * width)).toBeGreaterThan(0.05);
          expect(p(lower - 1e-6 * width)).toBeLessThanOrEqual(0.05);
          expect(p(upper - 1e-6 * width)).toBeGreaterThan(0.05);
          expect(p(upper + 1e-6 * width)).toBeLessThanOrEqual(0.05);
          const scaled = run(panelOf(rowsOf(shape, { scale: 1024 })), { methods: own }).methods[0];
          expect(scaled.pValue).toBe(found.pValue);
          close(scaled.interval.lower / 1024, lower);
          close(scaled.interval.upper / 1024, upper);
        }
        const other = run(panel, { methods: own, smallSample: 'areg' }).methods[0];
        expect(other.pValue).toBe(found.pValue);
        if (lower !== null) close(other.interval.lower, lower);
      }),
      { numRuns: 6 },
    );
  });

  test('few clusters: no rejection is possible, the interval has no end, and the warning says what to use', () => {
    const panel = panelOf(rowsOf({ seed: 3, entities: 4, periods: 8, gaps: 0 }));
    const { methods, warnings } = run(panel, { methods: ['wild-bootstrap', { method: 'wild-bootstrap', weights: 'webb' }] });
    const [rademacher, webb] = methods;
    expect([rademacher.enumerated, rademacher.draws, rademacher.smallestPValue]).toEqual([true, 16, 2 / 16]);
    expect(rademacher.pValue).toBeGreaterThanOrEqual(2 / 16);
    expect([rademacher.interval.lower, rademacher.interval.upper]).toEqual([null, null]);
    expect([webb.enumerated, webb.draws]).toEqual([true, 6 ** 4]);
    expect(warnings.filter((line: string) => line.includes('cannot reject at 5 %'))).toEqual([
      '4 clusters and rademacher weights cannot reject at 5 % (the smallest p is 0.125): use Webb weights or exact permutation (randomization-inference).',
    ]);
    expect(webb.interval.lower).not.toBeNull();
  });
});

describe('reassigned treatments', () => {
  test('a fake treatment is fitted as the regression on all rows is', () => {
    fc.assert(
      fc.property(shapes, models, (shape, model) => {
        const sample = sampleOf(rowsOf(shape));
        const effects = effectsOf(model, sample);
        const nullValue = 0.4;
        const reassigned = reassignedTreatment(modelOf(sample, effects), sample.entity, nullValue);
        const draws = new PhiloxStream(shape.seed, 13);
        const x = Float64Array.from({ length: sample.rows }, () => draws.normal());
        const out = new Float64Array(reassignedWidth);
        reassigned.fit(x, out, 0);
        for (const shift of [0, 0.6]) {
          const outcome = sample.outcome.map((y, i) => y - (nullValue + shift) * sample.regressors[0][i]);
          const star = refit({ ...sample, outcome, regressors: [x, sample.regressors[1]] }, effects, sample.entity);
          close(out[0] - shift * out[1], star.b, 1e-7);
          close(out[2] - 2 * shift * out[3] + shift * shift * out[4], star.variance, 1e-7);
          if (shift === 0)
            close(
              out[5] / star.fitted.residualDf,
              star.fitted.ssr / star.fitted.residualDf / squareLeft(x, sample, effects),
              1e-7,
            );
        }
      }),
      { numRuns: 30 },
    );
  });

  /** x'M x beside z and the effects. */
  function squareLeft(x: Float64Array, sample: PanelSample, effects: readonly Grouping[]): number {
    return fitOf({ ...sample, outcome: x, regressors: [sample.regressors[1]] }, effects).ssr;
  }

  test('assignments by rank: all there are, each once, paths whole and among entities of equal periods', () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, stratified) => {
        const rows = rowsOf(shape, { staggered: true });
        const sample = sampleOf(rows);
        const treatment = Float64Array.from(rows, ({ did }) => did);
        const region: Grouping = { codes: Uint32Array.from(rows, ({ entity }) => entity % 2), levels: 2 };
        const paths = pathAssignments(treatment, sample.entity, sample.time, { strata: stratified ? region : null });
        const rowsOfEntity = (e: number) => rows.flatMap((_, i) => (sample.entity.codes[i] === e ? [i] : []));
        const stratum = (e: number) => region.codes[rowsOfEntity(e)[0]];
        fc.pre(paths.count <= 3_000);
        const donor = new Uint32Array(paths.entities);
        const x = new Float64Array(rows.length);
        const seen = new Set<string>();
        const own = (e: number, of: Float64Array) =>
          rowsOfEntity(e)
            .map((i) => of[i])
            .join(',');
        const multiset = (of: Float64Array) => Array.from(donor.keys(), (e) => own(e, of)).sort();
        const before = multiset(treatment);
        for (let rank = 0; rank < paths.count; rank++) {
          assignmentOfRank(paths, rank, donor);
          paths.assign(donor, x);
          seen.add(x.join(','));
          expect(multiset(x)).toEqual(before);
          if (stratified) expect(donor.every((from, e) => stratum(from) === stratum(e))).toBe(true);
        }
        expect(seen.size).toBe(paths.count);
        expect(seen.has(treatment.join(','))).toBe(true);
        const stream = new PhiloxStream(shape.seed, 14);
        drawAssignment(paths, stream, donor, new Uint32Array(donor.length));
        paths.assign(donor, x);
        expect(seen.has(x.join(','))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('with gaps a treatment that starts and stays is exchanged by its start, each entity in its own periods', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const rows = rowsOf({ ...shape, gaps: 0.2 }, { staggered: true });
        const sample = sampleOf(rows);
        const treatment = Float64Array.from(rows, ({ did }) => did);
        fc.pre(treatment.includes(1));
        const { start, treated } = adoptionOf(sample, treatment, 'did', []);
        const { calendar } = sample;
        const paths = pathAssignments(treatment, sample.entity, sample.time, { adoption: { start, calendar } });
        fc.pre(paths.byStart);
        expect(paths.classes).toHaveLength(1);
        expect(paths.movable).toBe(sample.entity.levels);
        const donor = new Uint32Array(paths.entities);
        const x = new Float64Array(rows.length);
        const stream = new PhiloxStream(shape.seed, 15);
        drawAssignment(paths, stream, donor, new Uint32Array(donor.length));
        paths.assign(donor, x);
        expect([...donor].filter((e) => start[e] !== Number.POSITIVE_INFINITY)).toHaveLength(treated);
        for (const [i, value] of x.entries()) expect(value).toBe(calendar[i] >= start[donor[sample.entity.codes[i]]] ? 1 : 0);
        const seen = new Set<string>();
        for (let rank = 0; rank < Math.min(paths.count, 2_000); rank++) {
          assignmentOfRank(paths, rank, donor);
          seen.add(Array.from(donor, (e) => start[e]).join(','));
        }
        expect(seen.size).toBe(Math.min(paths.count, 2_000));
      }),
      { numRuns: 20 },
    );
  });

  test('exact p counts the data’s own assignment: never below 1 over the number of assignments', () => {
    const panel = panelOf(rowsOf({ seed: 9, entities: 8, periods: 6, gaps: 0 }));
    const { methods } = run(panel, {
      formula: 'y ~ did + z | firm + year',
      methods: [
        'placebo-in-space',
        'randomization-inference',
        { method: 'randomization-inference', statistic: 'coefficient', ties: 'strict' },
      ],
    });
    const [placebo, studentised, coefficient] = methods;
    for (const { exact, assignments, draws } of methods) expect([exact, assignments, draws]).toEqual([true, 56, 56]); // C(8, 3)
    expect(placebo.pValues.twoSided.pValue).toBe(placebo.pValues.twoSided.exceeding / 56);
    expect(placebo.studentised.pValue).toBe(studentised.pValue);
    expect(coefficient.pCounted).toBe(placebo.pValues.twoSided.pValue);
    expect(coefficient.pValue).toBe(coefficient.pStrict);
    expect(coefficient.pStrict).toBeLessThan(coefficient.pCounted);
    expect(studentised.pValue).toBeGreaterThanOrEqual(1 / 56);
  });

  test('a treatment given to clusters of entities: a warning that entities are not what was assigned', () => {
    const rows = rowsOf({ seed: 9, entities: 8, periods: 6, gaps: 0 });
    const shared = rows.map((row) => ({ ...row, did: row.entity % 2 === 0 && row.period > 2 ? 1 : 0 }));
    const warned = (of: readonly Row[]) =>
      run(panelOf(of), { formula: 'y ~ did + z | firm + year', cluster: 'region', methods: 'placebo-in-space' }).warnings.some(
        (line: string) => line.includes('it was given to clusters'),
      );
    expect(warned(shared)).toBe(true);
    expect(warned(rows)).toBe(false);
  });

  test('randomisation inference within strata leaves paths in their stratum', () => {
    const panel = panelOf(rowsOf({ seed: 9, entities: 8, periods: 6, gaps: 0 }));
    const formula = 'y ~ did + z | firm + year';
    const within = run(panel, { formula, methods: { method: 'randomization-inference', strata: 'region' } }).methods[0];
    expect(within.assignments).toBe(6 * 4); // firms 0 and 2 of 4 even ones, firm 1 of 4 odd ones
  });
});

describe('leave one out', () => {
  test('each refit is the regression without the level; CV3 is that of the cluster jackknife', () => {
    fc.assert(
      fc.property(shapes, models, (shape, model) => {
        const rows = rowsOf({ ...shape, gaps: 0 });
        const effects = { pooled: '', entity: ' | firm', 'two-way': ' | firm + year' }[model];
        const formula = `y ~ x + z${effects}`;
        const [byFirm, byYears] = run(panelOf(rows), {
          formula,
          methods: ['leave-one-out', { method: 'leave-one-out', by: 'year', size: 2 }],
        }).methods;
        expect(byFirm.each).toHaveLength(shape.entities);
        expect(byYears.each).toHaveLength(shape.periods - 1);
        const without = (keep: (row: Row) => boolean) => {
          const sample = sampleOf(rows.filter(keep));
          return refit(sample, effectsOf(model, sample), sample.entity).b;
        };
        close(
          byFirm.each[1].estimate,
          without(({ entity }) => entity !== 1),
        );
        expect(byYears.each[2].leftOut).toEqual(['2002', '2003']);
        close(
          byYears.each[2].estimate,
          without(({ period }) => period !== 2 && period !== 3),
        );
        const sample = sampleOf(rows);
        const fitted = fitOf(sample, effectsOf(model, sample));
        const { matrix } = fitCovariance(fitted, effectsOf(model, sample), {
          kind: 'cluster-jackknife',
          clusters: [sample.entity],
        });
        const at = fitted.constant ? 1 : 0;
        close(byFirm.jackknife.standardError, Math.sqrt(matrix.get(at, at)));
      }),
      { numRuns: 15 },
    );
  });

  test('every pair of a column; a refit without a coefficient is lost alone', () => {
    const rows = rowsOf({ seed: 4, entities: 7, periods: 6, gaps: 0 });
    const pairs = run(panelOf(rows), { methods: { method: 'leave-one-out', size: 2 } }).methods[0];
    expect(pairs.each).toHaveLength(21);
    expect(pairs.jackknife).toBeNull();
    const only = rows.map((row) => ({ ...row, did: row.entity === 2 && row.period > 2 ? 1 : 0 }));
    const { methods, warnings } = run(panelOf(only), { formula: 'y ~ did + z | firm + year', methods: 'leave-one-out' });
    expect(methods[0].failures).toEqual([{ leftOut: ['f2'], message: 'did is 0 in every row: it has no coefficient' }]);
    expect(methods[0].each).toHaveLength(6);
    expect(methods[0].jackknife).toBeNull();
    expect(warnings.some((line: string) => line.includes('1 of 7 refits have no estimate'))).toBe(true);
  });
});

describe('fake starts', () => {
  const formula = 'y ~ did + z | firm + year';

  test('a start k periods earlier on the rows before the treatment; rows of the never treated as asked for', () => {
    const rows = rowsOf({ seed: 21, entities: 9, periods: 8, gaps: 0.1 }, { staggered: true });
    for (const controls of ['before', 'all'] as const) {
      const [{ shifts, starts }] = run(panelOf(rows), {
        formula,
        methods: { method: 'placebo-in-time', shifts: [1, 2], controls },
      }).methods;
      expect(starts.map(({ entities }: Json) => entities).reduce((sum: number, one: number) => sum + one, 0)).toBe(3);
      const first = (entity: number) =>
        rows.filter((row) => row.entity === entity && row.did === 1)[0]?.period ?? Number.POSITIVE_INFINITY;
      const last = Math.max(first(0), first(1), first(2));
      for (const { shift, estimate, rows: n } of shifts) {
        const left = rows.filter((row) => row.did === 0 && (controls === 'all' || row.entity < 3 || row.period < last));
        const fake = left.map((row) => ({ ...row, x: row.period >= first(row.entity) - shift ? 1 : 0 }));
        const sample = sampleOf(fake);
        expect(n).toBe(left.length);
        close(estimate, refit(sample, [sample.entity, sample.time], sample.entity).b);
      }
    }
  });

  test('mixed placebo: draws of each timing, and what each says of itself', () => {
    const common = panelOf(rowsOf({ seed: 22, entities: 9, periods: 8, gaps: 0 }));
    const staggered = panelOf(rowsOf({ seed: 22, entities: 9, periods: 8, gaps: 0 }, { staggered: true }));
    const mixed = (panel: Panel, options: object) =>
      run(panel, { formula, methods: { method: 'placebo-mixed', replications: 99, ...options } }).methods[0];
    expect(mixed(common, {}).rule).toBe(
      'Treated are 3 random levels of firm from one random start on; starts from 2001 to 2007.',
    );
    expect(mixed(staggered, {}).rule).toBe(
      'Treated are 2 cohorts of 2, 1 random levels of firm, from distinct random starts on; starts from 2003 to 2004.',
    );
    expect(mixed(staggered, { timing: 'free', treated: 4, periods: ['2002', '2005'] }).rule).toBe(
      'Treated are 4 random levels of firm, each from a random start of its own on; starts from 2002 to 2005.',
    );
    const { draws, unidentified, points, density } = mixed(common, {});
    expect(draws + unidentified).toBe(99);
    expect(points).toHaveLength(draws);
    const area = density
      .slice(1)
      .reduce((sum: number, { x, density: d }: Json, i: number) => sum + (x - density[i].x) * (d + density[i].density) * 0.5, 0);
    expect(Math.abs(area - 1)).toBeLessThan(0.01);
  });
});

const battery = [
  'leave-one-out',
  { method: 'leave-one-out', by: 'time', size: 2 },
  { method: 'placebo-in-time', shifts: [1, 2] },
  { method: 'placebo-in-space', replications: 199 },
  { method: 'placebo-in-space', replications: 99, shuffle: 'rows' },
  { method: 'placebo-mixed', replications: 99 },
  { method: 'wild-bootstrap', replications: 199 },
  { method: 'wild-bootstrap', replications: 199, weights: 'mammen', imposeNull: false },
  { method: 'randomization-inference', replications: 199 },
];

test('the same bytes however the job is cut, and each method alone as in the battery', () => {
  const panel = panelOf(rowsOf({ seed: 30, entities: 9, periods: 8, gaps: 0 }, { staggered: true }));
  const request = { formula: 'y ~ did + z | firm + year', methods: battery };
  const whole = run(panel, request);
  expect(whole.failures).toEqual([]);
  expect(whole.methods).toHaveLength(battery.length);
  const sevens: RunLocallyOptions['recut'] = (shards) => {
    const units = shards.reduce((sum, { count }) => sum + count, 0);
    return Array.from({ length: Math.ceil(units / 7) }, (_, k) => ({ first: 7 * k, count: Math.min(7, units - 7 * k) }));
  };
  expect(run(panel, request, { recut: sevens, order: (shards) => [...shards].reverse() })).toEqual(whole);
  for (const [m, method] of battery.entries())
    expect(run(panel, { ...request, methods: method }).methods[0]).toEqual(whole.methods[m]);
});

test('a table of many runs shows the coefficient, then each method’s p and interval; the report a table and a figure each', () => {
  const panel = panelOf(rowsOf({ seed: 30, entities: 9, periods: 8, gaps: 0 }, { staggered: true }));
  const analysis = registry.get('resampling')!;
  const params = analysis.params.parse({ formula: 'y ~ did + z | firm + year', methods: battery });
  const { context, shards } = analysis.plan(params, { panel }, 5);
  const parts = shards.map((shard) => analysis.run(params, { panel }, context, shard, () => {}, 5));
  const result = analysis.combine(params, { panel }, context, parts, 5);
  const rows = analysis.estimates!(result);
  expect(rows.map(({ name }) => name)).toEqual([
    'did',
    'did, Leave one firm out',
    'did, Placebo in space',
    'did, Placebo, single rows shuffled',
    'did, Placebo in space and time, cohorts kept',
    'did, Wild cluster bootstrap, Rademacher, null imposed (WCR)',
    'did, Wild cluster bootstrap, Mammen, unrestricted (WCU)',
    'did, Randomisation inference, t (RI-t)',
  ]);
  expect(new Set(rows.map(({ estimate }) => estimate)).size).toBe(1);
  expect(rows[5].pValue).toBe(result.methods[6].pValue);
  expect(rows[5].lower).toBe(result.methods[6].interval.lower);
  expect(rows[1].standardError).toBe(result.methods[0].jackknife.standardError);

  const { verdict, tables, figures } = analysis.report(result);
  expect(verdict.length).toBeGreaterThanOrEqual(1 + battery.length); // the regression, a sentence a method, warnings
  expect(tables).toHaveLength(1 + battery.length + 2); // a leave-one-out has two
  expect(figures).toHaveLength(battery.length);
  const [dots] = figures;
  const listed = (dots.spec.data as { values: readonly { b: number }[] }).values.map(({ b }) => b);
  expect(listed).toEqual([...listed].sort((a, b) => a - b));
  const placebo = JSON.stringify(figures[3].spec);
  for (const field of ['"density"', '"pValue":0.1', `"at":${result.estimate.value}`]) expect(placebo).toContain(field);
});

describe('bad input', () => {
  const panel = panelOf(rowsOf({ seed: 1, entities: 8, periods: 6, gaps: 0 }));
  const failure = (params: Readonly<Record<string, unknown>>, of = panel): string => {
    try {
      run(of, params);
    } catch (error) {
      if (error instanceof EstimationError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'none';
  };

  test('data that cannot give the number say why', () => {
    const loo = { methods: 'leave-one-out' };
    expect(failure({ ...loo, formula: 'y ~ fixed + z | firm' })).toBe(
      'treatment_absorbed: fixed never varies within firm: the effects of firm hold all of it, and it has no coefficient',
    );
    expect(failure({ ...loo, formula: 'y ~ fixed | firm' })).toMatch(/^treatment_absorbed/);
    expect(failure({ ...loo, formula: 'y ~ one + x' })).toBe('treatment_constant: one is 1 in every row: it has no coefficient');
    expect(failure({ ...loo, formula: 'y ~ x + z + I(x + z)' })).toMatch(
      /^treatment_collinear: x is a combination of the controls/,
    );
    expect(failure({ ...loo, formula: 'y ~ x + y2', treatment: 'x' })).toMatch(/^unknown_column/);
    expect(failure({ methods: 'wild-bootstrap', cluster: 'one' })).toBe(
      'too_few_clusters: clustering needs 2 levels, and all complete rows have one = 1: cluster by another column',
    );
    expect(failure({ methods: 'placebo-in-time' })).toMatch(
      /^not_binary: fake starts need a treatment that is 0 before it starts and 1 after, and x is/,
    );
    expect(failure({ methods: 'placebo-in-space', formula: 'y ~ x + z', cluster: 'firm' })).toBe('none');
    expect(failure({ methods: { method: 'randomization-inference', strata: 'z' } })).toMatch(/^strata_not_constant/);
    const did = 'y ~ did + z | firm + year';
    expect(failure({ formula: did, methods: { method: 'placebo-in-time', shifts: [3, 4] } })).toBe(
      'fake_start_outside: moved back by 3 the treatment starts in 2000, and no treated entity is seen before: the first period is 2000',
    );
    expect(failure({ formula: did, methods: { method: 'placebo-mixed', periods: ['1990', '2003'] } })).toBe(
      'fake_start_outside: a fake start may be 2000 to 2005, and 1990 is no period of the sample',
    );
    const back = panelOf(
      rowsOf({ seed: 1, entities: 8, periods: 6, gaps: 0 }).map((row) => ({
        ...row,
        did: row.period === 3 && row.entity < 3 ? 1 : 0,
      })),
    );
    expect(failure({ formula: did, methods: 'placebo-in-time' }, back)).toBe(
      'treatment_reversed: fake starts need a treatment that stays once it has started, and did goes back to 0 for f0',
    );
    const same = panelOf(
      rowsOf({ seed: 1, entities: 8, periods: 6, gaps: 0 }).map((row) => ({ ...row, did: row.period > 2 ? 1 : 0 })),
    );
    expect(failure({ formula: 'y ~ did + z | firm', methods: 'placebo-in-space' }, same)).toMatch(
      /^nothing_to_exchange: no two levels of firm/,
    );
    expect(failure({ formula: did, methods: 'placebo-in-space' }, same)).toMatch(
      /^treatment_absorbed: did never varies within year/,
    );
    expect(failure({ formula: 'y ~ x + z', methods: { method: 'leave-one-out', by: 'one' } })).toBe(
      'nothing_left: leaving out 1 of one needs more than 1, the complete rows have 1',
    );
    expect(failure({ formula: 'y ~ x + z', methods: { method: 'leave-one-out', by: 'z', size: 9 } })).toMatch(/^too_many_sets/);
  });

  test('one impossible method or shift does not take the others with it', () => {
    const { methods, failures, warnings } = run(panel, { methods: ['placebo-in-time', 'leave-one-out'] });
    expect(methods.map(({ method }: Json) => method)).toEqual(['leave-one-out']);
    expect(failures).toMatchObject([{ number: 1, method: 'placebo-in-time', code: 'not_binary' }]);
    expect(warnings[0]).toContain('fake starts need');
    const [{ shifts, failures: lost }] = run(panel, {
      formula: 'y ~ did + z | firm + year',
      methods: { method: 'placebo-in-time', shifts: [1, 4] },
    }).methods;
    expect(shifts.map(({ shift }: Json) => shift)).toEqual([1]);
    expect(lost.map(({ shift }: Json) => shift)).toEqual([4]);
  });

  test('the door refuses what shows without the rows', () => {
    const analysis = registry.get('resampling')!;
    const door = (params: Readonly<Record<string, unknown>>) => {
      const parsed = analysis.params.parse({ formula: 'y ~ x + z | firm', methods: 'leave-one-out', ...params });
      return analysis
        .check(parsed, { panel: summarizePanel(panel), limits: { replications: 1_000 } })
        .map(({ code, pointer }) => `${code} ${pointer}`);
    };
    expect(door({})).toEqual([]);
    expect(door({ treatment: 'z' })).toEqual([]);
    expect(door({ treatment: 'did' })).toEqual(['not_a_regressor /treatment']);
    expect(door({ treatment: 'nope' })).toEqual(['unknown_column /treatment', 'not_a_regressor /treatment']);
    expect(door({ formula: 'y ~ i(region) + x' })).toEqual(['several_columns /formula']);
    expect(door({ formula: 'y ~ x | firm | z ~ did' })).toContain('unsupported_instruments /formula');
    expect(door({ cluster: 'frim' })).toEqual(['unknown_column /cluster']);
    expect(door({ methods: { method: 'leave-one-out', by: 'nope' } })).toEqual(['unknown_column /methods/0/by']);
    expect(door({ methods: { method: 'wild-bootstrap', replications: 1_999 } })).toEqual([
      'too_many_replications /methods/0/replications',
    ]);
    expect(door({ methods: { method: 'placebo-in-time', shifts: [5] } })).toEqual(['fake_start_outside /methods/0/shifts']);
    expect(door({ methods: { method: 'placebo-in-time', shifts: [1, 1] } })).toEqual(['shift_twice /methods/0/shifts']);
    expect(door({ methods: { method: 'placebo-mixed', treated: 8 } })).toEqual(['too_many_treated /methods/0/treated']);
    expect(door({ methods: { method: 'leave-one-out', by: 'time', size: 6 } })).toEqual(['nothing_left /methods/0/size']);
    expect(door({ methods: { method: 'leave-one-out', by: 'z', size: 40 } })).toEqual(['too_many_sets /methods/0/size']);
    expect(door({ methods: { method: 'leave-one-out', by: 'region', size: 2 } })).toEqual(['nothing_left /methods/0/size']);
    expect(() => door({ methods: 'jackknife' })).toThrow(/placebo-in-space/);
    expect(() => door({ methods: [] })).toThrow();
  });
});
