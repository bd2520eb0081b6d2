import {
  buildPanel,
  chiSquaredUpper,
  effectsFTest,
  effectsOf,
  jarqueBera,
  makeSpec,
  pathStructure,
  productTest,
  registry,
  runLocally,
  starsOf,
  twoSidedP,
} from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { testedIn } from './panel-ledger.js';

/**
 * Arithmetic of printed tables: two applied studies, 4 provinces × 11 years (patents on websites, foreign investment and research) and
 * 31 provinces × 12 years (rural revitalisation on the digital economy). Their data are not public; what follows from the printed
 * numbers does, and where they contradict themselves it is said.
 */
const { present, caseOf } = referenceArea('panel', 'published tables');

test('the cases run are those that the ledger gives to this file', () => {
  expect(testedIn('panel-published.test.ts')).toEqual(['seed-fe-anova']);
});

/** Equal to a printed number within half a unit of its last decimal. */
const expectPrinted = (got: number, printed: number, decimals: number) =>
  expect(Math.abs(got - printed)).toBeLessThanOrEqual(0.5 * 10 ** -decimals * (1 + 1e-9));

describe('4 provinces, 2014–2024', () => {
  const [N, T, k] = [4, 11, 3];
  const df = N * T - N - k;

  test('descriptive table: means are sums over 44, Jarque–Bera follows from skewness and kurtosis', () => {
    for (const [mean, sum] of [
      [39493.409, 1737710],
      [6274.681, 276086], // printed cut, not rounded: 6274.6818
      [116835.977, 5140783],
      [9713426.477, 427390765],
    ])
      expect(Math.abs(sum / (N * T) - mean)).toBeLessThan(1e-3);
    const printed = [
      [0.375, 1.948, 3.059, 0.216],
      [1.403, 3.468, 14.846, 0.001],
      [1.873, 5.606, 38.182, 5.113e-9], // p is printed as 5.113
      [1.026, 3.173, 7.782, 0.02],
    ];
    for (const [skewness, kurtosis, statistic, p] of printed) {
      const got = jarqueBera({ n: N * T, skewness, kurtosis });
      expect(Math.abs(got.statistic / statistic - 1)).toBeLessThan(1e-3); // three decimals of the moments
      if (p < 1e-6) expect(Math.abs(got.pValue / p - 1)).toBeLessThan(0.01);
      else expect(Math.abs(got.pValue - p)).toBeLessThan(6e-4);
    }
  });

  test('its largest outcome, 66,500, is below its mean: the printed maximum is none', () => {
    expect(66500).toBeLessThan(5140783 / (N * T));
  });

  test('correlations: p of 0.900126, 0.951258 and 0.939637 at n = 44 are 0.0000, and the three can be together', () => {
    const [a, b, c] = [0.900126, 0.951258, 0.939637];
    for (const r of [a, b, c]) expect(twoSidedP(r * Math.sqrt((N * T - 2) / (1 - r * r)), N * T - 2)).toBeLessThan(5e-5);
    expect(1 + 2 * a * b * c - a * a - b * b - c * c).toBeGreaterThan(0);
  });

  test('poolability: F(3, 37) = 75.857 from the two sums of squares, their labels exchanged in print', () => {
    const { statistic, df1, df2 } = effectsFTest({
      restricted: 105294985569.5951,
      full: 14725362407.35931,
      df1: N - 1,
      df2: df,
    });
    expect([df1, df2]).toEqual([3, 37]);
    expectPrinted(statistic, 75.857, 3);
  });

  test('Hausman: χ²(3) = 227.571720 has p 0.0000; by coefficient 41.1, .135 (p .7135) and 32.0', () => {
    expect(chiSquaredUpper(227.57172, 3)).toBeLessThan(5e-5);
    const square = (fixed: number, random: number, variance: number) => (fixed - random) ** 2 / variance;
    expect(Math.abs(square(4.851, -1.261, 0.908) - 41.1)).toBeLessThan(0.1);
    const investment = square(-27694.28, -29707, 3e7); // the variance has one digit: χ² is known to a sixth
    expectPrinted(investment, 0.135, 3);
    expect(Math.abs(chiSquaredUpper(investment, 1) - 0.7135)).toBeLessThan(1e-3);
    expect(square(0.0168, 0.0248, 0.000002)).toBeCloseTo(32, 6);
  });

  test('fixed-effects table: t and p follow from coefficients and errors with 37 degrees of freedom', () => {
    for (const [estimate, error, t, p] of [
      [-18095.34, 73967.57, -0.244639, 0.8081],
      [4.851144, 1.074119, 4.516392, 0.0001],
      [-27694.28, 9875.513, -2.804338, 0.008],
      [0.0168, 0.001808, 9.292313, 0],
    ]) {
      expect(Math.abs(estimate / error / t - 1)).toBeLessThan(3e-4); // the last error has four digits
      expectPrinted(twoSidedP(t, df), p, 4);
    }
  });

  test('fixed-effects table: R², F and the error of regression from the sum of squares; mean log FI implied is 7.938', () => {
    const [rss, tss] = [14725362407.35931, (N * T - 1) * 165305.567 ** 2];
    const r2 = 1 - rss / tss;
    expectPrinted(r2, 0.987468, 6);
    expectPrinted(1 - ((1 - r2) * (N * T - 1)) / df, 0.985436, 6);
    expectPrinted(r2 / (N - 1 + k) / ((1 - r2) / df), 485.9, 1);
    // the constant is ȳ − x̄'b
    const implied = (116835.977 + 18095.34 - 4.851144 * 39493.409 - 0.0168 * 9713426.477) / -27694.28;
    expectPrinted(implied, 7.938, 2);
  });

  test('by province (N = 11, 7 degrees of freedom): printed stars are those of .05, .01 and .001', () => {
    const stars = (t: number) => starsOf(twoSidedP(t, 7), [0.001, 0.01, 0.05]);
    expect([-4.52, 8.78, 0.59, 1.41].map(stars)).toEqual([2, 3, 0, 0]);
    expect([1.84, 3.81, -1.65, -3.5].map(stars)).toEqual([0, 2, 0, 2]);
    expect([-0.72, 14.07, 2.2, -2.15].map(stars)).toEqual([0, 3, 0, 0]);
  });

  test('interaction table: three coefficients and their t have different signs, which cannot be', () => {
    const rows = [
      [-5.74, -9.12],
      [0.0187, -10.11],
      [8.542, -4.86],
      [1.057, -6.06],
      [-7334.5, -1.03],
    ];
    expect(rows.filter(([estimate, t]) => Math.sign(estimate) !== Math.sign(t)).map(([estimate]) => estimate)).toEqual([
      0.0187, 8.542, 1.057,
    ]);
  });

  (present ? test : test.skip)('seed-fe-anova', () => {
    const { spec, expected } = caseOf('seed-fe-anova');
    expect([spec.N, spec.T, spec.k, expected.df_resid]).toEqual([N, T, k, df]);
    const close = (got: number, wanted: number) => expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-9);
    const tss = (N * T - 1) * spec.sd_y ** 2;
    const r2 = 1 - spec.rss_fe / tss;
    close(tss, expected.tss);
    close(r2, expected.r2);
    close(1 - (1 - r2) * ((N * T - 1) / df), expected.adj_r2);
    close(r2 / (N - 1 + k) / ((1 - r2) / df), expected.F);
    expect([expected.F_df1, expected.F_df2]).toEqual([N - 1 + k, df]);
    close(Math.sqrt(spec.rss_fe / df), expected.se_regression);
    const pool = effectsFTest({ restricted: spec.rss_pooled, full: spec.rss_fe, df1: N - 1, df2: df });
    close(pool.statistic, expected.F_pool);
    expect([pool.df1, pool.df2]).toEqual([expected.F_pool_df1, expected.F_pool_df2]);
    expect(Math.abs(pool.p / expected.F_pool_p - 1)).toBeLessThan(1e-6);
    expectPrinted(expected.adj_r2, expected.published.adj_r2, 6);
    expectPrinted(pool.statistic, expected.published.F_pool, 2);
  });
});

