import {
  alignWeights,
  buildPanel,
  checkFormula,
  decodeWeights,
  denseRows,
  encodeWeights,
  evaluateTerm,
  extremeEigenvalues,
  InputError,
  largestEigenvalue,
  modelFrame,
  normaliseWeights,
  panelLag,
  parseFormula,
  parseTerm,
  rowSums,
  spatialLag,
  spatialLags,
  summarizeWeights,
  symmetricForm,
  transposedLag,
  transposeWeights,
  type Weights,
  weightsFromLinks,
  weightsHash,
  weightsMoments,
} from '@spillway/core';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Matrices of 2 to 14 units with any pattern of links and weights in (0, 4]. */
const matrices = fc.integer({ min: 2, max: 14 }).chain((n) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.integer({ min: 1, max: 64 })), {
      selector: ([i, j]) => i * n + j,
      maxLength: n * n,
    })
    .map((links) => {
      const kept = links.filter(([i, j]) => i !== j);
      return weightsFromLinks({
        labels: Array.from({ length: n }, (_, k) => `u${k}`),
        from: kept.map(([i]) => i),
        to: kept.map(([, j]) => j),
        values: kept.map(([, , w]) => w / 16),
        kind: 'edge-list',
      });
    }),
);

const vectorFor = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(3 * i + 1));
const close = (got: number, wanted: number, tolerance = 1e-12) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)));

/** W + Wᵀ. */
function symmetrised(weights: Weights): Weights {
  const dense = denseRows(weights);
  const both = Matrix.add(dense, dense.transpose());
  const [from, to, values]: number[][] = [[], [], []];
  for (let i = 0; i < both.rows; i++) {
    for (let j = 0; j < both.columns; j++) {
      if (both.get(i, j) === 0) continue;
      from.push(i);
      to.push(j);
      values.push(both.get(i, j));
    }
  }
  return weightsFromLinks({ labels: weights.labels, from, to, values, kind: 'edge-list' });
}

test('lags are products with the dense matrix, and the transposed lag with its transpose', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      const dense = denseRows(weights);
      const x = vectorFor(weights.labels.length);
      const column = Matrix.columnVector(Array.from(x));
      dense
        .mmul(column)
        .to1DArray()
        .forEach((value, i) => {
          close(spatialLag(weights, x)[i], value);
        });
      dense
        .transpose()
        .mmul(column)
        .to1DArray()
        .forEach((value, i) => {
          close(transposedLag(weights, x)[i], value);
        });
      dense
        .mmul(dense)
        .mmul(column)
        .to1DArray()
        .forEach((value, i) => {
          close(spatialLags(weights, x, 2)[1][i], value);
        });
      expect(Array.from(spatialLag(transposeWeights(weights), x))).toEqual(Array.from(transposedLag(weights, x)));
    }),
  );
});

test('the order of links and units changes nothing, to the last bit', () => {
  fc.assert(
    fc.property(matrices, fc.infiniteStream(fc.nat()), (weights, keys) => {
      const n = weights.labels.length;
      const order = shuffled(n, keys);
      const links = shuffled(weights.columns.length, keys);
      const rowOf = Array.from(weights.columns, (_, at) => weights.starts.findLastIndex((start) => start <= at));
      const placeOf = new Map(order.map((unit, place) => [unit, place]));
      const again = weightsFromLinks({
        labels: order.map((unit) => weights.labels[unit]),
        from: links.map((at) => placeOf.get(rowOf[at])!),
        to: links.map((at) => placeOf.get(weights.columns[at])!),
        values: links.map((at) => weights.values[at]),
        kind: 'edge-list',
      });
      expect(weightsHash(encodeWeights(again))).toBe(weightsHash(encodeWeights(weights)));
    }),
  );
});

function shuffled(n: number, keys: Iterator<number>): number[] {
  const pairs = Array.from({ length: n }, (_, k) => [keys.next().value as number, k]);
  return pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, k]) => k);
}

test('alignment permutes rows and columns alike; a subset is cut and normalised anew', () => {
  fc.assert(
    fc.property(matrices, fc.infiniteStream(fc.nat()), (weights, keys) => {
      const n = weights.labels.length;
      const order = shuffled(n, keys);
      const aligned = alignWeights(
        weights,
        order.map((unit) => weights.labels[unit]),
      );
      const [before, after] = [denseRows(weights), denseRows(aligned)];
      for (const [r, i] of order.entries()) for (const [c, j] of order.entries()) expect(after.get(r, c)).toBe(before.get(i, j));
      const half = weights.labels.slice(0, Math.ceil(n / 2));
      const cut = alignWeights(normaliseWeights(weights, 'row', { islands: 'keep' }), half, { unused: 'cut' });
      for (const sum of rowSums(cut)) close(sum === 0 ? 1 : sum, 1);
      if (half.length < n) expect(() => alignWeights(weights, half)).toThrow(InputError);
    }),
  );
});

