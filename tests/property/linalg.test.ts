import {
  choleskyInPlace,
  choleskySolveInPlace,
  crossProduct,
  demean,
  demeanBy,
  EstimationError,
  gram,
  leastSquares,
  orthonormalBasis,
  PhiloxStream,
  qr,
  scaledGram,
  solveLeastSquares,
  solvePositiveDefinite,
  twoWayWithin,
} from '@spillway/core';
import fc from 'fast-check';
import { inverse, Matrix, solve } from 'ml-matrix';

const seeds = fc.nat({ max: 2 ** 31 });

function normals(seed: number, n: number, k: number): Float64Array[] {
  const draws = new PhiloxStream(seed, 0);
  return Array.from({ length: k }, () => {
    const column = new Float64Array(n);
    draws.normals(column);
    return column;
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a: Float64Array) => Math.sqrt(dot(a, a));
const combine = (columns: Float64Array[], weights: number[]) =>
  Float64Array.from(columns[0], (_, i) => columns.reduce((sum, column, j) => sum + weights[j] * column[i], 0));

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-300);
  expect(got.length).toBe(expected.length);
  const errors = Array.from(expected, (value, i) => Math.abs(got[i] - value) / scale);
  expect(Math.max(0, ...errors)).toBeLessThanOrEqual(tolerance);
}

test('least squares solves the normal equations, and its residuals are orthogonal to every column', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 12, max: 60 }), (seed, k, n) => {
      const [y, ...columns] = normals(seed, n, k + 1);
      const fit = leastSquares(columns, y);
      const normal = solve(gram(columns), crossProduct(columns, [y]));
      // the normal equations square the condition number, up to 1e3 for 6 random columns of 12 rows: 1e-16 · 1e6
      expectClose(fit.coefficients, normal.to1DArray(), 1e-9);
      expectClose(fit.inverseGram.to1DArray(), inverse(gram(columns)).to1DArray(), 1e-9);
      for (const column of columns)
        expect(Math.abs(dot(column, fit.residuals))).toBeLessThanOrEqual(1e-13 * norm(column) * norm(y));
      expect(Math.abs(fit.ssr - dot(fit.residuals, fit.residuals))).toBeLessThanOrEqual(1e-12 * fit.ssr);
      expect([fit.rank, fit.collinear]).toEqual([k, []]);
    }),
  );
});

test('a combination of earlier columns is named and has no coefficient; the others are as without it', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 3 }),
      fc.integer({ min: -9, max: 9 }),
      (seed, k, shift, power) => {
        const [y, ...columns] = normals(seed, 40, k + 1);
        const at = Math.min(k, 1 + shift);
        const weights = columns.slice(0, at).map((_, j) => 10 ** power * (j + 1));
        const design = [...columns.slice(0, at), combine(columns.slice(0, at), weights), ...columns.slice(at)];
        const fit = leastSquares(design, y);
        expect(fit.collinear).toEqual([at]);
        expect(fit.coefficients[at]).toBeNaN();
        expect(fit.kept).toEqual(design.map((_, j) => j).filter((j) => j !== at));
        expectClose(
          Array.from(fit.coefficients).filter((_, j) => j !== at),
          leastSquares(columns, y).coefficients,
          1e-12,
        );
      },
    ),
  );
});

test('zero columns, repeated columns and more columns than rows are dropped, the earlier one stays', () => {
  const [a, b, y] = normals(5, 6, 3);
  expect(leastSquares([new Float64Array(6), a, a, b, a], y).collinear).toEqual([0, 2, 4]);
  expect(leastSquares(normals(9, 6, 9), y).kept).toEqual([0, 1, 2, 3, 4, 5]);
  expect(leastSquares([], y)).toMatchObject({ rank: 0, kept: [], collinear: [] });
  expect(() => leastSquares([Float64Array.of(1, Number.NaN, 2, 3, 4, 5)], y)).toThrow(EstimationError);
  expect(() => leastSquares([a], Float64Array.of(1, 2))).toThrow(EstimationError);
});

