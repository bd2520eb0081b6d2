import {
  classicalCovariance,
  clusterCovariance,
  clusterDf,
  coefficientTests,
  type EstimationError,
  fUpper,
  hc0Covariance,
  hc1Covariance,
  leastSquares,
  PhiloxStream,
  stataClusterFactor,
  waldTest,
  withinClusterFactor,
} from '@spillway/core';
import fc from 'fast-check';
import { type Matrix, solve } from 'ml-matrix';

const seeds = fc.nat({ max: 2 ** 31 });

function example(seed: number, n = 40, k = 3, clusters = 8) {
  const draws = new PhiloxStream(seed, 0);
  const normals = () => {
    const column = new Float64Array(n);
    draws.normals(column);
    return column;
  };
  const columns = [new Float64Array(n).fill(1), ...Array.from({ length: k - 1 }, normals)];
  const y = normals();
  const cluster = Uint32Array.from({ length: n }, (_, i) => i % clusters);
  const { residuals, inverseGram, coefficients } = leastSquares(columns, y);
  return { columns, residuals, inverseGram, coefficients, cluster, clusters, n, k };
}

function expectClose(got: Matrix, expected: Matrix, tolerance = 1e-12) {
  const size = Math.max(...expected.to1DArray().map(Math.abs));
  expected.to1DArray().forEach((value, i) => {
    expect(Math.abs(got.to1DArray()[i] - value)).toBeLessThanOrEqual(tolerance * size);
  });
}

test('every row its own cluster is HC0; HC1 and CR1 are theirs times their factor', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { columns, residuals, inverseGram, n, k, cluster, clusters } = example(seed);
      const own = Uint32Array.from({ length: n }, (_, i) => i);
      const hc0 = hc0Covariance(columns, residuals, inverseGram);
      expectClose(clusterCovariance(columns, residuals, inverseGram, own, n, 1), hc0);
      expectClose(hc1Covariance(columns, residuals, inverseGram, k), hc0.clone().mul(n / (n - k)));
      const factor = stataClusterFactor({ clusters, rows: n, parameters: k });
      expect(factor).toBeCloseTo((8 / 7) * (39 / 37), 14);
      expect(withinClusterFactor({ clusters, rows: n, slopes: k - 1 })).toBe(factor);
      expectClose(
        clusterCovariance(columns, residuals, inverseGram, cluster, clusters, factor),
        clusterCovariance(columns, residuals, inverseGram, cluster, clusters, 1).mul(factor),
      );
    }),
  );
});

test('covariances are symmetric to the bit, without negative variances, and follow the outcome’s units', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { columns, residuals, inverseGram, cluster, clusters } = example(seed);
      const doubled = residuals.map((value) => 2 * value);
      const kinds = [
        (u: Float64Array) => classicalCovariance(u, inverseGram, 37),
        (u: Float64Array) => hc0Covariance(columns, u, inverseGram),
        (u: Float64Array) => clusterCovariance(columns, u, inverseGram, cluster, clusters, 1),
      ];
      for (const covariance of kinds) {
        const V = covariance(residuals);
        expect(V.transpose().to1DArray()).toEqual(V.to1DArray());
        expect(Math.min(...V.diagonal())).toBeGreaterThanOrEqual(0);
        expect(covariance(doubled).to1DArray()).toEqual(V.to1DArray().map((value) => 4 * value));
      }
    }),
  );
});

test('neither the order of rows nor the names of clusters change a clustered covariance', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { columns, residuals, inverseGram, cluster, clusters, n } = example(seed);
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      const names = Uint32Array.from({ length: clusters }, (_, g) => g);
      const draws = new PhiloxStream(seed, 1);
      draws.shuffle(order);
      draws.shuffle(names);
      const moved = (x: Float64Array) => Float64Array.from(order, (i) => x[i]);
      expectClose(
        clusterCovariance(
          columns.map(moved),
          moved(residuals),
          inverseGram,
          order.map((i) => names[cluster[i]]),
          clusters,
          1,
        ),
        clusterCovariance(columns, residuals, inverseGram, cluster, clusters, 1),
      );
    }),
  );
});

test('an interval ends where the two-sided p is one minus its level; the joint test of one coefficient is its t test', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(0.8, 0.95, 0.99), (seed, level) => {
      const { coefficients, columns, residuals, inverseGram, cluster, clusters } = example(seed);
      const V = clusterCovariance(columns, residuals, inverseGram, cluster, clusters, 1);
      const df = clusterDf(clusters);
      const rows = coefficientTests(coefficients, V, df, level);
      rows.forEach((row, j) => {
        const [moved] = coefficientTests([row.estimate - row.lower], V.subMatrix(j, j, j, j), df);
        expect(moved.p).toBeCloseTo(1 - level, 10);
        expect(row.upper - row.estimate).toBeCloseTo(row.estimate - row.lower, 12);
        const joint = waldTest([row.estimate], V.subMatrix(j, j, j, j), df);
        expect(joint.statistic).toBeCloseTo(row.statistic ** 2, 10);
        expect(joint.p).toBeCloseTo(row.p, 10);
      });
      const slopes = [coefficients[1], coefficients[2]];
      const S = V.subMatrix(1, 2, 1, 2);
      const joint = waldTest(slopes, S, df);
      const [a, b] = solve(S, S.clone().mul(0).subMatrix(0, 1, 0, 0).setColumn(0, slopes)).to1DArray();
      expect(joint.statistic / ((slopes[0] * a + slopes[1] * b) / 2)).toBeCloseTo(1, 9);
      expect(joint.p).toBe(fUpper(joint.statistic, 2, df));
    }),
  );
});

test('what cannot be estimated is refused with a stable code', () => {
  const { columns, residuals, inverseGram, coefficients, n } = example(1, 40, 4);
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return (error as EstimationError).code;
    }
    return undefined;
  };
  const one = new Uint32Array(n);
  expect(code(() => clusterCovariance(columns, residuals, inverseGram, one, 1, 1))).toBe('too_few_clusters');
  expect(code(() => stataClusterFactor({ clusters: 5, rows: 4, parameters: 4 }))).toBe('too_few_rows');
  expect(code(() => classicalCovariance(residuals, inverseGram, 0))).toBe('too_few_rows');
  expect(code(() => hc1Covariance(columns, residuals, inverseGram, n))).toBe('too_few_rows');
  expect(code(() => hc0Covariance(columns.slice(1), residuals, inverseGram))).toBe('lengths_differ');
  const two = Uint32Array.from({ length: n }, (_, i) => i % 2);
  const V = clusterCovariance(columns, residuals, inverseGram, two, 2, 1);
  expect(code(() => waldTest(coefficients, V, 1))).toBe('not_positive_definite');
});
