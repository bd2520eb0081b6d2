import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  binaryWeights,
  columnSums,
  expandStarts,
  extremeEigenvalues,
  normaliseWeights,
  rowSums,
  smallestBand,
  summarizeWeights,
  symmetrisedWeights,
  type Weights,
  weightsFromFile,
  weightsMoments,
  weightsOptions,
} from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';

/** Weights against spdep 1.2-7 and libpysal. `SPILLWAY_REFERENCE` names the folder that holds `spatial/`. */
const { folder, present, caseOf } = referenceArea('spatial', 'spatial weights');

/** Debian's r-cran-spdata has the polygons. */
const columbusShapes = '/usr/lib/R/site-library/spData/shapes/columbus.shp';

const expectedOf = (id: string) => caseOf(id).expected;

const read = (bytes: Uint8Array, options: unknown): Weights => weightsFromFile(bytes, weightsOptions.parse(options));
const file = (name: string) => readFileSync(join(folder, name));

/** Counts and sums that the reference keeps of each matrix. */
function expectCounts(weights: Weights, wanted: Readonly<Record<string, number | boolean>>): void {
  const { units, links, neighbours, islands, symmetricLinks } = summarizeWeights(weights);
  const degrees = Array.from(weights.labels, (_, i) => weights.starts[i + 1] - weights.starts[i]);
  expect({
    n: units,
    links,
    min: neighbours.min,
    max: neighbours.max,
    islands: islands.count,
    card_sumsq: degrees.reduce((sum, degree) => sum + degree * degree, 0),
  }).toEqual({
    n: wanted.n,
    links: wanted.links,
    min: wanted.min,
    max: wanted.max,
    islands: wanted.islands,
    card_sumsq: wanted.card_sumsq,
  });
  expectClose(neighbours.mean, wanted.mean as number, 1e-14);
  if (wanted.symmetric !== undefined) expect(symmetricLinks).toBe(wanted.symmetric);
}

function expectSums(weights: Weights, wanted: Readonly<Record<string, number>>, relative = 1e-12): void {
  const { units: n, s0, s1, s2, traceWW, traceWtW } = weightsMoments(weights);
  const rows = expandStarts(weights.starts);
  const checksum = rows.reduce((sum, i, at) => sum + weights.values[at] * (i + 1) * (weights.columns[at] + 1), 0) / (n * n);
  const got: Record<string, number> = {
    S0: s0,
    S1: s1,
    S2: s2,
    trWW: traceWW,
    trWtW: traceWtW,
    checksum_ij: checksum,
    max: weights.values.reduce((max, w) => Math.max(max, w), 0),
  };
  const eigenvalues = extremeEigenvalues(weights)!;
  for (const [name, value] of Object.entries(wanted)) {
    if (name === 'normaliser') continue;
    if (name === 'eig_max') expectClose(eigenvalues.max, value, 1e-11);
    // of a matrix that is not similar to a symmetric one the reference has the real part
    else if (name === 'eig_min') expectClose(eigenvalues.min, value, 1e-11);
    else expectClose(got[name], value, relative);
  }
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.max(Math.abs(wanted), 1e-300));
}

/** Polygons of an ESRI shapefile as GeoJSON, labelled by their place from 1. */
function geoJsonOfShapefile(path: string): Uint8Array {
  const bytes = readFileSync(path);
  const features: unknown[] = [];
  for (let at = 100; at < bytes.length; ) {
    const size = 8 + 2 * bytes.readInt32BE(at + 4);
    const [parts, points] = [bytes.readInt32LE(at + 44), bytes.readInt32LE(at + 48)];
    const starts = Array.from({ length: parts }, (_, k) => bytes.readInt32LE(at + 52 + 4 * k));
    const first = at + 52 + 4 * parts;
    const position = (k: number) => [bytes.readDoubleLE(first + 16 * k), bytes.readDoubleLE(first + 16 * k + 8)];
    const rings = starts.map((start, k) =>
      Array.from({ length: (starts[k + 1] ?? points) - start }, (_, m) => position(start + m)),
    );
    features.push({
      type: 'Feature',
      id: features.length + 1,
      properties: {},
      geometry: { type: 'Polygon', coordinates: rings },
    });
    at += size;
  }
  return new TextEncoder().encode(JSON.stringify({ type: 'FeatureCollection', features }));
}

