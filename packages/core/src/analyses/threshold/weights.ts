/** What an entity's residuals are multiplied by in the wild bootstrap. Stored in params and results: never rename. */
export const wildWeights = ['rademacher', 'mammen', 'webb'] as const;
export type WildWeights = (typeof wildWeights)[number];

export const weightWords: Readonly<Record<WildWeights, string>> = {
  rademacher: 'Rademacher’s −1 or 1',
  mammen: 'Mammen’s two points, −0.618 or 1.618',
  webb: 'Webb’s six points, ±√½, ±1, ±√1½',
};
