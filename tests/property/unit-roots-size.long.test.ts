import {
  adfRegression,
  type Deterministic,
  dickeyFullerP,
  engleGranger,
  engleGrangerP,
  fisherTests,
  harrisTzavalis,
  imPesaranShin,
  kao,
  leastSquares,
  levinLinChu,
  PhiloxStream,
  phillipsPerron,
  plugInBandwidth,
} from '@spillway/core';

/*
 * How often tests reject true nulls in panels as small as applied ones are: independent random walks, 5 %. Bands are 3.3 standard
 * errors of the simulations here (two-sided 0.1 %), and two thousandths for those of the numbers expected.
 */
const band = (share: number, simulations: number) => 3.3 * Math.sqrt((share * (1 - share)) / simulations) + 0.002;

function expectShare(got: number, wanted: number, simulations: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(band(wanted, simulations));
}

type Walks = readonly Float64Array[];

/** Share of panels in which p is below .05. */
function rejections(
  entities: number,
  periods: number,
  simulations: number,
  p: (all: Walks, others: (m: number) => Walks) => number,
): number {
  const draws = new PhiloxStream(1000 * entities + periods, 8);
  const walk = () => {
    let level = 0;
    return Float64Array.from({ length: periods }, () => (level += draws.normal()));
  };
  const walks = (n: number) => Array.from({ length: n }, walk);
  let rejected = 0;
  for (let s = 0; s < simulations; s++) {
    draws.seek(s);
    if (p(walks(entities), walks) < 0.05) rejected++;
  }
  return rejected / simulations;
}

const adfP = (lags: number, kind: Deterministic, n?: (rows: number) => number) => (all: Walks) =>
  fisherTests(
    all.map((y) => {
      const { t, rows } = adfRegression(y, kind, lags);
      return dickeyFullerP(t, kind, n === undefined ? rows : n(rows));
    }),
  ).chiSquared.pValue;

describe('ADF–Fisher with the actual n', () => {
  const simulations = 6_000;

  // without lags p is that of the very statistic; a lag takes a row and a coefficient more than the surfaces know of
  test.each([
    [4, 11, 0, 0.05],
    [30, 7, 0, 0.05],
    [4, 11, 1, 0.061],
    [31, 12, 1, 0.063],
  ])('%d × %d, %d lags: %d', (N, T, lags, wanted) => {
    expectShare(rejections(N, T, simulations, adfP(lags, 'intercept')), wanted, simulations);
  });

  test('with a trend, and without terms, no lags: .05', () => {
    expectShare(rejections(10, 12, simulations, adfP(0, 'trend')), 0.05, simulations);
    // the surface has y₀ ~ N(0, 1), as a walk whose first value is its first step
    expectShare(rejections(10, 12, simulations, adfP(0, 'none')), 0.05, simulations);
  });

  test('n held at 20 or asymptotic: .08 and more', () => {
    expect(
      rejections(
        31,
        12,
        2_000,
        adfP(1, 'intercept', (n) => Math.max(20, n)),
      ),
    ).toBeGreaterThan(0.08);
    expect(
      rejections(
        31,
        12,
        2_000,
        adfP(1, 'intercept', () => Number.POSITIVE_INFINITY),
      ),
    ).toBeGreaterThan(0.2);
  });
});

describe('other panel tests', () => {
  test('Im–Pesaran–Shin and Harris–Tzavalis at 30 × 15; Phillips–Perron–Fisher and Levin–Lin–Chu are far off', () => {
    const simulations = 1_500;
    const ips = rejections(
      30,
      15,
      simulations,
      (all) =>
        imPesaranShin(
          all.map((y) => adfRegression(y, 'intercept', 1)),
          'intercept',
        )!.pValue,
    );
    expectShare(ips, 0.05, simulations);
    // ρ̂ is skewed at few entities: .07
    expectShare(
      rejections(30, 15, simulations, (all) => harrisTzavalis(all, 'intercept').pValue),
      0.068,
      simulations,
    );
    expectShare(
      rejections(1000, 8, 1_000, (all) => harrisTzavalis(all, 'trend').pValue),
      0.05,
      1_000,
    );
    const perron = (all: Walks) =>
      fisherTests(
        all
          .map((y) => phillipsPerron(y, 'trend', plugInBandwidth(y.length)))
          .map(({ t, rows }) => dickeyFullerP(t, 'trend', rows)),
      ).chiSquared.pValue;
    expect(rejections(30, 7, 1_000, perron)).toBeGreaterThan(0.3);
    expect(
      rejections(
        30,
        30,
        1_000,
        (all) =>
          levinLinChu(
            all,
            'intercept',
            all.map(() => 1),
          ).pValue,
      ),
    ).toBeGreaterThan(0.3);
  });

  test('Kao: near .05 in a long panel, .3 at 30 × 7', () => {
    const adf = (all: Walks, others: (m: number) => Walks) => {
      const x = others(all.length);
      const entities = all.map((outcome, i) => ({ outcome, regressors: [x[i]] }));
      return kao(entities, 1, plugInBandwidth(all[0].length)).adf.pValue;
    };
    expect(rejections(40, 150, 400, adf)).toBeLessThan(0.1);
    expect(rejections(30, 7, 1_000, adf)).toBeGreaterThan(0.2);
  });
});

describe('residuals of a cointegrating regression, 4 × 11', () => {
  const simulations = 4_000;

  test.each([
    [1, 0],
    [1, 1],
    [2, 0],
    [3, 0],
  ])('%d regressors, %d lags: Engle–Granger p hold .05, raw-series p reject three times as often and more', (m, lags) => {
    const test = (p: (t: number, rows: number) => number) => (all: Walks, others: (n: number) => Walks) =>
      fisherTests(
        all.map((y) => {
          const { t, rows } = engleGranger(y, others(m), 'intercept', lags);
          return p(t, rows);
        }),
      ).chiSquared.pValue;
    const T = 11 + lags;
    const own = rejections(
      4,
      T,
      simulations,
      test((t, rows) => engleGrangerP(t, 'intercept', m, rows)),
    );
    if (lags === 0) expectShare(own, 0.05, simulations);
    else expect(own).toBeLessThan(0.1);
    expect(
      rejections(
        4,
        T,
        simulations,
        test((t, rows) => dickeyFullerP(t, 'none', rows)),
      ),
    ).toBeGreaterThan(0.15);
  });

  test('pooled residuals with entity effects and raw-series p: .1 and more', () => {
    const pooled = (all: Walks, others: (n: number) => Walks) => {
      const centre = (x: Float64Array) => leastSquares([new Float64Array(x.length).fill(1)], x).residuals;
      const join = (walks: Walks) => Float64Array.from(walks.flatMap((walk) => [...centre(walk)]));
      const e = leastSquares([join(others(4)), join(others(4)), join(others(4))], join(all)).residuals;
      return adfP(0, 'intercept')(all.map((_, i) => e.slice(11 * i, 11 * (i + 1))));
    };
    expect(rejections(4, 11, simulations, pooled)).toBeGreaterThan(0.1);
  });
});
