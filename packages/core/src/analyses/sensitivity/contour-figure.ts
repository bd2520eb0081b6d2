import { vegaLite } from '../../report/cells.js';
import type { Figure } from '../../report/report.js';
import type { Contour } from '../../sensitivity/contours.js';
import type { SensitivityResult } from './result.js';
import { show } from './words.js';

export const red = '#c0392b';

type Row = Readonly<Record<string, unknown>>;

/** A point with its label. */
export type Marked = { readonly x: number; readonly y: number; readonly text: string };

export interface ContourPicture {
  readonly title: string;
  readonly caption: string;
  readonly lines: readonly Contour[];
  readonly threshold: readonly Contour[];
  readonly limit: number;
  readonly points: readonly Marked[];
  readonly origin: string;
}

/** Lines of a number over the strength of a confounder, the line that matters in red, benchmarks as diamonds. */
export function contourFigure({ treatment, variables }: SensitivityResult, picture: ContourPicture): Figure {
  const { title, caption, lines, threshold, limit, points, origin } = picture;
  const axis = (field: string, title: string) => ({
    field,
    type: 'quantitative',
    title,
    scale: { domain: [0, limit], nice: false },
  });
  const x = axis('x', `Share of what is left of ${treatment.term} that the confounder explains (partial R²)`);
  const y = axis('y', `Share of what is left of ${variables.outcome} (partial R²)`);
  const rowsOf = (contours: readonly Contour[]): Row[] =>
    contours.flatMap(({ level, points: line }, n) => line.map((point, at) => ({ ...rounded(point), level, line: n, at })));
  const detail = { field: 'line', type: 'nominal' };
  const order = { field: 'at', type: 'quantitative' };
  const line = (values: readonly Row[], mark: Row): Row => ({
    data: { values },
    mark: { type: 'line', clip: true, interpolate: 'linear', ...mark },
    encoding: { x, y, detail, order },
  });
  const text = (values: readonly Row[], mark: Row, field = 'text'): Row => ({
    data: { values },
    mark: { type: 'text', clip: true, ...mark },
    encoding: { x, y, text: { field, type: 'nominal' } },
  });
  const point = (values: readonly Row[], mark: Row): Row => ({
    data: { values },
    mark: { type: 'point', filled: true, opacity: 1, ...mark },
    encoding: { x, y },
  });
  const start = [{ x: 0, y: 0, text: `Unadjusted (${origin})` }];
  const labelOf = (contours: readonly Contour[]) =>
    contours.map((contour) => ({ ...labelPoint(contour), text: show(contour.level) }));
  return {
    title,
    caption,
    spec: {
      $schema: vegaLite,
      width: side,
      height: side,
      layer: [
        line(rowsOf(lines), { color: '#b0b0b0', strokeWidth: 1 }),
        text(labelOf(lines.filter(({ points: some }) => some.length > 0)), { color: '#7f7f7f', fontSize: 10 }),
        line(rowsOf(threshold), { color: red, strokeWidth: 2, strokeDash: [6, 4] }),
        text(labelOf(threshold.filter(({ points: some }) => some.length > 0).slice(0, 1)), { color: red, fontSize: 10, dy: -8 }),
        point(start, { shape: 'triangle-up', color: 'black', size: 90 }),
        point(points, { shape: 'diamond', color: red, size: 80 }),
        text(spacedLabels([...start, ...points], limit), { clip: false, align: 'left', baseline: 'bottom', fontSize: 10 }),
      ],
    },
  };
}

/** Pixels of the square, of a label's height and of one of its characters. */
const side = 460;
const labelHeight = 12;
const characterWidth = 5.6;

/** Labels right above their points, moved up until they are clear of those before. */
function spacedLabels(points: readonly Marked[], limit: number): Marked[] {
  const placed: { left: number; right: number; bottom: number }[] = [];
  return points.map(({ x, y, text }) => {
    const width = characterWidth * text.length;
    const left = Math.max(0, Math.min((x / limit) * side + 7, side - width));
    const clear = (bottom: number) =>
      placed.every((other) => other.right < left || other.left > left + width || Math.abs(other.bottom - bottom) >= labelHeight);
    let bottom = (y / limit) * side + 3;
    while (!clear(bottom) && bottom < side) bottom += labelHeight;
    placed.push({ left, right: left + width, bottom });
    return { ...rounded({ x: (left / side) * limit, y: (bottom / side) * limit }), text };
  });
}

const rounded = ({ x, y }: { readonly x: number; readonly y: number }) => ({
  x: Number(x.toPrecision(6)),
  y: Number(y.toPrecision(6)),
});

/** The point of a line that is nearest to the diagonal carries its label. */
function labelPoint({ points }: Contour): { x: number; y: number } {
  return rounded(
    points.reduce((best, point) => (Math.abs(point.x - point.y) < Math.abs(best.x - best.y) ? point : best), points[0]),
  );
}
