import {
  denseRows,
  earthRadiusKm,
  edgesCsv,
  encodeWeights,
  galText,
  gwtText,
  InputError,
  matrixCsv,
  normaliseWeights,
  rowSums,
  summarizeWeights,
  type Weights,
  weightsFromFile,
  weightsFromLinks,
  weightsHash,
  weightsNeeded,
  weightsOptions,
} from '@spillway/core';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options: object, others?: ReadonlyMap<string, Weights>) =>
  weightsFromFile(bytes(text), weightsOptions.parse({ normalisation: 'none', ...options }), others);
const hash = (weights: Weights) => weightsHash(encodeWeights({ ...weights, about: { ...weights.about, kind: '', notes: [] } }));

function problem(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.problems[0];
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Patterns of links among up to 12 units. */
const patterns = fc.integer({ min: 2, max: 12 }).chain((n) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.double({ min: 1e-3, max: 1e3, noNaN: true })), {
      selector: ([i, j]) => i * n + j,
      maxLength: 3 * n,
    })
    .map((all) => {
      const links = all.filter(([i, j]) => i !== j);
      return weightsFromLinks({
        labels: Array.from({ length: n }, (_, k) => `p${k}`),
        from: links.map(([i]) => i),
        to: links.map(([, j]) => j),
        values: links.map(([, , w]) => w),
        kind: 'edge-list',
      });
    }),
);

describe('files out and in', () => {
  test('CSV of links and dense CSV keep every bit', () => {
    fc.assert(
      fc.property(patterns, (weights) => {
        expect(hash(read(edgesCsv(weights), { kind: 'edge-list' }))).toBe(hash(weights));
        expect(hash(read(matrixCsv(weights), { kind: 'matrix' }))).toBe(hash(weights));
      }),
    );
  });

  test('.gal keeps the links, .gwt the weights', () => {
    fc.assert(
      fc.property(patterns, (weights) => {
        const gal = read(galText(weights), { kind: 'gal' });
        expect(Array.from(gal.columns)).toEqual(Array.from(weights.columns));
        expect(Array.from(gal.starts)).toEqual(Array.from(weights.starts));
        const lonely = weights.labels.some((_, i) => weights.starts[i] === weights.starts[i + 1] && !weights.columns.includes(i));
        if (lonely) expect(problem(() => gwtText(weights)).code).toBe('isolated_units');
        else expect(hash(read(gwtText(weights), { kind: 'gwt' }))).toBe(hash(weights));
      }),
    );
  });

  test('labels with commas, quotes and blanks survive CSV, and are refused where blanks separate', () => {
    const weights = weightsFromLinks({ labels: ['a "b", c', 'd e'], from: [0], to: [1], values: [0.1], kind: 'edge-list' });
    expect(hash(read(edgesCsv(weights), { kind: 'edge-list' }))).toBe(hash(weights));
    expect(problem(() => galText(weights)).code).toBe('label_with_space');
  });

  test('a header may be n alone, and line ends say nothing', () => {
    const weights = read('3\r\na 2\r\nb c\r\nb 0\r\n\r\nc 1\r\na\r\n', { kind: 'gal' });
    expect(edgesCsv(weights)).toBe('from,to,weight\na,b,1\na,c,1\nc,a,1\nb,,\n');
  });
});

