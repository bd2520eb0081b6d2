import type { PhiloxStream } from '../../random/stream.js';

/** What an entity's residuals are multiplied by in the wild bootstrap. Stored in params and results: never rename. */
export const wildWeights = ['rademacher', 'mammen', 'webb'] as const;
export type WildWeights = (typeof wildWeights)[number];

export const fillWeights: Readonly<Record<WildWeights, (stream: PhiloxStream, out: Float64Array) => void>> = {
  rademacher: (stream, out) => stream.signs(out),
  mammen: (stream, out) => stream.mammens(out),
  webb: (stream, out) => stream.webbs(out),
};

/** The largest weight in absolute value, rounded up: what bounds on sums of weighted terms need. */
export const largestWeight: Readonly<Record<WildWeights, number>> = { rademacher: 1, mammen: 1.619, webb: 1.225 };

export const weightWords: Readonly<Record<WildWeights, string>> = {
  rademacher: 'Rademacher’s −1 or 1',
  mammen: 'Mammen’s two points, −0.618 or 1.618',
  webb: 'Webb’s six points, ±√½, ±1, ±√1½',
};