describe('31 provinces, 2011–2022', () => {
  const columns = [
    [0.11, 8.76, 3, -1.027, -38.71, 3],
    [0.105, 8.13, 3, 0.225, 2.67, 3, -1.05, -33.38, 3],
    [0.0911, 6.67, 3, 0.289, 3.79, 3, 0.103, 2.92, 2, -2.251, -5.46, 3],
    [0.0816, 6.5, 3, -0.102, -2.64, 3, 0.192, 5.62, 3, -0.00000283, -8.05, 3, -3.252, -8.2, 3],
  ].map((cells) =>
    Array.from({ length: cells.length / 3 }, (_, j) => ({ b: cells[3 * j], t: cells[3 * j + 1], stars: cells[3 * j + 2] })),
  );
  const df = (k: number) => 31 * 12 - 31 - 12 + 1 - k;

  test('controls one by one: coefficients and t have one sign; the slope of the digital economy falls with each control', () => {
    for (const { b, t } of columns.flat()) expect(Math.sign(b)).toBe(Math.sign(t));
    const slopes = columns.map(([{ b }]) => b);
    expect(slopes).toEqual([...slopes].sort((a, b) => b - a));
  });

  test('stars at .05, .01 and .001 are as printed but for t = 2.67 and −2.64, printed *** for **', () => {
    const misprinted = columns.flatMap((cells, column) =>
      cells.filter(({ t, stars }) => starsOf(twoSidedP(t, df(column + 1)), [0.001, 0.01, 0.05]) !== stars),
    );
    expect(misprinted.map(({ t }) => t)).toEqual([2.67, -2.64]);
    for (const { t } of misprinted) expect(starsOf(twoSidedP(t, df(2)), [0.001, 0.01, 0.05])).toBe(2);
  });

  describe('mediation table', () => {
    const a = { estimate: 0.418, standardError: 0.418 / 5.3 };
    const b = { estimate: 0.0277, standardError: 0.0277 / 3.19 };
    const direct = 0.0932;

    test('the indirect effect is a·b = 0.01158 with z = 2.73, and the total it implies 0.1048, of which it is 11 %', () => {
      const sobel = productTest('sobel', [a, b]);
      expectPrinted(sobel.estimate, 0.01158, 5);
      expectPrinted(sobel.statistic, 2.73, 2);
      expectPrinted(sobel.pValue, 0.0063, 4);
      const structure = pathStructure('parallel', 1);
      const { total, indirect } = effectsOf(structure, [a.estimate, direct, b.estimate]);
      expectPrinted(total, 0.1048, 4);
      expectPrinted(indirect / total, 0.11, 2);
      // the product is skewed: Aroian's and Goodman's z are near
      expectPrinted(productTest('aroian', [a, b]).statistic, 2.7, 2);
      expectPrinted(productTest('goodman', [a, b]).statistic, 2.77, 2);
    });

    test('what is printed subtracts across two outcomes: 0.418 is a slope of the mediator, and 78 % no share of anything', () => {
      expectPrinted(a.estimate - direct, 0.3248, 4);
      expectPrinted((a.estimate - direct) / a.estimate, 0.78, 2);
      expect((a.estimate - direct) / (a.estimate * b.estimate)).toBeGreaterThan(28);
    });

    test('the implied total is not the baseline’s 0.0816: sample or model differ, for with one of each they are equal', () => {
      const [{ b: baseline, t }] = columns[3];
      const implied = direct + a.estimate * b.estimate;
      expectPrinted(implied - baseline, 0.0232, 4);
      // nearly two of the baseline's standard errors: no rounding
      expect((implied - baseline) / (baseline / t)).toBeGreaterThan(1.8);
    });

    test('a sample cannot give what was printed: with the identity, paths and direct effect have one total', () => {
      // m and y with exactly these slopes, z orthogonal to x and e to both
      const x = [-1.5, -0.5, 0.5, 1.5, -1.5, -0.5, 0.5, 1.5];
      const z = [1, -1, -1, 1, -1, 1, 1, -1];
      const e = [1, -3, 3, -1, 1, -3, 3, -1];
      const m = x.map((value, i) => a.estimate * value + z[i]);
      const y = m.map((value, i) => b.estimate * value + direct * x[i] + 0.1 * e[i]);
      const panel = buildPanel({
        entity: { name: 'province', values: x.map((_, i) => `p${i}`) },
        time: { name: 'year', values: x.map(() => '2011') },
        columns: Object.entries({ x, m, y }).map(([name, values]) => ({ name, values: Float64Array.from(values) })),
      });
      const request = {
        analysis: 'mediation',
        dataset: 'published',
        params: { formula: 'y ~ x', mediators: ['m'], covariance: 'classical', bootstrap: { replications: 0 } },
      };
      const { mediation } = JSON.parse(
        new TextDecoder().decode(runLocally(registry, makeSpec(registry, request, 'test'), { panel }).result),
      );
      expect(mediation.identity.holds).toBe(true);
      expect(Math.abs(mediation.identity.total - 0.1047786)).toBeLessThan(1e-12);
      expect(Math.abs(mediation.share.ratio - 0.0115786 / 0.1047786)).toBeLessThan(1e-12);
    });
  });
});
