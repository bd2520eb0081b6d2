import type { WildWeights } from '../../resampling/wild-weights.js';

export { type WildWeights, wildWeights } from '../../resampling/wild-weights.js';

export const weightWords: Readonly<Record<WildWeights, string>> = {
  rademacher: 'Rademacher’s −1 or 1',
  mammen: 'Mammen’s two points, −0.618 or 1.618',
  webb: 'Webb’s six points, ±√½, ±1, ±√1½',
};