test('a column in other units has its coefficient in other units: exactly for a power of two, and at any size', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: -400, max: 400 }), (seed, power) => {
      const [y, ...columns] = normals(seed, 30, 4);
      const fit = leastSquares(columns, y);
      const scaled = leastSquares([columns[0], columns[1].map((value) => value * 2 ** power), columns[2]], y);
      expect(Array.from(scaled.coefficients)).toEqual(Array.from(fit.coefficients, (b, j) => (j === 1 ? b * 2 ** -power : b)));
      expect(Array.from(scaled.residuals)).toEqual(Array.from(fit.residuals));
      expect(scaled.inverseGram.get(1, 0)).toBe(fit.inverseGram.get(1, 0) * 2 ** -power);
    }),
  );
});

test('inputs are not changed, and one factorisation serves many outcomes', () => {
  const [y, z, ...columns] = normals(3, 25, 5);
  const before = columns.map((column) => Array.from(column));
  const factor = qr(columns);
  for (const outcome of [y, z]) {
    expect(Array.from(solveLeastSquares(factor, outcome).coefficients)).toEqual(
      Array.from(leastSquares(columns, outcome).coefficients),
    );
  }
  expect(columns.map((column) => Array.from(column))).toEqual(before);
});

test('an orthonormal basis is orthonormal and spans the columns', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, k) => {
      const columns = normals(seed, 20, k);
      const { basis, collinear } = orthonormalBasis([...columns, columns[0]]);
      expect(collinear).toEqual([k]);
      expectClose(gram(basis).to1DArray(), Matrix.eye(k).to1DArray(), 1e-14);
      for (const column of columns) {
        const projection = combine(
          basis,
          basis.map((q) => dot(q, column)),
        );
        expectClose(projection, column, 1e-13);
      }
      expect(dot(basis[0], columns[0])).toBeGreaterThan(0);
    }),
  );
});

const dummies = (codes: Uint32Array, groups: number) =>
  Array.from({ length: groups }, (_, g) => Float64Array.from(codes, (code) => (code === g ? 1 : 0)));

function codesOf(seed: number, n: number, groups: number): Uint32Array {
  const codes = new Uint32Array(n);
  new PhiloxStream(seed, 9).indices(groups, codes);
  return codes;
}

test('demeaned by a factor = residuals on its dummies; a column constant within groups gives exact zeros', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 8 }), fc.double({ min: -1e9, max: 1e9, noNaN: true }), (seed, groups, level) => {
      const n = 50;
      const codes = codesOf(seed, n, groups);
      const [noise] = normals(seed, n, 1);
      const x = noise.map((value) => value + level);
      const within = demeanBy(codes, groups, x);
      // what x itself holds: its level is known to 1e-16
      expectClose(within, leastSquares(dummies(codes, groups), x).residuals, 1e-13 * (1 + Math.abs(level)));
      for (const dummy of dummies(codes, groups)) {
        expect(Math.abs(dot(dummy, within))).toBeLessThanOrEqual(1e-14 * n * norm(within)); // of the deviations, whatever the level
      }
      const constant = Float64Array.from(codes, (g) => level / 3 + g * 0.1);
      expect(Array.from(demeanBy(codes, groups, constant)).every((value) => value === 0)).toBe(true);
      expectClose(demean(x), demeanBy(new Uint32Array(n), 1, x), 1e-13 * (1 + Math.abs(level)));
    }),
  );
});

test('two-way within, rows missing at random = residuals on both factors’ dummies', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 15, max: 70 }),
      (seed, N, T, n) => {
        const entity = codesOf(seed, n, N);
        const time = codesOf(seed + 1, n, T);
        const [x] = normals(seed, n, 1);
        const within = twoWayWithin(entity, N, time, T);
        const fit = leastSquares([...dummies(entity, N), ...dummies(time, T)], x);
        const got = within.apply(x);
        // the dummies' condition number reaches some hundreds; nothing may be left when they explain all rows
        for (let i = 0; i < n; i++) expect(Math.abs(got[i] - fit.residuals[i])).toBeLessThanOrEqual(1e-12 * norm(x));
        expect(within.absorbed).toBe(fit.rank);
        expect(Array.from(twoWayWithin(time, T, entity, N).apply(x))).toHaveLength(n);
        const absorbed = Float64Array.from(x, (_, i) => Math.sin(entity[i]) * 100 + time[i] / 7);
        expect(Array.from(within.apply(absorbed)).every((value) => value === 0)).toBe(true);
      },
    ),
  );
});

