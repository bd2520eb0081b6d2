import { regimesOf } from './linear-model.js';
import type { Conventions } from './programs.js';
import type { ThresholdSample } from './sample.js';

/** More entities than this are counted and not named. */
const mostNamed = 200;

/** Rows and entities of each regime, over all periods and in each, and which entities change regime. */
export function countRegimes(sample: ThresholdSample, thresholds: readonly number[], { rule }: Conventions) {
  const { entity, entities, entityLabels, time, timeLabels, threshold } = sample;
  const regime = regimesOf(threshold.values, thresholds, rule);
  const rows = new Array<number>(thresholds.length + 1).fill(0);
  const present = rows.map(() => new Uint8Array(entities));
  const byPeriod = timeLabels.map(() => rows.map(() => 0));
  for (let row = 0; row < regime.length; row++) {
    rows[regime[row]]++;
    present[regime[row]][entity[row]] = 1;
    byPeriod[time[row]][regime[row]]++;
  }
  const switchers = entityLabels.filter((_, e) => present.reduce((regimes, inside) => regimes + inside[e], 0) > 1);
  return {
    regimes: rows.map((count, g) => ({ regime: g + 1, rows: count, entities: present[g].reduce((sum, one) => sum + one, 0) })),
    regimesByPeriod: timeLabels.map((period, t) => ({ period, entities: byPeriod[t] })),
    switching: switchers.length,
    switchingEntities: switchers.slice(0, mostNamed),
  };
}