test('labels that do not match are named on both sides, with what was probably meant', () => {
  const weights = weightsFromLinks({
    labels: ['TENNESSEE', 'OHIO'],
    from: [0, 1],
    to: [1, 0],
    values: [1, 1],
    kind: 'edge-list',
  });
  const problem = thrown(() => alignWeights(weights, ['TENNESSE', 'OHIO'])).problems[0];
  expect(problem.code).toBe('weights_mismatch');
  expect(problem.message).toContain('"TENNESSE"');
  expect(problem.message).toContain('"TENNESSE" might be "TENNESSEE"');
});

function thrown(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('rows sum to one, the largest eigenvalue becomes one, min-max bounds it', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      const row = normaliseWeights(weights, 'row', { islands: 'keep' });
      for (const [i, sum] of rowSums(row).entries()) close(sum, weights.starts[i] === weights.starts[i + 1] ? 0 : 1);
      if (weights.columns.length === 0) return;
      const symmetric = symmetrised(weights);
      close(largestEigenvalue(normaliseWeights(symmetric, 'spectral')), 1, 1e-12);
      expect(largestEigenvalue(normaliseWeights(symmetric, 'min-max'))).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});

test('extreme eigenvalues are those of the dense matrix, also after its rows are normalised', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      if (weights.columns.length === 0) return;
      const symmetric = symmetrised(weights);
      for (const matrix of [symmetric, normaliseWeights(symmetric, 'row', { islands: 'keep' })]) {
        expect(symmetricForm(matrix)).not.toBeNull();
        const eigenvalues = new EigenvalueDecomposition(denseRows(matrix)).realEigenvalues;
        const { min, max } = extremeEigenvalues(matrix)!;
        close(min, Math.min(...eigenvalues), 1e-10);
        close(max, Math.max(...eigenvalues), 1e-10);
      }
    }),
  );
});

test('the largest eigenvalue of a matrix without symmetry is that of the dense one', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      const n = weights.labels.length;
      // a ring, so that every unit leads to every other and the Perron root is simple
      const dense = denseRows(weights);
      const [from, to, values]: number[][] = [[], [], []];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const w = dense.get(i, j) + ((i + 1) % n === j ? 1 + i : 0);
          if (w === 0) continue;
          from.push(i);
          to.push(j);
          values.push(w);
        }
      }
      const ringed = weightsFromLinks({ labels: weights.labels, from, to, values, kind: 'edge-list' });
      close(largestEigenvalue(ringed), Math.max(...new EigenvalueDecomposition(denseRows(ringed)).realEigenvalues), 1e-10);
    }),
  );
});

test('moments are those of the dense matrix', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      const dense = denseRows(weights);
      const both = Matrix.add(dense, dense.transpose());
      const { s0, s1, s2, traceWW, traceWtW } = weightsMoments(weights);
      close(s0, dense.sum());
      close(s1, Matrix.mul(both, both).sum() / 2);
      close(
        s2,
        both.sum('row').reduce((sum, value) => sum + value * value, 0),
      );
      close(traceWW, dense.mmul(dense).trace());
      close(traceWtW, dense.transpose().mmul(dense).trace());
    }),
  );
});

test('bytes and back, and a summary that counts', () => {
  fc.assert(
    fc.property(matrices, (weights) => {
      const bytes = encodeWeights(weights);
      expect(encodeWeights(decodeWeights(bytes))).toEqual(bytes);
      const summary = summarizeWeights(weights);
      const n = weights.labels.length;
      expect(summary.links).toBe(weights.columns.length);
      expect(summary.symmetric).toBe(denseRows(weights).isSymmetric());
      expect(summary.neighbours.mean * n).toBeCloseTo(summary.links, 9);
      // components: reach by powers of the pattern in both directions
      const pattern = denseRows(symmetrised(weights));
      let reach = Matrix.eye(n);
      for (let k = 0; k < n; k++) reach = reach.mmul(Matrix.add(pattern, Matrix.eye(n))).apply(sign);
      const groups = new Set(Array.from({ length: n }, (_, i) => reach.getRow(i).join('')));
      expect(summary.components).toBe(groups.size);
    }),
  );
});

function sign(this: Matrix, i: number, j: number): void {
  this.set(i, j, this.get(i, j) > 0 ? 1 : 0);
}

