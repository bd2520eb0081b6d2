import { normalUpper } from '../../distributions/normal.js';
import { absorb } from '../../effects/absorb.js';
import { EstimationError } from '../../errors.js';
import { modelFrame } from '../../formula/frame.js';
import { parseFormula } from '../../formula/parse.js';
import { leastSquares } from '../../linalg/least-squares.js';
import type { Panel } from '../../panel/panel.js';
import { type LagrangeTests, lagrangeTests } from '../../spatial/lagrange.js';
import { residualMoran } from '../../spatial/residual-moran.js';
import { alignWeights } from '../../weights/align.js';
import { panelLag } from '../../weights/lag.js';
import { weightsMoments } from '../../weights/moments.js';
import { expandStarts, type SparseRows, type Weights } from '../../weights/weights.js';
import type { NamedColumn } from './fields.js';
import type { SpatialTestsParams } from './params.js';
import type { SpatialTestsResult } from './result.js';

export interface RegressionTests {
  readonly result: NonNullable<SpatialTestsResult['regression']>;
  /** residuals at the rows of the panel, NaN where a row was left out */
  readonly residuals: NamedColumn;
  readonly notes: readonly string[];
}

/**
 * LM tests and Moran's I of the residuals of a pooled, within or two-way regression.
 *
 * @throws EstimationError `unbalanced_panel` (a neighbour has no row in a period), and those of the tests
 */
export function regressionTests(
  formulaParam: NonNullable<SpatialTestsParams['formula']>,
  panel: Panel,
  named: ReadonlyMap<string, Weights>,
  weights: Weights,
): RegressionTests {
  const formula = parseFormula(formulaParam, '/formula');
  const { outcome, regressors, intercept, effects } = formula;
  const frame = modelFrame(panel, { outcome, regressors, effects }, named);
  const own = alignWeights(weights, frame.entityLabels, { unused: 'cut' });
  const [n, periods] = [frame.rows.length, frame.timeLabels.length];
  const spatial = panelLag(own, frame.entity, frame.time, periods);
  for (let row = 0; row < n; row++) {
    const absent = spatial.absent(row);
    if (absent === null) continue;
    const [unit, period] = [frame.entityLabels[frame.entity[row]], frame.timeLabels[frame.time[row]]];
    throw new EstimationError(
      'unbalanced_panel',
      `the LM tests need every neighbour in every period, and ${unit} lacks its neighbour ${frame.entityLabels[absent]} in ${period}`,
    );
  }
  const within = absorb(frame.effects.map(({ codes, labels }) => ({ codes, levels: labels.length })));
  const swept = effects.length > 0;
  const y = within.apply(frame.outcome.values);
  const variables = frame.regressors.map(({ values }) => within.apply(values));
  const columns = intercept && !swept ? [...variables, new Float64Array(n).fill(1)] : variables;
  const { traceWW, traceWtW } = weightsMoments(own);
  const tests = lagrangeTests({
    y,
    columns,
    variables: variables.map((_, j) => j),
    lag: (x) => within.apply(spatial.apply(x)),
    trace: periods * (traceWW + traceWtW),
  });
  const { residuals } = leastSquares(columns, y);
  const atPanel = new Float64Array(panel.rows).fill(Number.NaN);
  frame.rows.forEach((row, k) => {
    atPanel[row] = residuals[k];
  });
  const { collinearWx, ...lagrange } = tests;
  return {
    result: {
      outcome: frame.outcome.name,
      regressors: frame.regressors.map(({ name }) => name),
      effects: frame.effects.map(({ name }) => name),
      sample: { rows: n, entities: frame.entityLabels.length, periods, dropped: [...frame.dropped] },
      moran: swept ? null : moranOfResiduals(stacked(own, frame.entity, frame.time, periods), columns, y),
      lagrange,
    },
    residuals: { name: `residuals of ${frame.outcome.name}`, values: atPanel },
    notes: [
      ...(own.labels.length < weights.labels.length ? own.about.notes.slice(-1) : []),
      ...(collinearWx.length > 0
        ? [
            `W·${collinearWx.map((at) => frame.regressors[at]?.name).join(', W·')} left out of the Durbin tests: the regressors span it.`,
          ]
        : []),
    ],
  };
}

function moranOfResiduals(weights: SparseRows, columns: readonly Float64Array[], y: Float64Array) {
  const { kept } = leastSquares(columns, y);
  const full = kept.map((j) => columns[j]);
  const moran = residualMoran(weights, full, y, weightsMoments(weights));
  const z = (moran.statistic - moran.expectation) / Math.sqrt(moran.variance);
  return { ...moran, z, greater: normalUpper(z), twoSided: Math.min(1, 2 * normalUpper(Math.abs(z))) };
}

/** I_T ⊗ W on the rows of a frame. */
function stacked(weights: Weights, entity: Uint32Array, time: Uint32Array, periods: number): SparseRows {
  const n = weights.labels.length;
  const rowOf = new Int32Array(n * periods).fill(-1);
  for (let row = 0; row < entity.length; row++) rowOf[time[row] * n + entity[row]] = row;
  const starts = new Uint32Array(entity.length + 1);
  for (let row = 0; row < entity.length; row++) {
    starts[row + 1] = starts[row] + weights.starts[entity[row] + 1] - weights.starts[entity[row]];
  }
  const owners = expandStarts(starts);
  const [columns, values] = [new Uint32Array(owners.length), new Float64Array(owners.length)];
  for (let at = 0; at < owners.length; at++) {
    const row = owners[at];
    const link = weights.starts[entity[row]] + at - starts[row];
    columns[at] = rowOf[time[row] * n + weights.columns[link]];
    values[at] = weights.values[link];
  }
  return { starts, columns, values };
}

export type { LagrangeTests };
