import { InputError } from '../../errors.js';
import { canonicalEntities } from '../../panel/build.js';
import { quoted } from '../../panel/problems.js';
import { type Weights, weightsFromLinks } from '../weights.js';
import { type Metric, type MetricSpace, metricSpace, type Places } from './metric.js';
import { type NeighbourIndex, neighbourIndex } from './nearest.js';
import { LinkList } from './units.js';

/** More links than this are 240 MB: a cut-off or fewer neighbours are meant. */
export const maxLinks = 20_000_000;

export const kernels = ['uniform', 'triangular', 'epanechnikov', 'quartic', 'gaussian'] as const;
export type DistanceKernel = (typeof kernels)[number];

interface Located {
  readonly labels: readonly string[];
  readonly space: MetricSpace;
  readonly index: NeighbourIndex;
  readonly note: string;
}

/** Units in the order of their labels, so that ties do not depend on the order of the file. */
function locate(places: Places, metric: Metric): Located {
  const { labels, codeOf } = canonicalEntities(places.labels);
  if (labels.length < places.labels.length) {
    const seen = new Set<number>();
    const twice = places.labels.find((_, k) => seen.has(codeOf[k]) || !seen.add(codeOf[k]));
    throw InputError.one('duplicate_label', `two units have the label ${quoted(twice ?? '')}`);
  }
  const [x, y] = [new Float64Array(labels.length), new Float64Array(labels.length)];
  for (let k = 0; k < labels.length; k++) {
    x[codeOf[k]] = places.x[k];
    y[codeOf[k]] = places.y[k];
  }
  const space = metricSpace({ labels, x, y }, metric);
  const note =
    metric === 'great-circle'
      ? 'great-circle distance in km on a sphere of 6371.0088 km'
      : 'planar distance in units of the coordinates';
  return { labels, space, index: neighbourIndex(space.coordinates, space.dimensions), note };
}

/**
 * w_ij = 1 for the k units nearest to i; not symmetric. Ties go to the unit whose label comes first.
 *
 * @throws InputError too_few_units (k must be below n), and those of the coordinates
 */
export function nearestWeights(places: Places, metric: Metric, k: number): Weights {
  const { labels, index, note } = locate(places, metric);
  requireNeighbours(labels.length, k);
  const links = new LinkList();
  const [out, squared] = [new Uint32Array(k), new Float64Array(k)];
  for (let i = 0; i < labels.length; i++) {
    index.nearest(i, k, out, squared);
    for (let m = 0; m < k; m++) links.add(i, out[m], 1);
  }
  return weightsFromLinks({ labels, ...links, kind: 'k-nearest', notes: [`${k} nearest neighbours`, note] });
}

/** The greatest distance from a unit to its nearest: the smallest band that leaves no unit alone. */
export function smallestBand(places: Places, metric: Metric): number {
  const { labels, space, index } = locate(places, metric);
  requireNeighbours(labels.length, 1);
  return smallestReach(labels.length, space, index);
}

function smallestReach(n: number, space: MetricSpace, index: NeighbourIndex): number {
  const [out, squared] = [new Uint32Array(1), new Float64Array(1)];
  let widest = 0;
  for (let i = 0; i < n; i++) {
    index.nearest(i, 1, out, squared);
    if (squared[0] > widest) widest = squared[0];
  }
  return space.distance(widest);
}

/** How much further than the band a unit may be by rounding: a band that is a printed distance still reaches its unit. */
const bandRounding = 1 + 1e-12;

/**
 * w_ij = 1 where d_ij ≤ band (units at one place are neighbours).
 *
 * @param band  km, or the unit of the plane; null takes the smallest that leaves no unit alone
 */
export function bandWeights(places: Places, metric: Metric, band: number | null): Weights {
  const located = locate(places, metric);
  const reach = band ?? smallestReach(located.labels.length, located.space, located.index);
  const chosen = band === null ? ', the smallest that leaves no unit alone' : '';
  const links = linksWithin(
    located,
    () => reach,
    () => 1,
  );
  const notes = [`neighbours within ${reach} ${located.space.unit}${chosen}`, located.note];
  return weightsFromLinks({ labels: located.labels, ...links, kind: 'distance-band', notes });
}

/**
 * w_ij = d_ij^−power where d_ij ≤ cutoff.
 *
 * @param cutoff  km, or the unit of the plane; null links every pair, n (n − 1) links
 * @throws InputError coincident_units (1/0), too_many_links
 */