describe('edge lists', () => {
  test('columns by name, a link for both directions, rows that only name units', () => {
    const text = 'kind,who,whom,strength\nland,a,b,2\nsea,b,c,3\n';
    const options = { kind: 'edge-list', from: 'who', to: 'whom', weight: 'strength', direction: 'mirror' };
    expect(edgesCsv(read(text, options))).toBe('from,to,weight\na,b,2\nb,a,2\nb,c,3\nc,b,3\n');
    const land = read(text, { ...options, only: 'kind=land' });
    expect(edgesCsv(land)).toBe('from,to,weight\na,b,2\nb,a,2\nc,,\n');
    expect(problem(() => normaliseWeights(land, 'row')).message).toContain('"c"');
  });

  test('links by convention are said, and so is a choice of the user', () => {
    const { about } = read('a,b,kind\nx,y,land\ny,x,land\ny,z,convention\n', { kind: 'edge-list', note: 'z is linked to y' });
    expect(about.notes).toEqual(['every link weighs 1', 'rows by kind: land 2, convention 1', 'z is linked to y']);
  });

  test.each([
    ['unknown_column', 'a,b\nx,y\n', { from: 'aa' }],
    ['no_rows', 'a,b\n', {}],
    ['ragged_row', 'a,b\nx\n', {}],
    ['missing_label', 'a,b\n,y\n', {}],
    ['bad_weight', 'a,b,w\nx,y,-1\n', {}],
    ['bad_weight', 'a,b,w\nx,y,NaN\n', {}],
    ['not_a_number', 'a,b,w\nx,y,much\n', {}],
    ['self_neighbour', 'a,b\nx,x\n', {}],
    ['duplicate_link', 'a,b\nx,y\nx,y\n', {}],
    ['contradictory_links', 'a,b,w\nx,y,1\ny,x,2\n', { direction: 'mirror' }],
    ['bad_only', 'a,b\nx,y\n', { only: 'a=z' }],
    ['isolated_units', 'a,b\nx,y\n', { normalisation: 'row' }],
  ])('%s', (code, text, options) => {
    expect(problem(() => read(text, { kind: 'edge-list', ...options })).code).toBe(code);
  });
});

test.each([
  ['not_square', 'matrix', '0,1\n1,0\n0,0\n'],
  ['not_square', 'matrix', '0,1,0\n1,0,0\n'],
  ['labels_differ', 'matrix', 'u,a,b\nb,0,1\na,1,0\n'],
  ['not_a_number', 'matrix', 'u,a,b\na,0,x\nb,1,0\n'],
  ['bad_weight', 'matrix', 'u,a,b\na,0,NaN\nb,1,0\n'],
  ['self_neighbour', 'matrix', '1,1\n1,0\n'],
  ['unit_count', 'gal', '3\na 1\nb\nb 1\na\n'],
  ['unknown_neighbour', 'gal', '1\na 1\nz\n'],
  ['not_gal', 'gal', '2\na many\nb\n'],
  ['not_gwt', 'gwt', '0 2 f id\na b\n'],
  ['unit_count', 'gwt', '0 3 f id\na b 1\n'],
  ['not_json', 'queen', 'type'],
  ['not_geojson', 'queen', '{"type":"Feature"}'],
])('%s of a %s file', (code, kind, text) => {
  expect(problem(() => read(text, { kind })).code).toBe(code);
});

/** A polygon feature from rings of positions that need not be closed. */
const area = (id: string, ...rings: number[][][]) => ({
  type: 'Feature',
  id,
  properties: { name: id },
  geometry: { type: 'Polygon', coordinates: rings.map((ring) => [...ring, ring[0]]) },
});
const collection = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features });
const square = (x: number, y: number, side = 1) => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
];
const grid = (rows: number, columns: number) =>
  Array.from({ length: rows * columns }, (_, k) =>
    area(cell(Math.floor(k / columns), k % columns), square(k % columns, Math.floor(k / columns))),
  );
const cell = (row: number, column: number) => `r${row}c${column}`;

