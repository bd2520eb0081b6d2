import type { Panel } from '../panel/panel.js';

/** One variable of one entity on the calendar: a value for every step from its first to its last, NaN where there is none. */
export interface Series {
  readonly entity: string;
  /** number of the first value's period in steps of the panel, counted from the panel's first */
  readonly start: number;
  readonly values: Float64Array;
  /** values that are there */
  readonly count: number;
}

/**
 * The series of each entity that has at least one value, in the panel's order.
 *
 * @param values  one number for each row of the panel, NaN where missing
 */
export function calendarSeries({ entity, time }: Panel, values: Float64Array): Series[] {
  const positions = Float64Array.from(time.values, (value) => (value - time.values[0]) / time.step);
  return entity.labels.flatMap((label, e): Series[] => {
    const rows: number[] = [];
    for (let row = entity.starts[e]; row < entity.starts[e + 1]; row++) if (!Number.isNaN(values[row])) rows.push(row);
    if (rows.length === 0) return [];
    const start = positions[time.codes[rows[0]]];
    const on = new Float64Array(positions[time.codes[rows[rows.length - 1]]] - start + 1).fill(Number.NaN);
    for (const row of rows) on[positions[time.codes[row]] - start] = values[row];
    return [{ entity: label, start, values: on, count: rows.length }];
  });
}

/** Δx_t = x_t − x_{t−1} at t = 1 … of x_0 …; NaN where either is missing. */
export function differences(x: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, x.length - 1) }, (_, t) => x[t + 1] - x[t]);
}

/** The series of first differences; none for an entity without two consecutive values. */
export function differencedSeries(all: readonly Series[]): Series[] {
  return all.flatMap(({ entity, start, values }): Series[] => {
    const full = differences(values);
    const first = full.findIndex((value) => !Number.isNaN(value));
    if (first < 0) return [];
    let last = full.length - 1;
    while (Number.isNaN(full[last])) last--;
    const trimmed = full.slice(first, last + 1);
    const count = trimmed.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
    return [{ entity, start: start + 1 + first, values: trimmed, count }];
  });
}

/** Every entity has the same periods and none is missing. */
export function isBalanced(all: readonly Series[]): boolean {
  return all.every(
    ({ start, values, count }) => start === all[0].start && values.length === all[0].values.length && count === values.length,
  );
}