export function inverseDistanceWeights(places: Places, metric: Metric, power: number, cutoff: number | null): Weights {
  const located = locate(places, metric);
  const { labels } = located;
  if (cutoff === null) requireLinks(labels.length * (labels.length - 1), 'set a cut-off');
  const links = linksWithin(
    located,
    () => cutoff ?? Number.POSITIVE_INFINITY,
    (d, i, j) => {
      if (d === 0) {
        throw InputError.one(
          'coincident_units',
          `${quoted(labels[i])} and ${quoted(labels[j])} are at one place: their inverse distance is 1/0; move or merge them`,
        );
      }
      return d ** -power;
    },
  );
  const where = cutoff === null ? 'all pairs' : `within ${cutoff} ${located.space.unit}`;
  const notes = [`distance to the power ${-power}, ${where}`, located.note];
  return weightsFromLinks({ labels, ...links, kind: 'inverse-distance', notes });
}

export type Bandwidth = { readonly fixed: number } | { readonly neighbours: number };

/**
 * w_ij = K(d_ij / h_i): uniform ½ on [0, 1]; triangular 1 − z; epanechnikov ¾(1 − z²); quartic 15/16 (1 − z²)²; gaussian
 * (2π)^−½ exp(−z²/2), cut at z = 3. w_ii = 0.
 *
 * @param bandwidth  h in km or the unit of the plane; or h_i = the distance to the (k + 1)-th neighbour, so that k have weight
 * @see Anselin & Rey (2014), Modern Spatial Econometrics in Practice, §3.4
 */
export function kernelWeights(places: Places, metric: Metric, kernel: DistanceKernel, bandwidth: Bandwidth): Weights {
  const located = locate(places, metric);
  const n = located.labels.length;
  let h: (i: number) => number;
  if ('fixed' in bandwidth) h = () => bandwidth.fixed;
  else {
    const k = bandwidth.neighbours + 1;
    requireNeighbours(n, k);
    const [out, squared] = [new Uint32Array(k), new Float64Array(k)];
    const widths = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      located.index.nearest(i, k, out, squared);
      widths[i] = located.space.distance(squared[k - 1]);
      if (widths[i] > 0) continue;
      throw InputError.one(
        'coincident_units',
        `${quoted(located.labels[i])} and its ${k} nearest are at one place: its bandwidth would be 0; take more neighbours`,
      );
    }
    h = (i) => widths[i];
  }
  const { value, reach } = kernelForms[kernel];
  const links = linksWithin(
    located,
    (i) => reach * h(i),
    (d, i) => value(d / h(i)),
  );
  const width =
    'fixed' in bandwidth
      ? `bandwidth ${bandwidth.fixed} ${located.space.unit}`
      : `bandwidth of each unit its distance to neighbour ${bandwidth.neighbours + 1}`;
  return weightsFromLinks({
    labels: located.labels,
    ...links,
    kind: 'kernel',
    notes: [`${kernel} kernel, ${width}; the unit itself has weight 0`, located.note],
  });
}

const kernelForms: Record<DistanceKernel, { value: (z: number) => number; reach: number }> = {
  uniform: { value: (z) => (z <= 1 ? 0.5 : 0), reach: 1 },
  triangular: { value: (z) => Math.max(0, 1 - z), reach: 1 },
  epanechnikov: { value: (z) => Math.max(0, 0.75 * (1 - z * z)), reach: 1 },
  quartic: { value: (z) => (z < 1 ? (15 / 16) * (1 - z * z) ** 2 : 0), reach: 1 },
  gaussian: { value: (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI), reach: 3 },
};

/** Links to every unit within reach, with a weight of the distance. */
function linksWithin(
  { labels, space, index }: Located,
  reach: (i: number) => number,
  weight: (distance: number, i: number, j: number) => number,
): LinkList {
  const links = new LinkList();
  for (let i = 0; i < labels.length; i++) {
    const distance = reach(i);
    const limit = distance === Number.POSITIVE_INFINITY ? distance : space.squared(distance) * bandRounding;
    index.within(i, limit, (j, squared) => links.add(i, j, weight(space.distance(squared), i, j)));
    requireLinks(links.values.length, 'narrow the reach');
  }
  return links;
}

function requireLinks(count: number, advice: string): void {
  if (count <= maxLinks) return;
  const [got, limit] = [count.toLocaleString('en'), maxLinks.toLocaleString('en')];
  throw InputError.one('too_many_links', `${got} links and more; at most ${limit} are kept: ${advice}`);
}

function requireNeighbours(n: number, k: number): void {
  if (k >= 1 && k < n) return;
  throw InputError.one('too_few_units', `${k} neighbours need at least ${k + 1} units, got ${n}`, '/k');
}