describe('contiguity', () => {
  test.each(['queen', 'rook'])('%s of a grid is the moves of the piece', (kind) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 6 }), (rows, columns) => {
        const dense = denseRows(read(collection(...grid(rows, columns)), { kind }));
        const { labels } = read(collection(...grid(rows, columns)), { kind });
        const at = (label: string) => /r(\d+)c(\d+)/.exec(label)!.slice(1).map(Number);
        for (const [i, a] of labels.entries()) {
          for (const [j, b] of labels.entries()) {
            const [dr, dc] = [Math.abs(at(a)[0] - at(b)[0]), Math.abs(at(a)[1] - at(b)[1])];
            const neighbours = i !== j && (kind === 'queen' ? dr <= 1 && dc <= 1 : dr + dc === 1);
            expect(dense.get(i, j)).toBe(neighbours ? 1 : 0);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('neither the order of features, nor of vertices, nor the direction of rings matters', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(grid(3, 4), { minLength: 12 }), fc.nat(3), fc.boolean(), (features, turn, back) => {
        const turned = features.map(({ geometry, ...rest }) => {
          const ring = geometry.coordinates[0].slice(0, -1);
          const moved = [...ring.slice(turn), ...ring.slice(0, turn)];
          if (back) moved.reverse();
          return { ...rest, geometry: { ...geometry, coordinates: [[...moved, moved[0]]] } };
        });
        expect(hash(read(collection(...turned), { kind: 'rook' }))).toBe(hash(read(collection(...grid(3, 4)), { kind: 'rook' })));
      }),
    );
  });

  test('an enclave borders on what surrounds it; a multipolygon on the neighbours of each part', () => {
    const outer = area('outer', square(0, 0, 3), square(1, 1));
    const enclave = area('enclave', square(1, 1));
    const islands = {
      ...area('islands', square(3, 0)),
      geometry: {
        type: 'MultiPolygon',
        coordinates: [[[...square(3, 0), [3, 0]]], [[...square(9, 9), [9, 9]]]],
      },
    };
    const far = area('far', square(10, 9));
    const weights = read(collection(outer, enclave, islands, far), { kind: 'queen' });
    expect(edgesCsv(weights)).toBe(
      'from,to,weight\nenclave,outer,1\nfar,islands,1\nislands,far,1\nislands,outer,1\nouter,enclave,1\nouter,islands,1\n',
    );
  });

  test('borders drawn twice meet within the snapping distance only', () => {
    const [a, b] = [area('a', square(0, 0)), area('b', square(1 + 1e-7, 0))];
    expect(summarizeWeights(read(collection(a, b), { kind: 'rook' })).links).toBe(0);
    expect(summarizeWeights(read(collection(a, b), { kind: 'rook', snap: 1e-6 })).links).toBe(2);
    const nearly = area('b', square(1 + 1e-12, 0));
    expect(summarizeWeights(read(collection(a, nearly), { kind: 'rook' })).links).toBe(2);
    expect(summarizeWeights(read(collection(a, nearly), { kind: 'rook', snap: 0 })).links).toBe(0);
  });

  test('TopoJSON, quantised, with arcs shared backwards, is the GeoJSON it came from', () => {
    const topology = {
      type: 'Topology',
      transform: { scale: [0.5, 0.5], translate: [10, 20] },
      objects: {
        land: {
          type: 'GeometryCollection',
          geometries: [
            { type: 'Polygon', arcs: [[0, 1]], properties: { name: 'west' } },
            { type: 'MultiPolygon', arcs: [[[2, -1]]], properties: { name: 'east' } },
          ],
        },
      },
      // the common border from (11, 20) up to (11, 21); then the rest of each
      arcs: [
        [
          [2, 0],
          [0, 2],
        ],
        [
          [2, 2],
          [-2, 0],
          [0, -2],
          [2, 0],
        ],
        [
          [2, 0],
          [2, 0],
          [0, 2],
          [-2, 0],
        ],
      ],
    };
    const weights = read(JSON.stringify(topology), { kind: 'rook' });
    expect(edgesCsv(weights)).toBe('from,to,weight\neast,west,1\nwest,east,1\n');
    expect(problem(() => read(JSON.stringify(topology), { kind: 'rook', object: 'lands' })).message).toContain(
      'did you mean "land"',
    );
  });

  const open = area('open', square(0, 0));
  open.geometry.coordinates[0].pop();
  test.each([
    ['invalid_ring', collection(area('fine', square(0, 0)), open), {}, '"open"'],
    [
      'invalid_ring',
      collection(
        area('flat', [
          [0, 0],
          [1, 1],
          [2, 2],
        ]),
      ),
      {},
      '"flat"',
    ],
    [
      'invalid_ring',
      collection(
        area('short', [
          [0, 0],
          [1, 1],
        ]),
      ),
      {},
      '"short"',
    ],
    [
      'bad_position',
      collection(
        area('text', [
          [0, 0],
          ['x' as unknown as number, 1],
          [1, 1],
        ]),
      ),
      {},
      '"text"',
    ],
    ['no_geometry', collection({ ...area('none', square(0, 0)), geometry: null }), {}, '"none"'],
    ['duplicate_label', collection(area('a', square(0, 0)), area('a', square(1, 0))), {}, '"a"'],
    [
      'mixed_coordinates',
      collection(area('deg', square(110, 30)), area('deg2', square(111, 30)), area('metres', square(4e5, 3e6))),
      {},
      '"metres"',
    ],
    ['not_polygons', collection({ ...area('dot', square(0, 0)), geometry: { type: 'Point', coordinates: [1, 2] } }), {}, '"dot"'],
    ['unknown_property', collection(area('a', square(0, 0))), { id: 'nmae' }, 'did you mean "name"'],
    ['id_needed', collection({ ...area('a', square(0, 0)), id: undefined, properties: { x: 'a', y: 'b' } }), {}, 'x, y'],
  ])('%s is refused and named', (code, text, options, words) => {
    const { code: found, message } = problem(() => read(text, { kind: 'queen', ...options }));
    expect(found).toBe(code);
    expect(message).toContain(words);
  });
});

