import { EstimationError } from '../errors.js';
import type { ModelFrame } from '../formula/frame.js';
import { alignWeights } from '../weights/align.js';
import type { SparseRows, Weights } from '../weights/weights.js';

/** One W on the rows of a frame. */
export interface FrameWeights {
  /** cut to the units there are, in their order */
  readonly one: Weights;
  /** I_T ⊗ W on the rows */
  readonly all: SparseRows;
  /** links to units without a row in the period */
  readonly cut: number;
}

/**
 * Weights cut to the units of a frame and put on its rows.
 * @param refuse  a neighbour without a row in a period is an error; else W is that of the units there are in each period
 * @throws EstimationError `no_links`, `unbalanced_panel`
 */
export function weightsOnFrame(weights: Weights, frame: ModelFrame, refuse: boolean): FrameWeights {
  const one = alignWeights(weights, frame.entityLabels, { unused: 'cut' });
  if (one.columns.length === 0) {
    throw new EstimationError('no_links', 'the weights have no link between units of the data: nothing spatial can be estimated');
  }
  const stacked = stackWeights(one, frame.entity, frame.time, frame.timeLabels.length, one.about.normalisation === 'row');
  if (stacked.absent !== null && refuse) {
    const { row, neighbour } = stacked.absent;
    const [unit, period] = [frame.entityLabels[frame.entity[row]], frame.timeLabels[frame.time[row]]];
    throw new EstimationError(
      'unbalanced_panel',
      `${unit} lacks its neighbour ${frame.entityLabels[neighbour]} in ${period}, so its spatial lags are not known: fill the gap, drop the period or ` +
        'the units, or say unbalanced: submatrix, which takes the neighbours there are',
    );
  }
  return { one, all: stacked.weights, cut: stacked.cut };
}

/**
 * Units of the weights without any complete row, when gaps are refused: their neighbours' lags are not known.
 * @throws EstimationError `unbalanced_panel`
 */
export function refuseAbsentUnits(weights: Weights, entityLabels: readonly string[]): void {
  const there = new Set(entityLabels);
  const gone = weights.labels.filter((label) => !there.has(label));
  if (gone.length === 0 || weights.labels.length <= entityLabels.length) return;
  throw new EstimationError(
    'unbalanced_panel',
    `${gone.length} units have no complete row (${gone.slice(0, 5).join(', ')}${gone.length > 5 ? ', …' : ''}), so their neighbours’ lags are not known: ` +
      'fill the gaps, cut them from data and weights, or say unbalanced: submatrix',
  );
}

/** I_T ⊗ W on the rows of a panel; with `submatrix` links to units without a row in the period are cut and rows normalised anew. */
export interface StackedWeights {
  readonly weights: SparseRows;
  /** links cut because the neighbour has no row in the period */
  readonly cut: number;
  /** the first such: row, and code of the neighbour; null when there is none */
  readonly absent: { readonly row: number; readonly neighbour: number } | null;
}

/**
 * @param weights  n × n in the order of the entity codes
 * @param renormalise  rows that lost links sum again to what they did: row-normalised W stays so
 */
export function stackWeights(
  weights: SparseRows,
  entity: Uint32Array,
  time: Uint32Array,
  periods: number,
  renormalise: boolean,
): StackedWeights {
  const n = weights.starts.length - 1;
  const rows = entity.length;
  // one period, rows in the order of the units: W itself, nothing copied
  if (periods === 1 && rows === n && entity.every((code, row) => code === row)) return { weights, cut: 0, absent: null };
  const rowOf = new Int32Array(n * periods).fill(-1);
  for (let row = 0; row < rows; row++) rowOf[time[row] * n + entity[row]] = row;
  const starts = new Uint32Array(rows + 1);
  let cut = 0;
  let absent: StackedWeights['absent'] = null;
  for (let row = 0; row < rows; row++) {
    let there = 0;
    for (let at = weights.starts[entity[row]]; at < weights.starts[entity[row] + 1]; at++) {
      if (rowOf[time[row] * n + weights.columns[at]] >= 0) there++;
      else {
        cut++;
        absent ??= { row, neighbour: weights.columns[at] };
      }
    }
    starts[row + 1] = starts[row] + there;
  }
  const columns = new Uint32Array(starts[rows]);
  const values = new Float64Array(starts[rows]);
  for (let row = 0; row < rows; row++) {
    const links: { column: number; value: number }[] = [];
    let [before, after] = [0, 0];
    for (let at = weights.starts[entity[row]]; at < weights.starts[entity[row] + 1]; at++) {
      const column = rowOf[time[row] * n + weights.columns[at]];
      before += weights.values[at];
      if (column < 0) continue;
      after += weights.values[at];
      links.push({ column, value: weights.values[at] });
    }
    const factor =
      renormalise && after > 0 && links.length < weights.starts[entity[row] + 1] - weights.starts[entity[row]]
        ? before / after
        : 1;
    links.sort((a, b) => a.column - b.column);
    links.forEach(({ column, value }, k) => {
      columns[starts[row] + k] = column;
      values[starts[row] + k] = value * factor;
    });
  }
  return { weights: { starts, columns, values }, cut, absent };
}

/**
 * An outcome that the effects hold whole, or that is a constant, leaves nothing to explain.
 * @throws EstimationError `constant_outcome`
 */
export function requireVariation(
  { name, values }: { readonly name: string; readonly values: Float64Array },
  swept: boolean,
  within: (x: Float64Array) => Float64Array,
): void {
  const outcome = within(values);
  if (outcome.every((value) => value === (swept ? 0 : outcome[0]))) {
    throw new EstimationError(
      'constant_outcome',
      `${name} does not vary${swept ? ' within the effects' : ''}: there is nothing to explain`,
    );
  }
}
