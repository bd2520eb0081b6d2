import { InputError } from '../../errors.js';
import { quoted } from '../../panel/problems.js';
import { type Feature, type FeatureOptions, type Position, readFeatures, ringArea } from './features.js';
import type { Metric, Places } from './metric.js';
import { columnPlace, numberCell, readTable, usualColumn } from './table.js';

export interface PlaceOptions extends FeatureOptions {
  /** columns of a CSV */
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly metric?: Metric | undefined;
  readonly delimiter?: string | undefined;
}

/**
 * Coordinates of units from a CSV (columns of label, x, y) or from GeoJSON or TopoJSON (points; polygons by their centroids).
 *
 * @returns with the metric: that asked for; degrees for GeoJSON; a CSV must say, for numbers do not tell
 * @throws InputError unknown_column, id_needed, metric_needed, and those of the features
 */
export function readPlaces(bytes: Uint8Array, options: PlaceOptions): { places: Places; metric: Metric } {
  const head = new TextDecoder().decode(bytes.subarray(0, 64)).replace(/^\uFEFF/, '');
  if (/^\s*\{/.test(head)) {
    const features = readFeatures(bytes, options);
    const positions = features.map(positionOf);
    return {
      places: {
        labels: features.map(({ label }) => label),
        x: Float64Array.from(positions, ([x]) => x),
        y: Float64Array.from(positions, ([, y]) => y),
      },
      metric: options.metric ?? 'great-circle',
    };
  }
  const table = readTable(bytes, options.delimiter);
  const usual = { x: ['x', 'lon', 'lng', 'long', 'longitude'], y: ['y', 'lat', 'latitude'], id: ['id', 'name', 'unit'] };
  const place = (axis: 'x' | 'y' | 'id') => {
    const given = options[axis];
    if (given !== undefined) return columnPlace(table, given, axis);
    const found = usualColumn(table, usual[axis]);
    if (found >= 0) return found;
    if (axis === 'id') return 0;
    throw InputError.one('unknown_column', `say which column holds ${axis}: ${table.names.join(', ')}`, `/${axis}`);
  };
  if (options.metric === undefined) {
    throw InputError.one(
      'metric_needed',
      'say whether coordinates are degrees (metric: great-circle, distances in km) or on a plane (metric: planar, distances in their unit)',
      '/metric',
    );
  }
  const [id, x, y] = [place('id'), place('x'), place('y')];
  const column = (at: number) => Float64Array.from(table.rows, (_, row) => numberCell(table, row, at));
  return { places: { labels: table.rows.map((cells) => cells[id]), x: column(x), y: column(y) }, metric: options.metric };
}

/** A point; the mean of several; or the centroid of all rings by their areas, holes with the sign of their direction. */
function positionOf({ label, shape }: Feature): Position {
  const { points, rings } = shape;
  if (points.length > 0) {
    const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    return [mean(0), mean(1)];
  }
  let [area, sx, sy] = [0, 0, 0];
  for (const ring of rings) {
    const [x0, y0] = ring[0];
    const ringTotal = ringArea(ring);
    let [mx, my] = [0, 0];
    for (let k = 1; k < ring.length; k++) {
      const [ax, ay, bx, by] = [ring[k - 1][0] - x0, ring[k - 1][1] - y0, ring[k][0] - x0, ring[k][1] - y0];
      mx += (ax + bx) * (ax * by - bx * ay);
      my += (ay + by) * (ax * by - bx * ay);
    }
    area += ringTotal;
    sx += mx / 6 + ringTotal * x0;
    sy += my / 6 + ringTotal * y0;
  }
  if (area === 0) throw InputError.one('invalid_ring', `feature ${quoted(label)}: its rings cancel one another`);
  return [sx / area, sy / area];
}
