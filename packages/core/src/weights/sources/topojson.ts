import { InputError } from '../../errors.js';
import { quoted } from '../../panel/problems.js';
import { didYouMean } from '../../suggest.js';
import type { Position, RawFeature } from './features.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The geometries of one object of a TopoJSON topology as features: arcs are decoded (quantised ones are delta-encoded) and
 * stitched; a negative number is an arc backwards.
 *
 * @see github.com/topojson/topojson-specification, §2.1.4
 */
export function topologyFeatures(topology: Json, object: string | undefined): RawFeature[] {
  const objects = (topology.objects ?? {}) as Readonly<Record<string, Json>>;
  const names = Object.keys(objects);
  const name = object ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    throw InputError.one(
      'unknown_object',
      `the topology has several objects, say which (object): ${names.join(', ')}`,
      '/object',
    );
  }
  if (!names.includes(name)) {
    throw InputError.one(
      'unknown_object',
      `there is no object ${quoted(name)}${didYouMean(name, names)}: ${names.join(', ')}`,
      '/object',
    );
  }
  const point = positionReader(topology.transform as Json | undefined);
  const arcs = decodeArcs(topology.arcs, topology.transform as Json | undefined);
  const chosen = objects[name];
  const geometries = chosen.type === 'GeometryCollection' ? (chosen.geometries as readonly Json[]) : [chosen];
  return geometries.map((geometry) => ({
    id: geometry.id,
    properties: (geometry.properties ?? {}) as Json,
    geometry: decodeGeometry(geometry, arcs, point),
  }));
}

function decodeGeometry(
  geometry: Json,
  arcs: readonly (readonly Position[])[],
  point: (raw: readonly number[]) => Position,
): unknown {
  const ring = (indices: readonly number[]) => stitch(indices, arcs);
  const { type } = geometry;
  if (type === 'Polygon') return { type, coordinates: (geometry.arcs as number[][]).map(ring) };
  if (type === 'MultiPolygon') return { type, coordinates: (geometry.arcs as number[][][]).map((rings) => rings.map(ring)) };
  if (type === 'Point') return { type, coordinates: point(geometry.coordinates as number[]) };
  if (type === 'MultiPoint') return { type, coordinates: (geometry.coordinates as number[][]).map(point) };
  if (type === 'GeometryCollection') {
    return { type, geometries: (geometry.geometries as Json[]).map((inner) => decodeGeometry(inner, arcs, point)) };
  }
  return geometry.type === null || geometry.type === undefined ? null : geometry;
}

/** Arcs one after another; each starts where the one before ended, and that position is written once. */
function stitch(indices: readonly number[], arcs: readonly (readonly Position[])[]): Position[] {
  const ring: Position[] = [];
  for (const index of indices) {
    const arc = arcs[index < 0 ? ~index : index];
    if (arc === undefined) throw InputError.one('not_topojson', `a geometry names arc ${index}, and there are ${arcs.length}`);
    const directed = index < 0 ? [...arc].reverse() : arc;
    for (let k = ring.length === 0 ? 0 : 1; k < directed.length; k++) ring.push(directed[k]);
  }
  return ring;
}

function positionReader(transform: Json | undefined): (raw: readonly number[]) => Position {
  if (transform === undefined) return ([x, y]) => [x, y];
  const [scale, translate] = [transform.scale as number[], transform.translate as number[]];
  return ([x, y]) => [x * scale[0] + translate[0], y * scale[1] + translate[1]];
}

function decodeArcs(arcs: unknown, transform: Json | undefined): Position[][] {
  if (!Array.isArray(arcs)) throw InputError.one('not_topojson', 'the topology has no arcs');
  const point = positionReader(transform);
  return (arcs as number[][][]).map((arc) => {
    let [x, y] = [0, 0];
    return arc.map((raw): Position => {
      if (transform === undefined) return [raw[0], raw[1]];
      x += raw[0];
      y += raw[1];
      return point([x, y]);
    });
  });
}