test('contiguity of order p: reached by p powers of the pattern and by no fewer', () => {
  fc.assert(
    fc.property(patterns, fc.integer({ min: 2, max: 4 }), (weights, order) => {
      const n = weights.labels.length;
      const pattern = denseRows(weights).apply(function (this: Matrix, i: number, j: number) {
        this.set(i, j, this.get(i, j) > 0 ? 1 : 0);
      });
      const reach = (p: number) => {
        let sum = Matrix.eye(n);
        let power = Matrix.eye(n);
        for (let k = 0; k < p; k++) {
          power = power.mmul(pattern);
          sum = Matrix.add(sum, power);
        }
        return sum;
      };
      const text = edgesCsv(weights);
      const [exact, all] = [false, true].map((cumulative) => denseRows(read(text, { kind: 'edge-list', order, cumulative })));
      const [before, now] = [reach(order - 1), reach(order)];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          expect(exact.get(i, j)).toBe(now.get(i, j) > 0 && before.get(i, j) === 0 ? 1 : 0);
          expect(all.get(i, j)).toBe(i !== j && now.get(i, j) > 0 ? 1 : 0);
        }
      }
    }),
  );
});

/** Degrees in thousandths, about 100 m. */
const milli = (reach: number) => fc.integer({ min: -reach * 1000, max: reach * 1000 }).map((value) => value / 1000);

/** Distinct places on a coarse lattice (many ties) or anywhere. */
const places = fc.oneof(
  fc.uniqueArray(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 })), {
    minLength: 4,
    maxLength: 40,
    selector: String,
  }),
  fc.uniqueArray(fc.tuple(milli(170), milli(80)), {
    minLength: 4,
    maxLength: 40,
    selector: String,
  }),
);
const placesCsv = (list: readonly (readonly [number, number])[]) =>
  `id,x,y\n${list.map(([x, y], i) => `${i + 1},${x},${y}`).join('\n')}\n`;
const squared = (a: readonly [number, number], b: readonly [number, number]) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

/** Great circle by the haversine formula, apart from how the core does it. */
function haversine(a: readonly [number, number], b: readonly [number, number]): number {
  const r = Math.PI / 180;
  const h =
    Math.sin(((b[1] - a[1]) * r) / 2) ** 2 + Math.cos(a[1] * r) * Math.cos(b[1] * r) * Math.sin(((b[0] - a[0]) * r) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(Math.min(1, h)));
}

