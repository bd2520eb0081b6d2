import { InputError } from '../../errors.js';
import { canonicalEntities } from '../../panel/build.js';
import { quoted } from '../../panel/problems.js';
import { type Weights, weightsFromLinks } from '../weights.js';
import { maxLinks } from './distance.js';
import { columnPlace, numberCell, readTable } from './table.js';
import { LinkList } from './units.js';

/** One number for each unit. */
export interface UnitValues {
  readonly labels: readonly string[];
  readonly values: ArrayLike<number>;
  /** how the number was taken: "gdp in 2011", "mean of gdp over 2011–2020" */
  readonly description: string;
}

export interface ValueOptions {
  /** columns of the unit's label and of its number */
  readonly id: string;
  readonly value: string;
  /** column of the period, where a unit has several rows */
  readonly time?: string | undefined;
  /** the period whose value is taken, or the mean over all */
  readonly base?: string | undefined;
  readonly delimiter?: string | undefined;
}

/** What a mean over the sample does to economic weights; said wherever one is used. */
export const endogenousWeights =
  'a mean over the sample makes these weights endogenous: they move with the outcome they are to explain; a base year before the sample is safer';

/**
 * A number for each unit from a CSV: one row a unit, or a base period or mean of several.
 * @throws InputError unknown_column, base_needed, unknown_period, missing_value, duplicate_key, not_a_number
 */
export function valuesFromCsv(bytes: Uint8Array, options: ValueOptions): UnitValues {
  const table = readTable(bytes, options.delimiter);
  const [id, value] = [columnPlace(table, options.id, 'id'), columnPlace(table, options.value, 'value')];
  const time = options.time === undefined ? -1 : columnPlace(table, options.time, 'time');
  const { base } = options;
  if (time < 0 !== (base === undefined)) {
    throw InputError.one(
      'base_needed',
      'time and base go together: base is a period of the time column, or the word mean',
      '/base',
    );
  }
  const byUnit = new Map<string, { sum: number; count: number }>();
  const keys = new Set<string>();
  const periods = new Set<string>();
  for (let row = 0; row < table.rows.length; row++) {
    const cells = table.rows[row];
    const label = cells[id];
    if (time >= 0) periods.add(cells[time]);
    const unit = byUnit.get(label) ?? { sum: 0, count: 0 };
    byUnit.set(label, unit);
    if (time >= 0 && base !== 'mean' && cells[time] !== base) continue;
    const key = time < 0 ? label : `${label}\n${cells[time]}`;
    if (keys.has(key)) {
      const hint = time < 0 ? ': where units have several periods, say time and base' : '';
      throw InputError.one('duplicate_key', `line ${table.lines[row]}: unit ${quoted(label)} is given again${hint}`);
    }
    keys.add(key);
    unit.sum += numberCell(table, row, value);
    unit.count += 1;
  }
  if (time >= 0 && base !== 'mean' && !periods.has(base!)) {
    throw InputError.one('unknown_period', `no row has ${quoted(table.names[time])} = ${quoted(base!)}`, '/base');
  }
  const without = [...byUnit].filter(([, { count }]) => count === 0).map(([label]) => quoted(label));
  if (without.length > 0) throw InputError.one('missing_value', `no ${options.value} for ${without.slice(0, 8).join(', ')}`);
  const order = [...periods].sort();
  const description =
    time < 0
      ? options.value
      : base === 'mean'
        ? `mean of ${options.value} over ${order[0]} – ${order[order.length - 1]}`
        : `${options.value} in ${base}`;
  return { labels: [...byUnit.keys()], values: Array.from(byUnit.values(), ({ sum, count }) => sum / count), description };
}

/**
 * Economic distance: w_ij = 1 / |z_i − z_j| for all pairs.
 *
 * @throws InputError tied_values (1/0, with the names), too_many_links
 */
export function economicWeights({ labels: given, values, description }: UnitValues): Weights {
  const n = given.length;
  if (n * (n - 1) > maxLinks) {
    throw InputError.one('too_many_links', `${n} units have ${n * (n - 1)} pairs; at most ${maxLinks} links are kept`);
  }
  const ascending = Array.from(given, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ties: string[] = [];
  for (let k = 1; k < n; k++) {
    const [a, b] = [ascending[k - 1], ascending[k]];
    if (values[a] === values[b]) ties.push(`${quoted(given[a])} and ${quoted(given[b])} (${values[a]})`);
  }
  if (ties.length > 0) {
    throw InputError.one(
      'tied_values',
      `equal values have the weight 1/0: ${ties.slice(0, 8).join(', ')}${ties.length > 8 ? ', …' : ''}; take another base period or variable`,
    );
  }
  const links = new LinkList();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) links.add(i, j, 1 / Math.abs(values[i] - values[j]));
  const caution = description.startsWith('mean of') ? [endogenousWeights] : [];
  return weightsFromLinks({
    labels: given,
    ...links,
    kind: 'economic',
    notes: [`1/|z_i − z_j|, z = ${description}`, ...caution],
  });
}

/**
 * W · diag(z_1/z̄, …, z_n/z̄): a neighbour counts by how large it is. The usual "nested" weights of the provincial literature.
 *
 * @throws InputError weights_mismatch, not_positive
 */
export function scaledWeights(weights: Weights, { labels: given, values, description }: UnitValues): Weights {
  const { labels, codeOf } = canonicalEntities(given);
  const z = new Float64Array(labels.length);
  for (let k = 0; k < given.length; k++) z[codeOf[k]] = values[k];
  const bad = labels.filter((_, i) => !(z[i] > 0)).map((label) => quoted(label));
  if (bad.length > 0)
    throw InputError.one('not_positive', `${description} must be above 0 to scale weights by: ${bad.slice(0, 8).join(', ')}`);
  requireSameUnits(weights.labels, labels);
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const caution = description.startsWith('mean of') ? [endogenousWeights] : [];
  return {
    ...weights,
    values: weights.values.map((w, at) => (w * z[weights.columns[at]]) / mean),
    about: {
      kind: 'economic-scaled',
      normalisation: 'none',
      divisor: 1,
      notes: [...weights.about.notes, `${weights.about.kind} · diag(z_j / z̄), z = ${description}`, ...caution],
    },
  };
}

/** Both sides named when two sets of units differ. */
export function requireSameUnits(units: readonly string[], labels: readonly string[]): void {
  const [a, b] = [new Set(units), new Set(labels)];
  const named = (list: readonly string[]) => `${list.slice(0, 8).map(quoted).join(', ')}${list.length > 8 ? ', …' : ''}`;
  const [absent, unused] = [labels.filter((label) => !a.has(label)), units.filter((unit) => !b.has(unit))];
  if (absent.length === 0 && unused.length === 0) return;
  const words = [
    absent.length > 0 ? `not in the first: ${named(absent)}` : '',
    unused.length > 0 ? `not in the second: ${named(unused)}` : '',
  ].filter((text) => text !== '');
  throw InputError.one('weights_mismatch', `the two have different units; ${words.join('; ')}`);
}