test('a lag within periods of a panel is I ⊗ W on complete periods, and missing where a neighbour is', () => {
  const ring = weightsFromLinks({
    labels: ['a', 'b', 'c'],
    from: [0, 1, 2],
    to: [1, 2, 0],
    values: [1, 2, 3],
    kind: 'edge-list',
  });
  // a and b in both periods, c only in the second
  const lag = panelLag(ring, Uint32Array.of(0, 0, 1, 1, 2), Uint32Array.of(0, 1, 0, 1, 1), 2);
  const out = lag.apply(Float64Array.of(1, 2, 4, 8, 16));
  expect(Array.from(out)).toEqual([4, 8, Number.NaN, 32, 6]);
  expect([0, 1, 2, 3, 4].map((row) => lag.absent(row))).toEqual([null, null, 2, null, null]);
});

describe('W(…) in formulas', () => {
  const ring = weightsFromLinks({
    labels: ['c', 'a', 'b'],
    from: [1, 2, 0],
    to: [2, 0, 1],
    values: [1, 2, 3],
    kind: 'edge-list',
  });
  const weights = new Map([['W', ring]]);
  const panel = buildPanel({
    entity: { name: 'who', values: ['a', 'a', 'b', 'b', 'c'] },
    time: { name: 'when', values: [1, 2, 1, 2, 2] },
    columns: [
      { name: 'x', values: [1, 2, 4, 8, 16] },
      { name: 'z', values: [1, 1, 1, null, 1] },
    ],
  });
  const valuesOf = (term: string) => Array.from(evaluateTerm(parseTerm(term), panel, weights));
  const code = (term: string, known?: ReadonlyMap<string, Weights>) =>
    thrown(() => evaluateTerm(parseTerm(term), panel, known)).code;

  test('lags within each period, of lags and in lags', () => {
    expect(valuesOf('W(x)')).toEqual([4, 8, Number.NaN, 32, 6]);
    expect(valuesOf('W(I(x + 1))')).toEqual([5, 9, Number.NaN, 34, 9]);
    expect(valuesOf('L.W(x)')).toEqual([Number.NaN, 4, Number.NaN, Number.NaN, Number.NaN]);
    expect(valuesOf('W(L.x)')).toEqual([Number.NaN, 4, Number.NaN, Number.NaN, 3]);
    expect(valuesOf('x:W(x, W)')).toEqual([4, 16, Number.NaN, 256, 96]);
  });

  test('why a lag is missing is said with the neighbour', () => {
    const { rows, dropped } = modelFrame(panel, { outcome: parseTerm('x'), regressors: [parseTerm('W(z)')] }, weights);
    expect(Array.from(rows)).toEqual([0, 3, 4]);
    expect(dropped).toEqual([
      { reason: 'W(z) missing: at neighbour b, z missing in the data', rows: 1 },
      { reason: 'W(z) missing: neighbour c has no row in that period', rows: 1 },
    ]);
  });

  test('weights that are not there, or not of these entities, are refused', () => {
    expect(code('W(x)')).toBe('weights_needed');
    expect(code('W(x, geo)', weights)).toBe('unknown_weights');
    expect(
      code(
        'W(x)',
        new Map([
          ['geo', ring],
          ['eco', ring],
        ]),
      ),
    ).toBe('ambiguous_weights');
    const other = weightsFromLinks({ labels: ['a', 'b', 'd'], from: [0], to: [1], values: [1], kind: 'edge-list' });
    expect(code('W(x)', new Map([['geo', other]]))).toBe('weights_mismatch');
    expect(checkFormula(parseFormula('x ~ W(z, geo)'), panel, weights).map((problem) => problem.code)).toEqual([
      'unknown_weights',
    ]);
  });
});

test.each([
  ['self_neighbour', { from: [0], to: [0], values: [1] }, '"a" is its own neighbour'],
  ['bad_weight', { from: [0], to: [1], values: [-1] }, 'negative'],
  ['bad_weight', { from: [0], to: [1], values: [Number.NaN] }, 'not a finite number'],
  ['duplicate_link', { from: [0, 0], to: [1, 1], values: [1, 1] }, '"a" → "b"'],
])('%s is refused by name', (code, links, words) => {
  const error = thrown(() => weightsFromLinks({ labels: ['a', 'b'], ...links, kind: 'edge-list' }));
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
});

test('isolated units are refused by name under row normalisation, unless they are to be kept', () => {
  const weights = weightsFromLinks({ labels: ['a', 'b', 'hainan'], from: [0, 1], to: [1, 0], values: [1, 1], kind: 'edge-list' });
  const error = thrown(() => normaliseWeights(weights, 'row'));
  expect(error.code).toBe('isolated_units');
  expect(error.message).toContain('"hainan"');
  expect(Array.from(rowSums(normaliseWeights(weights, 'row', { islands: 'keep' })))).toEqual([1, 1, 0]);
});
