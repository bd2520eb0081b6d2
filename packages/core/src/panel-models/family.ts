import { Matrix } from 'ml-matrix';
import { absorb } from '../effects/absorb.js';
import type { Grouping } from '../effects/grouping.js';
import { choleskyInPlace, choleskySolveInPlace } from '../linalg/cholesky.js';
import { ascending, dot } from '../linalg/vector.js';
import { isPerfectFit, type LinearFit, withConstant } from './linear-fit.js';
import { type PanelSample, weightedMean } from './sample.js';

/**
 * Least squares on the same rows and effects for many sets of columns: each column is transformed once, each cross-product taken once,
 * and a regression is a small Cholesky factorisation with one step of iterative refinement on the columns themselves:
 *
 *   A = XᵀX at unit norms, b ← A⁻¹Xᵀy, then b ← b + A⁻¹Xᵀ(y − Xb)
 *
 * which has the digits of a QR factorisation while columns are not nearly collinear. Where they are (a pivot below `nearlyCollinear`),
 * where no degree of freedom is left or the fit is perfect, the answer is null: the estimator that decides such cases is to be asked.
 *
 * O(n) for a column, O(n) for a pair of columns, O(n k) for a regression of k columns.
 *
 * @see Björck (1996), Numerical Methods for Least Squares Problems, §2.9.3 (corrected seminormal equations, on the Gram matrix here)
 */
export class RegressionFamily<Name = string> {
  readonly #sample: PanelSample;
  readonly #columnOf: (name: Name) => Float64Array;
  readonly #within: (column: Float64Array) => Float64Array;
  readonly #pooled: boolean;
  /** parameters that the effects, or the constant, cost */
  readonly absorbed: number;
  readonly #columns = new Map<Name, Column>();
  readonly #products: Float64Array[] = [];
  readonly #sampleRows: Uint32Array;

  /**
   * @param factors   the effects absorbed; none: pooled, with a constant
   * @param columnOf  a variable on the rows of the sample
   */
  constructor(sample: PanelSample, factors: readonly Grouping[], columnOf: (name: Name) => Float64Array) {
    this.#sample = sample;
    this.#columnOf = columnOf;
    this.#pooled = factors.length === 0;
    const one: Grouping = { codes: new Uint32Array(sample.rows), levels: 1 };
    const absorption = absorb(this.#pooled ? [one] : factors);
    this.#within = absorption.apply;
    this.absorbed = absorption.absorbed;
    this.#sampleRows = ascending(sample.rows);
  }

  #column(name: Name): Column {
    const found = this.#columns.get(name);
    if (found !== undefined) return found;
    const raw = this.#columnOf(name);
    const values = this.#within(raw);
    const norm = Math.sqrt(dot(values, values));
    const column = { index: this.#columns.size, raw, values, norm };
    this.#columns.set(name, column);
    this.#products.push(new Float64Array(column.index + 1).fill(Number.NaN));
    return column;
  }

  #product(a: Column, b: Column): number {
    const [low, high] = a.index < b.index ? [a, b] : [b, a];
    const row = this.#products[high.index];
    if (Number.isNaN(row[low.index])) row[low.index] = dot(low.values, high.values);
    return row[low.index];
  }

  /** A variable without its effects, or its mean. */
  column(name: Name): Float64Array {
    return this.#column(name).values;
  }

  /** The same transform of a column that is not kept: a treatment drawn at random. */
  within(column: Float64Array): Float64Array {
    return this.#within(column);
  }

  /** Cross-product of two variables without their effects. */
  product(a: Name, b: Name): number {
    return this.#product(this.#column(a), this.#column(b));
  }

  /** The regression of one column on others, or null where `RegressionFamily` says so. */
  fit(outcome: Name, regressors: readonly Name[]): LinearFit | null {
    const { rows, entity, time } = this.#sample;
    const y = this.#column(outcome);
    const x = regressors.map((name) => this.#column(name));
    const k = x.length;
    const residualDf = rows - this.absorbed - k;
    if (residualDf < 1 || k === 0 || x.some(({ norm }) => !(norm > 0))) return null;
    const factor = new Float64Array(k * k);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < i; j++) factor[i * k + j] = this.#product(x[i], x[j]) / (x[i].norm * x[j].norm);
      factor[i * k + i] = 1;
    }
    if (choleskyInPlace(factor, k, nearlyCollinear) < k) return null;

    const coefficients = Float64Array.from(x, (column) => this.#product(column, y));
    const solve = (b: Float64Array) => {
      for (let j = 0; j < k; j++) b[j] /= x[j].norm;
      choleskySolveInPlace(factor, k, b);
      for (let j = 0; j < k; j++) b[j] /= x[j].norm;
    };
    solve(coefficients);
    const columns = x.map(({ values }) => values);
    const residuals = new Float64Array(rows);
    residualsOf(y.values, columns, coefficients, residuals);
    const correction = Float64Array.from(columns, (column) => dot(column, residuals));
    solve(correction);
    for (let j = 0; j < k; j++) coefficients[j] += correction[j];
    residualsOf(y.values, columns, coefficients, residuals);
    const fit: LinearFit = {
      columns,
      constant: false,
      outcome: y.values,
      residuals,
      coefficients,
      kept: Array.from(x.keys()),
      collinear: [],
      inverseGram: inverseOf(solve, k),
      ssr: dot(residuals, residuals),
      rows,
      absorbed: this.#pooled ? 0 : this.absorbed,
      residualDf,
      entity,
      time,
      sampleRows: this.#sampleRows,
      frequency: false,
    };
    if (isPerfectFit(fit)) return null;
    if (!this.#pooled) return fit;
    const means = x.map(({ raw }) => weightedMean(raw, undefined));
    return withConstant(fit, weightedMean(y.raw, undefined), means);
  }
}

/** A column keeps less than this share of its sum of squares beside those before it: cross-products lose its digits. */
const nearlyCollinear = 1e-6;

interface Column {
  readonly index: number;
  readonly raw: Float64Array;
  readonly values: Float64Array;
  readonly norm: number;
}

function residualsOf(y: Float64Array, columns: readonly Float64Array[], b: Float64Array, into: Float64Array): void {
  into.set(y);
  for (let j = 0; j < columns.length; j++) {
    const [column, slope] = [columns[j], b[j]];
    for (let i = 0; i < into.length; i++) into[i] -= slope * column[i];
  }
}

function inverseOf(solve: (b: Float64Array) => void, k: number): Matrix {
  const inverse = new Matrix(k, k);
  const unit = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    unit.fill(0);
    unit[j] = 1;
    solve(unit);
    for (let i = 0; i < k; i++) inverse.set(i, j, unit[i]);
  }
  return inverse;
}
