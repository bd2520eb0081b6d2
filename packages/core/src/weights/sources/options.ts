import { z } from 'zod';
import { normalisations } from '../weights.js';
import { kernels } from './distance.js';

/** A number, or its text where options come as a query string. */
const number = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'a number is needed')
    .transform(Number),
]);
const positive = number.pipe(z.number().positive());
const whole = (max: number) => number.pipe(z.int().min(1).max(max));
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const name = z.string().min(1).max(200);

const common = {
  normalisation: z
    .enum(normalisations)
    .default('row')
    .describe(
      'row: rows sum to 1. spectral: divided by the largest eigenvalue, which keeps symmetry. min-max: divided by the smaller of the largest row and column sums. none: as they are.',
    ),
  islands: z
    .enum(['refuse', 'keep'])
    .default('refuse')
    .describe('Units without neighbours under row normalisation: refuse names them; keep gives them spatial lags of 0.'),
  symmetric: flag.default(false).describe('Take the larger of w_ij and w_ji for both, before normalisation.'),
  combineWith: name
    .optional()
    .describe('Other weights of the same units (a name or hash) to combine these with, link by link, before normalisation.'),
  combineBy: z
    .enum(['product', 'mix'])
    .default('product')
    .describe('product: w_ij of both multiplied. mix: share of these, the rest of the others.'),
  share: number.pipe(z.number().min(0).max(1)).default(0.5).describe('Share of these weights in a mix.'),
  note: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe('A choice of yours to print with every result: which convention links an island, say.'),
};

const delimiter = z.string().length(1).optional().describe('Column separator of a CSV; seen from its header when left out.');
const id = name.optional().describe('Property or column that labels a unit, as the data set names its entities.');
const object = name.optional().describe('Which object of a TopoJSON file; the only one when left out.');

const order = {
  order: whole(50).default(1).describe('Order of contiguity: 2 are neighbours of neighbours that are no neighbours.'),
  cumulative: flag.default(false).describe('With an order above 1: all lower orders too.'),
};

const contiguity = {
  id,
  object,
  snap: number
    .pipe(z.number().min(0))
    .optional()
    .describe('Vertices this close are one, in the unit of the coordinates; 1e-9 of the larger side of the map when left out.'),
  ...order,
  ...common,
};

const placed = {
  id,
  x: name.optional().describe('CSV column of x or longitude; lon, longitude or x when left out.'),
  y: name.optional().describe('CSV column of y or latitude; lat, latitude or y when left out.'),
  object,
  metric: z
    .enum(['great-circle', 'planar'])
    .optional()
    .describe(
      'great-circle: coordinates are degrees, distances km. planar: distances in the unit of the coordinates. GeoJSON: great-circle; a CSV must say.',
    ),
  delimiter,
  ...common,
};

const valued = {
  id: name.describe('Column that labels a unit.'),
  value: name.describe('Column of the number.'),
  time: name.optional().describe('Column of the period, where a unit has several rows.'),
  base: z
    .string()
    .min(1)
    .optional()
    .describe(
      'With time: the period whose value is taken, or mean for the mean over all, which is endogenous when the outcome moves with it.',
    ),
  delimiter,
  ...common,
};

const kinds = [
  z.strictObject({
    kind: z.literal('edge-list').describe('A CSV with a header, one link a row.'),
    from: name.optional().describe('Column of the unit whose row it is; the first when left out.'),
    to: name.optional().describe('Column of its neighbour; the second when left out. Empty: a unit without links.'),
    weight: name
      .optional()
      .describe('Column of the weight; when left out one called weight, w or value, else every link weighs 1.'),
    direction: z.enum(['as-given', 'mirror']).default('as-given').describe('mirror: each row is a link in both directions.'),
    only: z.string().min(3).optional().describe('column=value: only these rows are links; the others still name units.'),
    delimiter,
    ...order,
    ...common,
  }),
  z.strictObject({
    kind: z.literal('matrix').describe('A CSV of n × n weights.'),
    labels: z
      .enum(['both', 'header', 'none'])
      .optional()
      .describe('Where labels stand; seen from the shape when left out. none: units are 1 … n.'),
    delimiter,
    ...common,
  }),
  z.strictObject({ kind: z.literal('gal').describe('GeoDa’s .gal file: neighbours.'), ...order, ...common }),
  z.strictObject({ kind: z.literal('gwt').describe('GeoDa’s .gwt file: links with weights.'), ...common }),
  z.strictObject({
    kind: z.literal('queen').describe('GeoJSON or TopoJSON polygons: areas that share a vertex.'),
    ...contiguity,
  }),
  z.strictObject({ kind: z.literal('rook').describe('GeoJSON or TopoJSON polygons: areas that share an edge.'), ...contiguity }),
  z.strictObject({
    kind: z.literal('k-nearest').describe('Places of units: each unit’s k nearest.'),
    k: whole(10_000).default(4).describe('Neighbours of each unit.'),
    ...placed,
  }),
  z.strictObject({
    kind: z.literal('distance-band').describe('Places of units: all within a distance.'),
    band: positive.optional().describe('km, or the unit of the plane; the smallest that leaves no unit alone when left out.'),
    ...placed,
  }),
  z.strictObject({
    kind: z.literal('inverse-distance').describe('Places of units: distance to a negative power.'),
    power: positive.default(1).describe('1 for 1/d, 2 for 1/d².'),
    cutoff: positive.optional().describe('No links beyond this, in km or the unit of the plane; all pairs when left out.'),
    ...placed,
  }),
  z.strictObject({
    kind: z.literal('kernel').describe('Places of units: a kernel of the distance.'),
    kernel: z.enum(kernels).default('triangular').describe('Shape of the kernel.'),
    bandwidth: positive.optional().describe('Fixed bandwidth, km or the unit of the plane. Left out: adaptive.'),
    neighbours: whole(10_000).default(8).describe('Adaptive bandwidth: so many neighbours have weight.'),
    ...placed,
  }),
  z.strictObject({
    kind: z.literal('economic').describe('A CSV of a number for each unit: 1/|z_i − z_j| for all pairs.'),
    ...valued,
  }),
  z.strictObject({
    kind: z.literal('economic-scaled').describe('A CSV of a number for each unit: other weights times diag(z_j / z̄).'),
    of: name.describe('The weights to scale (a name or hash), not normalised or by row.'),
    ...valued,
  }),
] as const;

/** How a file becomes weights: every field described, with its default. */
export const weightsOptions = z.discriminatedUnion('kind', kinds);

export type WeightsOptions = z.output<typeof weightsOptions>;

/** The other weights, by name or hash, that options speak of: to be handed to `weightsFromFile`. */
export function weightsNeeded(options: WeightsOptions): string[] {
  return [...(options.kind === 'economic-scaled' ? [options.of] : []), ...(options.combineWith ? [options.combineWith] : [])];
}
