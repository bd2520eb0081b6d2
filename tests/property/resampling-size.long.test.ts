import { buildPanel, type Panel, PhiloxStream, type ResamplingResult, resampling } from '@spillway/core';

/*
 * Size of the wild cluster bootstrap, of randomisation inference and of placebo tests under the null in samples as small as applied
 * panels are. What is expected of four clusters comes from simulations made before this program; bands are 3.3 standard errors of the
 * simulations here (two-sided 0.1 %), and two thousandths for those of the numbers expected.
 */
const band = (share: number, simulations: number) => 3.3 * Math.sqrt((share * (1 - share)) / simulations) + 0.002;

/** y = entity effect + u; the treatment x and u follow AR(.5) within entities, x has no effect. */
function simulate(seed: number, entities: number, periods: number): Panel {
  const draws = new PhiloxStream(seed, 21);
  const n = entities * periods;
  const series = () => {
    const values = new Float64Array(n);
    for (let i = 0; i < n; i++)
      values[i] = i % periods === 0 ? draws.normal() : 0.5 * values[i - 1] + Math.sqrt(0.75) * draws.normal();
    return values;
  };
  const [x, u] = [series(), series()];
  const effect = Array.from({ length: entities }, () => draws.normal());
  const entity = (i: number) => Math.floor(i / periods);
  return buildPanel({
    entity: { name: 'firm', values: Array.from({ length: n }, (_, i) => `f${100 + entity(i)}`) },
    time: { name: 'year', values: Array.from({ length: n }, (_, i) => 2000 + (i % periods)) },
    columns: [
      { name: 'x', values: x },
      { name: 'y', values: u.map((value, i) => value + effect[entity(i)]) },
    ],
  });
}

function run(panel: Panel, seed: number, methods: unknown): ResamplingResult {
  const params = resampling.params.parse({ formula: 'y ~ x | firm', methods });
  const { context, shards } = resampling.plan(params, { panel }, seed);
  const parts = shards.map((shard) => resampling.run(params, { panel }, context, shard, () => {}, seed));
  return resampling.combine(params, { panel }, context, parts, seed);
}

describe('wild cluster bootstrap, Rademacher', () => {
  test('G = 4: the strict share rejects far too often, with ties counted it cannot reject', () => {
    const simulations = 8_000;
    let [strict, counted, zero, least] = [0, 0, 0, 1];
    for (let s = 0; s < simulations; s++) {
      const [found] = run(simulate(s, 4, 12), s, { method: 'wild-bootstrap', interval: false }).methods;
      if (found.method !== 'wild-bootstrap') throw new Error(found.method);
      expect(found.draws).toBe(16);
      if (found.pStrict <= 0.05) strict++;
      if (found.pCounted <= 0.05) counted++;
      if (found.pStrict === 0) zero++;
      least = Math.min(least, found.pCounted);
    }
    expect(Math.abs(strict / simulations - 0.123)).toBeLessThanOrEqual(band(0.123, simulations));
    expect(Math.abs(zero / simulations - 1 / 8)).toBeLessThanOrEqual(band(1 / 8, simulations)); // one of 8 distinct |t*| is the data's own
    expect(counted).toBe(0);
    expect(least).toBe(2 / 16);
  });

  test.each([10, 31])('G = %d: about 5 %% with the null imposed', (G) => {
    const simulations = 2_000;
    let rejected = 0;
    for (let s = 0; s < simulations; s++) {
      const [found] = run(simulate(s, G, 12), s, { method: 'wild-bootstrap', replications: 1_999, interval: false }).methods;
      if (found.method === 'wild-bootstrap' && found.pValue <= 0.05) rejected++;
    }
    expect(Math.abs(rejected / simulations - 0.05)).toBeLessThanOrEqual(band(0.05, simulations) + 0.01);
  });
});

test('whole paths permuted keep the size of serially correlated treatments, shuffled rows do not', () => {
  const simulations = 1_000;
  const rejected = [0, 0, 0];
  for (let s = 0; s < simulations; s++) {
    const { methods } = run(simulate(s, 12, 12), s, [
      { method: 'randomization-inference', replications: 199, interval: false },
      { method: 'placebo-in-space', replications: 199 },
      { method: 'placebo-in-space', replications: 199, shuffle: 'rows' },
    ]);
    for (const [m, found] of methods.entries()) {
      const p =
        found.method === 'randomization-inference'
          ? found.pValue
          : 'pValues' in found
            ? found.pValues.twoSided.pValue
            : Number.NaN;
      if (p <= 0.05) rejected[m]++;
    }
  }
  const [studentised, paths, rows] = rejected.map((count) => count / simulations);
  expect(Math.abs(studentised - 0.05)).toBeLessThanOrEqual(band(0.05, simulations));
  expect(Math.abs(paths - 0.05)).toBeLessThanOrEqual(band(0.05, simulations));
  expect(rows).toBeGreaterThan(0.05 + band(0.05, simulations));
});

test('the inverted interval covers: as often as the test does not reject', () => {
  const simulations = 1_000;
  let [wild, permuted] = [0, 0];
  for (let s = 0; s < simulations; s++) {
    const { methods } = run(simulate(s, 12, 10), s, [
      { method: 'wild-bootstrap', replications: 399 },
      { method: 'randomization-inference', replications: 199 },
    ]);
    const covers = methods.map(
      (found) => 'interval' in found && found.interval !== null && found.interval.lower <= 0 && found.interval.upper >= 0,
    );
    if (covers[0]) wild++;
    if (covers[1]) permuted++;
  }
  expect(Math.abs(wild / simulations - 0.95)).toBeLessThanOrEqual(band(0.95, simulations) + 0.01);
  expect(Math.abs(permuted / simulations - 0.95)).toBeLessThanOrEqual(band(0.95, simulations));
});
