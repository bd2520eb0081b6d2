import { InputError } from '../../errors.js';
import { quoted } from '../../panel/problems.js';

/** Places of units: longitude and latitude in degrees, or x and y on a plane in any one unit. */
export interface Places {
  readonly labels: readonly string[];
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export type Metric = 'great-circle' | 'planar';

/** Mean radius of the Earth (IUGG), km: great circles are those of a sphere, within 0.56 % of the ellipsoid's. */
export const earthRadiusKm = 6371.0088;

/** Points in a space where nearer is nearer: the plane, or the unit sphere by its chords. */
export interface MetricSpace {
  readonly dimensions: 2 | 3;
  /** length dimensions · n, point by point */
  readonly coordinates: Float64Array;
  /** of a squared distance in the space: km, or the unit of the plane */
  distance(squared: number): number;
  /** the squared distance in the space that a distance is */
  squared(distance: number): number;
  /** 'km' or 'units of the coordinates' */
  readonly unit: string;
}

/**
 * @throws InputError not_a_coordinate, not_degrees, mixed_coordinates (some units in degrees, others in metres or the like)
 */
export function metricSpace(places: Places, metric: Metric): MetricSpace {
  requireOneSystem(places, metric);
  const { x, y } = places;
  const n = x.length;
  if (metric === 'planar') {
    const coordinates = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) coordinates.set([x[i], y[i]], 2 * i);
    return {
      dimensions: 2,
      coordinates,
      distance: Math.sqrt,
      squared: (distance) => distance * distance,
      unit: 'units of the coordinates',
    };
  }
  const coordinates = new Float64Array(3 * n);
  const radians = Math.PI / 180;
  for (let i = 0; i < n; i++) {
    const [longitude, latitude] = [x[i] * radians, y[i] * radians];
    const c = Math.cos(latitude);
    coordinates.set([c * Math.cos(longitude), c * Math.sin(longitude), Math.sin(latitude)], 3 * i);
  }
  return {
    dimensions: 3,
    coordinates,
    distance: (squared) => 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(squared) / 2)),
    squared: (km) => (2 * Math.sin(Math.min(km / (2 * earthRadiusKm), Math.PI / 2))) ** 2,
    unit: 'km',
  };
}

const looksLikeDegrees = (x: number, y: number) => Math.abs(x) <= 360 && Math.abs(y) <= 90;
/** Beyond this a coordinate is in metres or feet of some projection. */
const projected = 10_000;

/** Refuses coordinates that are not numbers, not degrees where degrees are meant, or of two systems. */
export function requireOneSystem({ labels, x, y }: Places, metric: Metric): void {
  const all = Array.from(labels, (_, i) => i);
  const named = (units: readonly number[]) =>
    `${units
      .slice(0, 5)
      .map((i) => `${quoted(labels[i])} (${x[i]}, ${y[i]})`)
      .join(', ')}${units.length > 5 ? ', …' : ''}`;
  const bad = all.filter((i) => !Number.isFinite(x[i]) || !Number.isFinite(y[i]));
  if (bad.length > 0) throw InputError.one('not_a_coordinate', `${bad.length} units have no finite coordinates: ${named(bad)}`);
  const degrees = all.filter((i) => looksLikeDegrees(x[i], y[i]));
  if (metric === 'planar') {
    const far = all.filter((i) => Math.abs(x[i]) > projected || Math.abs(y[i]) > projected);
    if (degrees.length === 0 || far.length === 0 || degrees.length + far.length < labels.length) return;
    const few = degrees.length < far.length ? degrees : far;
    throw InputError.one(
      'mixed_coordinates',
      `${degrees.length} units look like degrees and ${far.length} like a projection; the fewer are ${named(few)}: bring all to one system`,
    );
  }
  if (degrees.length === labels.length) return;
  const others = all.filter((i) => !looksLikeDegrees(x[i], y[i]));
  const swapped = others.every((i) => looksLikeDegrees(y[i], x[i])) ? '; are longitude and latitude swapped?' : '';
  if (others.length === labels.length) {
    throw InputError.one('not_degrees', `coordinates are not degrees: ${named(others)}; say metric: planar${swapped}`, '/metric');
  }
  throw InputError.one(
    'mixed_coordinates',
    `${others.length} of ${labels.length} units are not in degrees: ${named(others)}${swapped}; bring all to one system`,
  );
}
