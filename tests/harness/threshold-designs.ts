import { buildPanel, type Panel, PhiloxStream, threshold } from '@spillway/core';

/*
 * Simulated panels of 31 entities × 12 periods, as of provinces, on which size, coverage and verdicts of the threshold analysis are
 * known from simulations made before this program.
 */
const [entities, periods] = [31, 12];

export interface Design {
  /** change of the slope at q = 0 */
  readonly gap: number;
  /** share of the entity's mean in the regime regressor */
  readonly mean: number;
  /** standard deviation of the errors of an entity by its mean */
  readonly sigma: (mean: number) => number;
  /** standard deviations over time of the trends, the same for all entities, in the threshold variable, the regime regressor, the outcome */
  readonly trends?: { readonly q: number; readonly r: number; readonly y: number };
}

/** Errors of one variance; tied to the means of entities; alike, with trends in q, r and y that year effects would take out. */
export const alike: Design = { gap: 0, mean: 0, sigma: () => 1 };
export const tied: Design = { gap: 0, mean: 1, sigma: Math.exp };
export const trending: Design = { ...alike, trends: { q: 0.75, r: 0.75, y: 0.9 } };

/** y = m_i + x + (1 + gap · 1(q > 0)) r + σ(m_i) e,  q = m_i + u,  r = mean · m_i + v; with trends each plus its own, and r plus 1. */
export function simulateDesign(seed: number, { gap, mean, sigma, trends }: Design): Panel {
  const draws = new PhiloxStream(seed, 5);
  const m = Array.from({ length: entities }, () => draws.normal());
  const year = (i: number) => i % periods;
  const spread = Math.sqrt((periods ** 2 - 1) / 12); // of 0, 1, …, T − 1
  const rows = Array.from({ length: entities * periods }, (_, i) => {
    const own = m[Math.floor(i / periods)];
    const t = (year(i) - (periods - 1) / 2) / spread;
    const along = (size: number) => (trends ? size * t : 0);
    const [u, v, x] = [draws.normal(), draws.normal(), draws.normal()];
    const q = own + u + along(trends?.q ?? 0);
    const r = mean * own + v + (trends ? 1 : 0) + along(trends?.r ?? 0);
    const y = own + x + (1 + (q > 0 ? gap : 0)) * r + sigma(own) * draws.normal() + along(trends?.y ?? 0);
    return { q, r, x, y };
  });
  const column = (name: 'y' | 'x' | 'r' | 'q') => ({ name, values: rows.map((row) => row[name]) });
  return buildPanel({
    entity: { name: 'unit', values: rows.map((_, i) => `e${100 + Math.floor(i / periods)}`) },
    time: { name: 'year', values: rows.map((_, i) => 2000 + year(i)) },
    columns: [column('y'), column('x'), column('r'), column('q')],
  });
}

/** The whole analysis of such a panel. */
export function analyse(panel: Panel, seed: number, params: object) {
  const asked = threshold.params.parse({
    formula: 'y ~ x | unit',
    thresholdVariable: 'q',
    regimeRegressors: ['r'],
    timeEffectsCheck: false,
    ...params,
  });
  const { context, shards } = threshold.plan(asked, { panel }, seed);
  const parts = shards.map((shard) => threshold.run(asked, { panel }, context, shard, () => {}, seed));
  return threshold.combine(asked, { panel }, context, parts, seed);
}
