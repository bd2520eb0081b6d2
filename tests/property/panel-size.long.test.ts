import {
  absorb,
  chiSquaredUpper,
  coefficientTests,
  crossSectionTests,
  fitCovariance,
  jarqueBera,
  momentsOf,
  type PanelSample,
  PhiloxStream,
  studentTQuantile,
  twoSidedP,
  withinFit,
} from '@spillway/core';

/*
 * Size of tests and coverage of intervals in samples as small as applied panels are. What is expected comes from simulations made
 * before this program (printed to three decimals, of designs of the same kind); bands are 3.3 standard errors of the simulations here
 * (two-sided 0.1 %), and two thousandths for those of the numbers expected.
 */
const band = (share: number, simulations: number) => 3.3 * Math.sqrt((share * (1 - share)) / simulations) + 0.002;

function expectShare(got: number, wanted: number, simulations: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(band(wanted, simulations));
}

/** A balanced panel, y = effects + slope·x + u; errors and regressor follow AR(rho) within entities. */
function simulate(seed: number, entities: number, periods: number, rho: number): PanelSample {
  const draws = new PhiloxStream(seed, 6);
  const n = entities * periods;
  const series = () => {
    const values = new Float64Array(n);
    const scale = Math.sqrt(1 - rho * rho);
    for (let i = 0; i < n; i++) values[i] = i % periods === 0 ? draws.normal() : rho * values[i - 1] + scale * draws.normal();
    return values;
  };
  const [x, u] = [series(), series()];
  const effect = Float64Array.from({ length: entities }, () => draws.normal());
  const code = (i: number) => Math.floor(i / periods);
  return {
    rows: n,
    entity: { codes: Uint32Array.from({ length: n }, (_, i) => code(i)), levels: entities },
    time: { codes: Uint32Array.from({ length: n }, (_, i) => i % periods), levels: periods },
    calendar: Float64Array.from({ length: n }, (_, i) => i % periods),
    outcome: x.map((value, i) => value + u[i] + effect[code(i)]),
    regressors: [x],
  };
}

describe('Jarque–Bera', () => {
  test.each([
    [44, [0.054, 0.036, 0.0175]],
    [372, [0.086, 0.047, 0.017]],
  ] as const)('n = %d: below 10 and 5 %%, above 1 %%', (n, expected) => {
    const simulations = 20_000;
    const levels = [0.1, 0.05, 0.01];
    const rejected = [0, 0, 0];
    const draws = new PhiloxStream(n, 7);
    const x = new Float64Array(n);
    for (let s = 0; s < simulations; s++) {
      draws.seek(s);
      for (let i = 0; i < n; i++) x[i] = draws.normal();
      const { pValue } = jarqueBera(momentsOf(x));
      for (const [l, level] of levels.entries()) if (pValue < level) rejected[l]++;
    }
    for (const [l, wanted] of expected.entries()) expectShare(rejected[l] / simulations, wanted, simulations);
  });
});

describe('clustered errors, AR(.5)', () => {
  test.each([
    [4, 0.055],
    [10, 0.054],
    [31, 0.055],
  ])('G = %d: CR1 with t(G − 1) rejects about 5 %%, and the normal more', (G, expected) => {
    const simulations = 6_000;
    let [rejected, normal] = [0, 0];
    for (let s = 0; s < simulations; s++) {
      const sample = simulate(s, G, 12, 0.5);
      const effects = [sample.entity];
      const fit = withinFit(sample, effects);
      const { matrix, df } = fitCovariance(fit, effects, { kind: 'cluster', clusters: [sample.entity], smallSample: 'stata' });
      expect(df).toBe(G - 1);
      const t = (fit.coefficients[0] - 1) / Math.sqrt(matrix.get(0, 0));
      if (twoSidedP(t, df) < 0.05) rejected++;
      if (twoSidedP(t, Number.POSITIVE_INFINITY) < 0.05) normal++;
    }
    expectShare(rejected / simulations, expected, simulations);
    if (G === 4) expect(normal / simulations).toBeGreaterThan(0.14); // .16 expected
  });
});

test('individual effects, T = 7: errors that divide by NT cover .93, those by N(T − 1) − k .95', () => {
  const [N, T, simulations] = [30, 7, 6_000];
  let [short, right] = [0, 0];
  for (let s = 0; s < simulations; s++) {
    const sample = simulate(s, N, T, 0);
    const fit = withinFit(sample, [sample.entity]);
    const { matrix } = fitCovariance(fit, [sample.entity], { kind: 'classical' });
    const [{ lower, upper, estimate, standardError }] = coefficientTests(fit.coefficients, matrix, fit.residualDf);
    if (lower <= 1 && 1 <= upper) right++;
    const uncorrected = standardError * Math.sqrt(fit.residualDf / (N * T));
    if (Math.abs(estimate - 1) <= -studentTQuantile(0.025, Number.POSITIVE_INFINITY) * uncorrected) short++;
  }
  expectShare(right / simulations, 0.95, simulations);
  expectShare(short / simulations, 0.93, simulations);
});

test('Pesaran CD, 31 × 12: standard normal of one-way residuals, near −√(T/2) of two-way ones', () => {
  const [N, T, simulations] = [31, 12, 1_000];
  const of = (two: boolean) => {
    const values = new Float64Array(simulations);
    for (let s = 0; s < simulations; s++) {
      const sample = simulate(s, N, T, 0);
      const { residuals } = withinFit(sample, two ? [sample.entity, sample.time] : [sample.entity]);
      values[s] = crossSectionTests(residuals, sample).cd.statistic;
    }
    return values;
  };
  const one = of(false);
  const mean = one.reduce((sum, value) => sum + value, 0) / simulations;
  const sd = Math.sqrt(one.reduce((sum, value) => sum + (value - mean) ** 2, 0) / simulations);
  expect(Math.abs(mean)).toBeLessThan(3.3 / Math.sqrt(simulations) + 0.02);
  expect(Math.abs(sd - 1)).toBeLessThan(3.3 / Math.sqrt(2 * simulations) + 0.02);
  expectShare(one.filter((value) => Math.abs(value) > 1.959964).length / simulations, 0.05, simulations);
  const two = of(true);
  const centre = two.reduce((sum, value) => sum + value, 0) / simulations;
  expect(Math.abs(centre + Math.sqrt(T / 2))).toBeLessThan(0.1); // −2.4 expected, √6 = 2.449
  expect(Math.max(...two)).toBeLessThan(-1.5); // nearly every one would be read as dependence
});

test('the within sum of squares over its variance is χ²(n − N − k)', () => {
  const [N, T, simulations] = [12, 6, 4_000];
  let rejected = 0;
  for (let s = 0; s < simulations; s++) {
    const sample = simulate(s, N, T, 0);
    const noise = { ...sample, outcome: absorb([sample.entity]).apply(sample.outcome) };
    const { ssr, residualDf } = withinFit(noise, [sample.entity]);
    // (n − N − k) s²/σ² is χ²(n − N − k), σ = 1
    if (chiSquaredUpper(ssr, residualDf) < 0.05) rejected++;
  }
  expectShare(rejected / simulations, 0.05, simulations);
});