test('two-way within, balanced: the closed form, in any order of rows', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (seed, N, T) => {
      const order = Uint32Array.from({ length: N * T }, (_, i) => i);
      new PhiloxStream(seed, 2).shuffle(order);
      const entity = order.map((cell) => Math.floor(cell / T));
      const time = order.map((cell) => cell % T);
      const [x] = normals(seed, N * T, 1);
      const within = twoWayWithin(entity, N, time, T);
      expect([within.balanced, within.components, within.absorbed]).toEqual([true, 1, N + T - 1]);
      const fit = leastSquares([...dummies(entity, N), ...dummies(time, T)], x);
      const got = within.apply(x);
      for (let i = 0; i < x.length; i++) expect(Math.abs(got[i] - fit.residuals[i])).toBeLessThanOrEqual(1e-13);
    }),
  );
});

test('two-way within, a chain of entities seen twice each: as weakly connected as a panel can be', () => {
  const T = 120;
  const entity = Uint32Array.from({ length: 2 * T - 2 }, (_, i) => i >> 1);
  const time = Uint32Array.from(entity, (g, i) => g + (i & 1));
  const doubled = (codes: Uint32Array) => Uint32Array.of(...codes, ...codes); // twice, or nothing would be left
  const [x] = normals(1, 4 * T - 4, 1);
  const within = twoWayWithin(doubled(entity), T - 1, doubled(time), T);
  const fit = leastSquares([...dummies(doubled(entity), T - 1), ...dummies(doubled(time), T)], x);
  expectClose(within.apply(x), fit.residuals, 1e-11); // condition number T² ≈ 1.4e4
  expect(within.absorbed).toBe(fit.rank);
});

test('two panels that share nothing are two components', () => {
  const within = twoWayWithin(Uint32Array.of(0, 0, 1, 1, 1), 2, Uint32Array.of(0, 1, 2, 3, 3), 4);
  expect([within.components, within.absorbed, within.balanced]).toEqual([2, 4, false]);
});

test('Cholesky solves what LU solves, stops at the first dependent row, and scaled Gram matrices have unit diagonals', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, k) => {
      const columns = normals(seed, 30, k).map((column, j) => column.map((value) => value * 10 ** (4 * j - 8)));
      const [y] = normals(seed + 1, 30, 1);
      const right = crossProduct(columns, [y]);
      const fit = leastSquares(columns, y);
      const solved = solvePositiveDefinite(gram(columns), right).to1DArray();
      solved.forEach((value, j) => {
        expect(Math.abs(value - fit.coefficients[j]) * norm(columns[j])).toBeLessThanOrEqual(1e-11 * norm(y));
      });

      const scaled = scaledGram(columns);
      expect(Array.from(scaled.gram.diagonal(), (value) => Math.abs(value - 1) < 1e-15).every(Boolean)).toBe(true);
      const flat = Float64Array.from(scaled.gram.to1DArray());
      expect(choleskyInPlace(flat, k)).toBe(k);
      const b = Float64Array.from(scaled.scales, (scale, j) => right.get(j, 0) * scale);
      choleskySolveInPlace(flat, k, b);
      expectClose(
        b.map((value, j) => value * scaled.scales[j] * norm(columns[j])),
        fit.coefficients.map((value, j) => value * norm(columns[j])),
        1e-11,
      );
    }),
  );
  const [a, b] = normals(2, 9, 2);
  expect(() => solvePositiveDefinite(gram([a, b, combine([a, b], [1, 2])]), new Matrix(3, 1))).toThrow('row 2');
});
