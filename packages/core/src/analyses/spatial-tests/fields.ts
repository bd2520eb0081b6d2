import { EstimationError } from '../../errors.js';
import { evaluateTerm } from '../../formula/evaluate.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import { deviations } from '../../spatial/moran.js';
import { alignWeights } from '../../weights/align.js';
import { type WeightsMoments, weightsMoments } from '../../weights/moments.js';
import type { Weights } from '../../weights/weights.js';

/** The matrix of the units that have a value in a period. */
export interface FieldMatrix {
  /** their entity codes, ascending */
  readonly units: Uint32Array;
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
  readonly moments: WeightsMoments;
}

/** One variable in one period: what is permuted. */
export interface Field {
  readonly variable: string;
  readonly period: string;
  /** which of the matrices */
  readonly matrix: number;
  readonly x: Float64Array;
  /** deviations from the mean */
  readonly z: Float64Array;
  readonly squares: number;
  readonly kurtosis: number;
  readonly local: boolean;
}

export interface Fields {
  readonly matrices: readonly FieldMatrix[];
  readonly fields: readonly Field[];
  /** periods left out, with the reason */
  readonly skipped: readonly string[];
}

/** A column at the rows of the panel. */
export interface NamedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** Fewer units than this have no randomisation variance. */
const fewestUnits = 4;

export function termColumns(terms: readonly string[], panel: Panel, weights: ReadonlyMap<string, Weights>): NamedColumn[] {
  return terms.map((text) => {
    const term = parseTerm(text);
    return { name: termName(term), values: evaluateTerm(term, panel, weights) };
  });
}

/**
 * Every variable in every period, each with the weights of the units that have a value: a unit without one is cut out of W,
 * whose rows are normalised anew.
 *
 * @param weights  aligned to the panel's entities
 * @throws EstimationError `unknown_period`, `nothing_to_test`
 */
export function spatialFields(
  columns: readonly NamedColumn[],
  panel: Panel,
  weights: Weights,
  periods: 'last' | 'all' | readonly string[],
): Fields {
  const { labels, codes } = panel.time;
  const wanted = new Set(periods === 'all' ? labels : periods === 'last' ? labels.slice(-1) : periods);
  const unknown = [...wanted].find((label) => !labels.includes(label));
  if (unknown !== undefined) {
    throw new EstimationError(
      'unknown_period',
      `there is no period "${unknown}"; there are ${labels[0]} … ${labels[labels.length - 1]}`,
    );
  }
  const [matrices, keys, fields, skipped]: [FieldMatrix[], Map<string, number>, Field[], string[]] = [[], new Map(), [], []];
  for (const { name, values } of columns) {
    const rowsOf = labels.map(() => [] as number[]);
    for (let row = 0; row < panel.rows; row++) if (!Number.isNaN(values[row])) rowsOf[codes[row]].push(row);
    for (const [period, rows] of rowsOf.entries()) {
      const units = Uint32Array.from(rows, (row) => panel.entity.codes[row]);
      const x = Float64Array.from(rows, (row) => values[row]);
      const where = `${name} in ${labels[period]}`;
      if (units.length < fewestUnits) {
        if (units.length > 0) skipped.push(`${where}: ${units.length} units, at least ${fewestUnits} are needed`);
        continue;
      }
      const key = units.length === weights.labels.length ? 'all' : units.join();
      let matrix = keys.get(key);
      if (matrix === undefined) {
        matrix = matrices.push(matrixOf(units, weights)) - 1;
        keys.set(key, matrix);
      }
      const { z, squares, kurtosis } = deviations(x);
      if (matrices[matrix].columns.length === 0) skipped.push(`${where}: no unit has a neighbour with a value`);
      else if (!(squares > 1e-24 * x.reduce((sum, value) => sum + value * value, 0)))
        skipped.push(`${where}: all values are equal`);
      else
        fields.push({
          variable: name,
          period: labels[period],
          matrix,
          x,
          z,
          squares,
          kurtosis,
          local: wanted.has(labels[period]),
        });
    }
  }
  if (columns.length > 0 && fields.length === 0) {
    throw new EstimationError('nothing_to_test', `no variable can be tested in any period: ${skipped.slice(0, 5).join('; ')}`);
  }
  return { matrices, fields, skipped };
}

function matrixOf(units: Uint32Array, weights: Weights): FieldMatrix {
  const cut = alignWeights(
    weights,
    Array.from(units, (unit) => weights.labels[unit]),
    { unused: 'cut' },
  );
  const { starts, columns, values } = cut;
  return { units, starts, columns, values, moments: weightsMoments(cut) };
}
