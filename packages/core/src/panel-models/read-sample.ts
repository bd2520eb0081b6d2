import { type Grouping, groupingOnRows } from '../effects/grouping.js';
import { findSingletons } from '../effects/singletons.js';
import { EstimationError } from '../errors.js';
import type { ModelFrame } from '../formula/frame.js';
import { ascending, gather } from '../linalg/vector.js';
import type { Panel } from '../panel/panel.js';
import type { PanelSample } from './sample.js';

/** A model frame as a sample, with every effect and cluster that the frame was asked for as codes by name. */
export interface NamedSample {
  readonly sample: PanelSample;
  readonly groupings: ReadonlyMap<string, Grouping & { readonly labels: readonly string[] }>;
}

/**
 * @param columns  the regressors that are meant, by place in the frame; all when left out
 * @param weights  w of the frame's rows
 */
export function sampleOfFrame(
  panel: Panel,
  frame: ModelFrame,
  {
    columns,
    outcome = frame.outcome.values,
    weights,
    asked = [],
  }: {
    readonly columns?: readonly number[] | undefined;
    readonly outcome?: Float64Array | undefined;
    /** the names by which the frame's effects were asked for: the words entity and time name columns of other names */
    readonly asked?: readonly string[] | undefined;
    readonly weights?: { readonly values: Float64Array; readonly frequency: boolean } | undefined;
  } = {},
): NamedSample {
  const regressors = columns?.map((j) => frame.regressors[j]) ?? frame.regressors;
  return {
    sample: {
      rows: frame.rows.length,
      entity: { codes: frame.entity, levels: frame.entityLabels.length },
      time: { codes: frame.time, levels: frame.timeLabels.length },
      calendar: calendarOf(panel, frame.rows),
      outcome,
      regressors: regressors.map(({ values }) => values),
      ...(weights === undefined ? {} : { weights: weights.values, frequency: weights.frequency }),
    },
    groupings: new Map(
      frame.effects.flatMap(({ name, codes, labels }, f) => {
        const grouping = { codes, labels, levels: labels.length };
        return [[name, grouping] as const, [asked[f] ?? name, grouping] as const];
      }),
    ),
  };
}

function calendarOf({ time }: Panel, rows: Uint32Array): Float64Array {
  const result = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) result[i] = time.values[time.codes[rows[i]]] / time.step;
  return result;
}

/** The sample on some of its rows, every code numbered anew. */
export function sampleOnRows({ sample, groupings }: NamedSample, rows: Uint32Array): NamedSample {
  const pick = (x: Float64Array) => gather(x, rows);
  return {
    sample: {
      ...sample,
      rows: rows.length,
      entity: groupingOnRows(sample.entity, rows),
      time: groupingOnRows(sample.time, rows),
      calendar: pick(sample.calendar),
      outcome: pick(sample.outcome),
      regressors: sample.regressors.map(pick),
      ...(sample.weights === undefined ? {} : { weights: pick(sample.weights) }),
    },
    groupings: new Map(
      Array.from(groupings, ([name, grouping]) => {
        const used = new Uint8Array(grouping.levels);
        for (let i = 0; i < rows.length; i++) used[grouping.codes[rows[i]]] = 1;
        return [name, { ...groupingOnRows(grouping, rows), labels: grouping.labels.filter((_, code) => used[code] === 1) }];
      }),
    ),
  };
}

/**
 * The sample without rows that are alone in a level of an effect, if the rule is to drop them, and how many there are.
 * @param names  the effects, as in `groupings`
 * @throws EstimationError `only_singletons`
 */
export function withoutSingletons(named: NamedSample, names: readonly string[], rule: 'drop' | 'keep') {
  const all = { named, singletons: 0, rows: ascending(named.sample.rows) };
  if (names.length === 0) return all;
  const { rows, dropped } = findSingletons(
    names.map((name) => named.groupings.get(name)!),
    named.sample.rows,
  );
  if (dropped === 0 || rule === 'keep') return { ...all, singletons: dropped };
  if (rows.length === 0) {
    throw new EstimationError(
      'only_singletons',
      `every row is alone in a level of ${names.join(' or ')}: the effects explain all of the outcome`,
    );
  }
  return { named: sampleOnRows(named, rows), singletons: dropped, rows };
}

/**
 * Weights that may be used: positive and finite, analytic ones scaled to sum to the number of rows (Stata's aweight), frequency
 * ones whole.
 * @throws EstimationError `bad_weights`
 */
export function usableWeights(name: string, values: Float64Array, kind: 'analytic' | 'frequency') {
  const bad = values.findIndex((w) => !(w > 0) || (kind === 'frequency' && !Number.isInteger(w)));
  if (bad >= 0) {
    const needed = kind === 'frequency' ? 'whole numbers above 0' : 'numbers above 0';
    throw new EstimationError(
      'bad_weights',
      `${kind} weights must be ${needed}, and ${name} has ${values[bad]}: filter such rows out`,
    );
  }
  if (kind === 'frequency') return { values, frequency: true };
  const total = values.reduce((sum, w) => sum + w, 0);
  return { values: values.map((w) => (w * values.length) / total), frequency: false };
}
