import assert from 'node:assert/strict';
import {
  largestEigenvalue,
  nearestWeights,
  normaliseWeights,
  PhiloxStream,
  spatialLag,
  summarizeWeights,
  type Weights,
  weightsFromFile,
  weightsFromLinks,
  weightsOptions,
} from '@spillway/core';

/** Seconds of one run each, after a small one that warms up: these are jobs of seconds, done once an upload. */
function timed<T>(name: string, work: () => T, per: number, unit: string): T {
  const before = performance.now();
  const result = work();
  const ms = performance.now() - before;
  process.stdout.write(`${name}: ${ms.toFixed(0)} ms, ${((ms * 1e6) / per).toFixed(0)} ns a ${unit}\n`);
  return result;
}

/** rows × columns areas whose common borders are wavy lines of `pieces` edges each, as GeoJSON text. */
function areas(rows: number, columns: number, pieces: number): Uint8Array {
  const wave = (k: number, seed: number) => 0.08 * Math.sin(2 * Math.PI * (k / pieces) + seed) * Math.sin((Math.PI * k) / pieces);
  const along = (x: number, y: number, dx: number, dy: number) =>
    Array.from({ length: pieces }, (_, k) => {
      const [t, off] = [k / pieces, wave(k, 3 * x + 7 * y)];
      return [x + dx * t + dy * off, y + dy * t + dx * off];
    });
  const backwards = (line: number[][], end: number[]) => [...line.slice(1), end].reverse();
  const features = Array.from({ length: rows * columns }, (_, k) => {
    const [y, x] = [Math.floor(k / columns), k % columns];
    const ring = [
      ...along(x, y, 1, 0),
      ...along(x + 1, y, 0, 1),
      ...backwards(along(x, y + 1, 1, 0), [x + 1, y + 1]),
      ...backwards(along(x, y, 0, 1), [x, y + 1]),
    ];
    return { type: 'Feature', id: k, properties: {}, geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } };
  });
  return new TextEncoder().encode(JSON.stringify({ type: 'FeatureCollection', features }));
}

const options = (given: object) => weightsOptions.parse({ normalisation: 'none', ...given });
weightsFromFile(areas(8, 8, 15), options({ kind: 'queen' }));
for (const [rows, columns] of [
  [25, 30],
  [50, 30],
  [50, 60],
]) {
  const file = areas(rows, columns, 15);
  for (const kind of ['queen', 'rook']) {
    const n = rows * columns;
    const weights = timed(
      `${kind}, ${n} polygons of 60 vertices, GeoJSON`,
      () => weightsFromFile(file, options({ kind })),
      n,
      'polygon',
    );
    const corners = kind === 'queen' ? 4 * (rows - 1) * (columns - 1) : 0;
    assert.equal(weights.columns.length, 2 * (rows * (columns - 1) + columns * (rows - 1)) + corners);
  }
}

for (const n of [12_500, 25_000, 50_000, 100_000]) {
  const stream = new PhiloxStream(1, 0);
  const [x, y] = [new Float64Array(n), new Float64Array(n)];
  stream.uniforms(x);
  stream.uniforms(y);
  const places = { labels: Array.from(x, (_, i) => String(i)), x: x.map((u) => 360 * u - 180), y: y.map((u) => 160 * u - 80) };
  for (const metric of ['planar', 'great-circle'] as const) {
    const weights = timed(`8 nearest of ${n} places, ${metric}`, () => nearestWeights(places, metric, 8), n, 'place');
    assert.equal(weights.columns.length, 8 * n);
  }
}

/** Queen moves on a side × side lattice. */
function lattice(side: number): Weights {
  const [from, to]: number[][] = [[], []];
  for (let i = 0; i < side * side; i++) {
    const [r, c] = [Math.floor(i / side), i % side];
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        const [row, column] = [r + dr, c + dc];
        if ((dr === 0 && dc === 0) || row < 0 || column < 0 || row >= side || column >= side) continue;
        from.push(i);
        to.push(row * side + column);
      }
    }
  }
  const labels = Array.from({ length: side * side }, (_, i) => String(i));
  return weightsFromLinks({ labels, from, to, values: new Float64Array(from.length).fill(1), kind: 'queen' });
}

for (const side of [100, 224, 1000]) {
  const links = 8 * side * side;
  const weights = timed(`lattice of ${side * side} cells from its links`, () => lattice(side), links, 'link');
  const row = timed(`  normalised by row`, () => normaliseWeights(weights, 'row'), links, 'link');
  const x = Float64Array.from(weights.labels, (_, i) => Math.sin(i));
  const out = new Float64Array(x.length);
  timed(`  ten lags`, () => Array.from({ length: 10 }, () => spatialLag(row, x, out)), 10 * links, 'link');
  timed(`  summary`, () => summarizeWeights(weights), links, 'link');
  if (side > 300) continue;
  const largest = timed(`  largest eigenvalue`, () => largestEigenvalue(weights), links, 'link');
  const c = 1 + 2 * Math.cos(Math.PI / (side + 1)); // of the path with loops; the lattice is their product less the identity
  assert(Math.abs(largest - (c * c - 1)) < 1e-9 * largest);
}