describe('places', () => {
  test('k nearest is brute force, ties by label', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 3 }), (list, k) => {
        const weights = read(placesCsv(list), { kind: 'k-nearest', k, metric: 'planar' });
        list.forEach((here, i) => {
          const order = list.map((_, j) => j).filter((j) => j !== i);
          order.sort((a, b) => squared(here, list[a]) - squared(here, list[b]) || a - b);
          const wanted = order.slice(0, k).sort((a, b) => a - b);
          expect(Array.from(weights.columns.subarray(weights.starts[i], weights.starts[i + 1]))).toEqual(wanted);
        });
      }),
    );
  });

  test('bands and inverse distances are brute force, in km on the sphere', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 50, max: 15_000 }), (list, band) => {
        const distances = list.map((a) => list.map((b) => haversine(a, b)));
        fc.pre(distances.every((row) => row.every((d) => Math.abs(d - band) > 1e-6)));
        const text = placesCsv(list);
        const dense = denseRows(read(text, { kind: 'distance-band', band, metric: 'great-circle' }));
        const inverse = denseRows(read(text, { kind: 'inverse-distance', power: 2, cutoff: band, metric: 'great-circle' }));
        list.forEach((_, i) => {
          list.forEach((__, j) => {
            const near = i !== j && distances[i][j] <= band;
            expect(dense.get(i, j)).toBe(near ? 1 : 0);
            const wanted = near ? distances[i][j] ** -2 : 0;
            expect(Math.abs(inverse.get(i, j) - wanted)).toBeLessThanOrEqual(1e-6 * wanted);
          });
        });
      }),
    );
  });

  test('the order of the file changes nothing', () => {
    fc.assert(
      fc.property(places, fc.infiniteStream(fc.nat()), (list, keys) => {
        const lines = placesCsv(list).trim().split('\n');
        const shuffled = lines.slice(1).map((line) => ({ line, key: keys.next().value as number }));
        const text = [lines[0], ...shuffled.sort((a, b) => a.key - b.key).map(({ line }) => line)].join('\n');
        const options = { kind: 'k-nearest', k: 2, metric: 'planar' };
        expect(hash(read(text, options))).toBe(hash(read(lines.join('\n'), options)));
      }),
    );
  });

  test('kernels: fixed and adaptive bandwidths, by hand', () => {
    const text = placesCsv([
      [0, 0],
      [3, 0],
      [4, 0],
      [10, 0],
    ]);
    const row = (options: object, i: number) => denseRows(read(text, { kind: 'kernel', metric: 'planar', ...options })).getRow(i);
    expect(row({ kernel: 'triangular', bandwidth: 4 }, 0)).toEqual([0, 0.25, 0, 0]);
    expect(row({ kernel: 'uniform', bandwidth: 4 }, 0)).toEqual([0, 0.5, 0.5, 0]);
    expect(row({ kernel: 'epanechnikov', bandwidth: 6 }, 0)[1]).toBeCloseTo(0.75 * (1 - 0.25), 14);
    expect(row({ kernel: 'quartic', bandwidth: 6 }, 0)[1]).toBeCloseTo((15 / 16) * 0.75 ** 2, 14);
    expect(row({ kernel: 'gaussian', bandwidth: 3 }, 0)[1]).toBeCloseTo(Math.exp(-0.5) / Math.sqrt(2 * Math.PI), 14);
    // two neighbours: the bandwidth reaches to the third, 10 away
    expect(row({ kernel: 'triangular', neighbours: 2 }, 0)).toEqual([0, 0.7, 0.6, 0]);
  });

  test('polygons stand at their centroids, a hole pulls away', () => {
    const ring = area('ring', square(0, 0, 4), [...square(2, 0, 2)].reverse());
    const text = collection(ring, area('a', square(4, 0)), area('b', square(4, 3)));
    const weights = read(text, { kind: 'inverse-distance', metric: 'planar' });
    // centroid of the L: (16·2 − 4·3)/12, (16·2 − 4·1)/12
    const [x, y] = [20 / 12, 28 / 12];
    expect(denseRows(weights).get(2, 0)).toBeCloseTo(1 / Math.hypot(4.5 - x, 0.5 - y), 12);
  });

  test.each([
    ['metric_needed', 'id,x,y\na,1,2\nb,2,3\n', {}],
    ['not_degrees', 'id,x,y\na,400000,3000000\nb,500000,3100000\n', { metric: 'great-circle' }],
    ['mixed_coordinates', 'id,x,y\na,110,30\nb,500000,3100000\n', { metric: 'great-circle' }],
    ['mixed_coordinates', 'id,x,y\na,110,30\nb,500000,3100000\n', { metric: 'planar' }],
    ['not_degrees', 'id,lat,lon\na,30,110\nb,31,111\n', { metric: 'great-circle', x: 'lat', y: 'lon' }],
    ['too_few_units', 'id,x,y\na,1,2\nb,2,3\n', { metric: 'planar', k: 2 }],
    ['duplicate_label', 'id,x,y\na,1,2\na,2,3\n', { metric: 'planar' }],
    ['not_a_number', 'id,x,y\na,1,two\nb,2,3\n', { metric: 'planar' }],
  ])('%s', (code, text, options) => {
    expect(problem(() => read(text, { kind: 'k-nearest', k: 1, ...options })).code).toBe(code);
  });

  test('units at one place have no inverse distance, and are named', () => {
    const { code, message } = problem(() =>
      read('id,x,y\nhere,1,2\nthere,1,2\nelse,5,5\n', { kind: 'inverse-distance', metric: 'planar' }),
    );
    expect([code, message.includes('"here" and "there"')]).toEqual(['coincident_units', true]);
  });

  test('too many pairs are refused before they are made', () => {
    const text = placesCsv(Array.from({ length: 6_000 }, (_, i) => [i, 0]));
    expect(problem(() => read(text, { kind: 'inverse-distance', metric: 'planar' })).code).toBe('too_many_links');
  });
});