(present ? describe : describe.skip)('spatial weights', () => {
  const points = (options: object) =>
    read(columbusPlaces(), { id: 'id', x: 'cx', y: 'cy', metric: 'planar', normalisation: 'none', ...options });
  const columbusPlaces = () => {
    const [head, ...rows] = file('columbus.csv').toString('utf8').trim().split('\n');
    const text = [`id,${head}`, ...rows.map((row, i) => `${i + 1},${row}`)].join('\n');
    return new TextEncoder().encode(text);
  };
  const neighboursOf = (weights: Weights, i: number) =>
    Array.from(weights.columns.subarray(weights.starts[i - 1], weights.starts[i]), (j) => j + 1);

  (existsSync(columbusShapes) ? test : test.skip)('columbus-contiguity', () => {
    const wanted = expectedOf('columbus-contiguity');
    const polygons = geoJsonOfShapefile(columbusShapes);
    const [queen, rook] = ['queen', 'rook'].map((kind) => read(polygons, { kind, normalisation: 'none' }));
    expectCounts(queen, wanted.queen);
    expectCounts(rook, wanted.rook);
    expectSums(queen, wanted.queen_binary);
    expectSums(normaliseWeights(queen, 'row'), wanted.queen_row_std);
    expectSums(normaliseWeights(rook, 'row'), wanted.rook_row_std);
    for (const [name, weights] of [
      ['queen', queen],
      ['rook', rook],
    ] as const) {
      const stored = read(file(`columbus_${name}_binary.csv`), { kind: 'edge-list', normalisation: 'none' });
      expect(Array.from(weights.columns)).toEqual(Array.from(stored.columns));
    }
    expect(read(file('columbus_gal_binary.csv'), { kind: 'edge-list' }).columns.length).toBe(wanted.columbus_gal_links);
  });

  test('columbus-knn1', () => {
    const wanted = expectedOf('columbus-knn1');
    const weights = points({ kind: 'k-nearest', k: 1 });
    expectCounts(weights, wanted.nb);
    expectSums(normaliseWeights(weights, 'row'), wanted.row_std);
    expect(neighboursOf(weights, 1)).toEqual([wanted.first_row_neighbours]);
    expect(neighboursOf(weights, 25)).toEqual([wanted.row25]);
    expect(symmetrisedWeights(weights).columns.length).toBe(wanted.symmetrised_union_links);
  });

  test('columbus-knn4', () => {
    const wanted = expectedOf('columbus-knn4');
    const weights = points({ kind: 'k-nearest', k: 4 });
    expectCounts(weights, wanted.nb);
    expectSums(normaliseWeights(weights, 'row'), wanted.row_std);
    expect(neighboursOf(weights, 1)).toEqual(wanted.first_row_neighbours);
    expect(neighboursOf(weights, 25)).toEqual(wanted.row25);
    expect(symmetrisedWeights(weights).columns.length).toBe(wanted.symmetrised_union_links);
  });

  test('columbus-distance-band', () => {
    const wanted = expectedOf('columbus-distance-band');
    const band = points({ kind: 'distance-band' });
    expectCounts(band, wanted.nb);
    expectSums(normaliseWeights(band, 'row'), wanted.binary_row_std, 1e-10);
    const rows = columbusPlaces();
    const [names, ...lines] = new TextDecoder()
      .decode(rows)
      .split('\n')
      .map((line) => line.split(','));
    const column = (name: string) => Float64Array.from(lines, (cells) => Number(cells[names.indexOf(name)]));
    const places = { labels: lines.map(([label]) => label), x: column('cx'), y: column('cy') };
    const cutoff = smallestBand(places, 'planar');
    expectClose(cutoff, wanted.threshold, 1e-14);
    const inverse = points({ kind: 'inverse-distance', cutoff });
    expect(Array.from(binaryWeights(inverse).columns)).toEqual(Array.from(band.columns));
    expectSums(inverse, wanted.invdist_raw, 1e-10);
    expectSums(normaliseWeights(inverse, 'row'), wanted.invdist_row_std, 1e-10);
    expectSums(normaliseWeights(inverse, 'spectral'), wanted.invdist_spectral, 1e-10);
    const minMax = normaliseWeights(inverse, 'min-max');
    expectSums(minMax, wanted.invdist_minmax, 1e-10);
    expectClose(minMax.about.divisor, wanted.invdist_minmax.normaliser, 1e-10);
    const largest = (sums: Float64Array) => sums.reduce((max, sum) => Math.max(max, sum), 0);
    expectClose(Math.min(largest(rowSums(inverse)), largest(columnSums(inverse))), wanted.invdist_minmax.normaliser, 1e-10);
  });

  test('ncovr-queen', () => {
    expectCounts(read(file('ncovr_queen_binary.csv'), { kind: 'edge-list', normalisation: 'none' }), expectedOf('ncovr-queen'));
  });
});
