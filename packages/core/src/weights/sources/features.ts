import { InputError } from '../../errors.js';
import { decodeText } from '../../panel/csv-text.js';
import { Problems, quoted } from '../../panel/problems.js';
import { didYouMean } from '../../suggest.js';
import { topologyFeatures } from './topojson.js';

/** x and y, or longitude and latitude. */
export type Position = readonly [number, number];

/** What a geometry is made of: rings of its polygons, outer and holes alike, or points. */
export interface Shape {
  readonly rings: readonly (readonly Position[])[];
  readonly points: readonly Position[];
}

export interface Feature {
  readonly label: string;
  readonly shape: Shape;
}

/** A feature before its label is chosen. */
export interface RawFeature {
  readonly id: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  /** GeoJSON geometry */
  readonly geometry: unknown;
}

export interface FeatureOptions {
  /** property that labels a unit; the features' own ids when left out */
  readonly id?: string | undefined;
  /** which object of a TopoJSON file; the only one when left out */
  readonly object?: string | undefined;
}

/**
 * The features of a GeoJSON FeatureCollection or of one object of a TopoJSON topology.
 *
 * Positions are taken as written: RFC 7946 means longitude and latitude in degrees, and a third number is left aside.
 * @throws InputError with every feature that is wrong, named: not_json, not_geojson, unknown_object, id_needed, unknown_property,
 *   missing_label, duplicate_label, no_geometry, bad_position
 */
export function readFeatures(bytes: Uint8Array, options: FeatureOptions = {}): Feature[] {
  const raw = rawFeatures(parseJson(bytes), options);
  const labelOf = labeller(raw, options.id);
  const problems = new Problems();
  const features: Feature[] = [];
  const seen = new Set<string>();
  for (const [k, feature] of raw.entries()) {
    const label = labelOf(feature);
    const shape: { rings: Position[][]; points: Position[] } = { rings: [], points: [] };
    const fault = gather(feature.geometry, shape);
    if (label === '') problems.add('missing_label', `feature ${k + 1} has no ${options.id ?? 'id'}`);
    else if (seen.has(label)) {
      problems.add('duplicate_label', `two features are labelled ${quoted(label)}: merge them into one multipolygon`);
    } else if (fault !== null) problems.add(fault.code, `feature ${quoted(label)}: ${fault.message}`);
    else features.push({ label, shape });
    seen.add(label);
  }
  problems.throwIfAny();
  return features;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes).replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw InputError.one('not_json', `the file is not JSON: ${(error as Error).message}`);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function rawFeatures(json: unknown, { object }: FeatureOptions): RawFeature[] {
  const found = isRecord(json) ? json.type : undefined;
  if (isRecord(json) && found === 'Topology') return topologyFeatures(json, object);
  if (isRecord(json) && found === 'FeatureCollection' && Array.isArray(json.features) && json.features.length > 0) {
    return json.features.map((feature: unknown) => ({
      id: isRecord(feature) ? feature.id : undefined,
      properties: isRecord(feature) && isRecord(feature.properties) ? feature.properties : {},
      geometry: isRecord(feature) ? feature.geometry : undefined,
    }));
  }
  throw InputError.one(
    'not_geojson',
    `needed a GeoJSON FeatureCollection with features or a TopoJSON Topology, got type ${JSON.stringify(found) ?? 'none'}`,
  );
}

function labeller(features: readonly RawFeature[], id: string | undefined): (feature: RawFeature) => string {
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '');
  const names = [...new Set(features.slice(0, 100).flatMap(({ properties }) => Object.keys(properties)))];
  if (id !== undefined) {
    if (names.includes(id)) return ({ properties }) => text(properties[id]);
    if (id === 'id' && features.every((feature) => text(feature.id) !== '')) return (feature) => text(feature.id);
    throw InputError.one(
      'unknown_property',
      `no feature has a property ${quoted(id)}${didYouMean(id, names)}: there are ${names.join(', ')}`,
      '/id',
    );
  }
  if (features.every((feature) => text(feature.id) !== '')) return (feature) => text(feature.id);
  if (names.length === 1) return ({ properties }) => text(properties[names[0]]);
  throw InputError.one('id_needed', `features have no ids: say which property labels them (id): ${names.join(', ')}`, '/id');
}

interface Fault {
  readonly code: string;
  readonly message: string;
}

/** Adds a geometry's rings and points to a shape; what is wrong with it, or null. */
function gather(geometry: unknown, shape: { rings: Position[][]; points: Position[] }): Fault | null {
  if (!isRecord(geometry)) return { code: 'no_geometry', message: 'has no geometry' };
  const { type, coordinates, geometries } = geometry;
  switch (type) {
    case 'GeometryCollection':
      return list(geometries, (inner) => gather(inner, shape));
    case 'MultiPolygon':
      return list(coordinates, (polygon) => list(polygon, (ring) => gatherRing(ring, shape.rings)));
    case 'Polygon':
      return list(coordinates, (ring) => gatherRing(ring, shape.rings));
    case 'MultiPoint':
      return list(coordinates, (position) => gatherPoint(position, shape.points));
    case 'Point':
      return gatherPoint(coordinates, shape.points);
    default:
      return { code: 'no_geometry', message: `a ${String(type)} is neither polygon nor point` };
  }
}

function list(items: unknown, take: (item: unknown) => Fault | null): Fault | null {
  if (!Array.isArray(items) || items.length === 0) return { code: 'no_geometry', message: 'its geometry is empty' };
  for (const item of items) {
    const fault = take(item);
    if (fault !== null) return fault;
  }
  return null;
}

function gatherPoint(position: unknown, points: Position[]): Fault | null {
  if (!isPosition(position))
    return { code: 'bad_position', message: `${JSON.stringify(position)} is not a position of two numbers` };
  points.push(position);
  return null;
}

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);

/**
 * A ring is closed (its last position is its first), has at least three different ones, and encloses an area. Rings that cross
 * themselves are let through: what borders on what does not depend on it.
 */
function gatherRing(ring: unknown, rings: Position[][]): Fault | null {
  const invalid = (message: string) => ({ code: 'invalid_ring', message: `a ring ${message}` });
  if (!Array.isArray(ring)) return invalid('is not a list of positions');
  const bad = ring.find((position) => !isPosition(position));
  if (bad !== undefined) return { code: 'bad_position', message: `${JSON.stringify(bad)} is not a position of two numbers` };
  const positions = ring as Position[];
  if (positions.length < 4)
    return invalid(`has ${positions.length} positions; it needs at least 4, the last being the first again`);
  const [first, last] = [positions[0], positions[positions.length - 1]];
  if (first[0] !== last[0] || first[1] !== last[1]) {
    return invalid(`is not closed: it starts at ${first[0]}, ${first[1]} and ends at ${last[0]}, ${last[1]}`);
  }
  if (ringArea(positions) === 0) return invalid(`at ${first[0]}, ${first[1]} encloses no area`);
  rings.push(positions);
  return null;
}

/** Signed area by the shoelace formula, from the first position so that far-off origins cost no digits. */
export function ringArea(ring: readonly Position[]): number {
  const [x0, y0] = ring[0];
  let twice = 0;
  for (let k = 1; k < ring.length; k++) {
    const [ax, ay, bx, by] = [ring[k - 1][0] - x0, ring[k - 1][1] - y0, ring[k][0] - x0, ring[k][1] - y0];
    twice += ax * by - bx * ay;
  }
  return twice / 2;
}