describe('economic weights', () => {
  const panel = 'province,year,gdp\na,2010,1\nb,2010,3\nc,2010,7\na,2011,3\nb,2011,5\nc,2011,11\n';
  const options = { id: 'province', value: 'gdp', time: 'year' };

  test('1/|z_i − z_j| in a base year, or of means with the caution', () => {
    const base = read(panel, { kind: 'economic', ...options, base: '2010' });
    expect(denseRows(base).to2DArray()).toEqual([
      [0, 1 / 2, 1 / 6],
      [1 / 2, 0, 1 / 4],
      [1 / 6, 1 / 4, 0],
    ]);
    expect(base.about.notes.join()).not.toContain('endogenous');
    const mean = read(panel, { kind: 'economic', ...options, base: 'mean' });
    expect(denseRows(mean).get(0, 2)).toBe(1 / 7);
    expect(mean.about.notes.join()).toContain('endogenous');
  });

  test('W · diag(z_j/z̄) scales columns; products and mixes go link by link', () => {
    const geo = read('from,to\na,b\nb,a\nb,c\nc,b\n', { kind: 'edge-list' });
    const others = new Map([['geo', geo]]);
    const scaling = { kind: 'economic-scaled', ...options, base: '2010', of: 'geo' };
    expect(weightsNeeded(weightsOptions.parse(scaling))).toEqual(['geo']);
    const mean = 11 / 3;
    expect(denseRows(read(panel, scaling, others)).getRow(1)).toEqual([1 / mean, 0, 7 / mean]);
    const product = read(panel, { kind: 'economic', ...options, base: '2010', combineWith: 'geo' }, others);
    expect(denseRows(product).to2DArray()).toEqual([
      [0, 1 / 2, 0],
      [1 / 2, 0, 1 / 4],
      [0, 1 / 4, 0],
    ]);
    const mix = read(
      panel,
      { kind: 'economic', ...options, base: '2010', combineWith: 'geo', combineBy: 'mix', share: '0.25' },
      others,
    );
    expect(denseRows(mix).get(0, 1)).toBe(0.25 * 0.5 + 0.75);
    for (const sum of rowSums(normaliseWeights(mix, 'row'))) expect(sum).toBeCloseTo(1, 14);
  });

  test.each([
    ['tied_values', 'province,year,gdp\na,2010,1\nb,2010,1\n', { ...options, base: '2010' }, '"a" and "b"'],
    ['base_needed', panel, options, 'base'],
    ['duplicate_key', panel, { id: 'province', value: 'gdp' }, 'time and base'],
    ['unknown_period', panel, { ...options, base: '1999' }, '1999'],
    ['missing_value', 'province,year,gdp\na,2010,1\nb,2011,2\n', { ...options, base: '2010' }, '"b"'],
  ])('%s', (code, text, given, words) => {
    const { code: found, message } = problem(() => read(text, { kind: 'economic', ...given }));
    expect(found).toBe(code);
    expect(message).toContain(words);
  });

  test('weights of other units are refused with both sides named', () => {
    const geo = read('from,to\na,b\nb,d\n', { kind: 'edge-list' });
    const scaling = { kind: 'economic-scaled', ...options, base: '2010', of: 'geo' };
    const { code, message } = problem(() => read(panel, scaling, new Map([['geo', geo]])));
    expect([code, message.includes('"c"'), message.includes('"d"')]).toEqual(['weights_mismatch', true, true]);
  });
});
