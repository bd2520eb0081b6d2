import { Matrix, solve } from 'ml-matrix';
import { EstimationError } from '../errors.js';
import type { InstrumentedFit } from '../instruments/k-class.js';
import { demeanBy } from '../linalg/demean.js';
import { leastSquares } from '../linalg/least-squares.js';
import { orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { dot } from '../linalg/vector.js';
import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';
import type { SpatialDesign } from './design.js';
import { classicMoments, threeMoments } from './error-moments.js';
import { momentTraces, traceShare } from './moment-covariance.js';
import { type ErrorMoments, type MomentsMinimum, minimiseMoments } from './moments-minimum.js';
import {
  type BalancedPanel,
  type ErrorComponents,
  errorComponents,
  instrumentsOf,
  meansOf,
  quasiDemean,
  type RandomInstruments,
  twoRegressions,
} from './random-effects.js';

/** Stored in params: never rename. */
export const panelMomentKinds = ['initial', 'weights', 'fullweights'] as const;
export type PanelMomentKind = (typeof panelMomentKinds)[number];

export interface RandomErrorStep {
  readonly lambda: number;
  readonly lambdaAtBound: boolean;
  readonly components: ErrorComponents;
  /** columns filtered and quasi-demeaned */
  readonly fit: InstrumentedFit;
  /** y − Zδ̂, neither filtered nor demeaned */
  readonly residuals: Float64Array;
  readonly names: {
    readonly endogenous: readonly string[];
    readonly exogenous: readonly string[];
    readonly instruments: readonly string[];
  };
}

/**
 * Random effects with spatial errors u = λ(I ⊗ M)u + ε, ε_it = μ_i + v_it: the moments of Kapoor, Kelejian & Prucha, the
 * Cochrane–Orcutt filter, quasi-demeaning and (two-stage) least squares.
 *
 * - `initial`: the three moments of Q₀, unweighted; σ₁² from the filtered residuals
 * - `weights`: all six, weighted by 1/((T − 1)⁻¹σ_v⁴) and 1/σ₁⁴
 * - `fullweights`: these times the covariance T_W of the three quadratic forms
 *
 * With endogenous regressors the residuals are those of within and between 2SLS (splm).
 *
 * @see Kapoor, Kelejian & Prucha (2007), Journal of Econometrics 140, eqs. 12–22; splm's `spgm`, spreg's `GM_KKP`
 */
export function randomErrorStep(
  design: SpatialDesign,
  panel: BalancedPanel,
  m: SparseRows,
  kind: PanelMomentKind,
  instruments: RandomInstruments,
  bound: number,
): RandomErrorStep {
  const means = meansOf(panel);
  const [N, T] = [panel.entity.levels, panel.periods];
  const demeaned = (x: Float64Array) => demeanBy(panel.entity.codes, N, x);
  const trace = traceShare(m);
  const lag = (x: Float64Array) => spatialLag(m, x);

  const minimum = design.endogenous.length === 0 ? momentsOfPooled() : momentsOfTwo();
  const [idiosyncratic, between] = minimum.variances;
  if (!(idiosyncratic > 0 && between > 0)) {
    throw new EstimationError(
      'negative_variance',
      `the moments give a variance that is not positive (σ_v² = ${idiosyncratic}, σ₁² = ${between}): use fixed effects, or other moments`,
    );
  }
  const components = errorComponents(idiosyncratic, between);

  const raw = [...design.endogenous, ...design.exogenous];
  const quasi = quasiDemean(means, components.theta);
  const filter = (x: Float64Array) => {
    const mx = lag(x);
    return x.map((value, i) => value - minimum.rho * mx[i]);
  };
  const z = raw.map(({ values }) => quasi(filter(values)));
  const { kept } = orthonormalBasis(z);
  const columns = kept.map((k) => z[k]);
  const y = quasi(filter(design.outcome.values));
  const fit = design.endogenous.length === 0 ? leastFit(y, columns) : projectedFit(y, columns, instrumentBasis());
  const residuals = Float64Array.from(design.outcome.values);
  for (const [j, k] of kept.entries()) {
    for (let i = 0; i < residuals.length; i++) residuals[i] -= fit.coefficients[j] * raw[k].values[i];
  }
  return {
    lambda: minimum.rho,
    lambdaAtBound: minimum.atBound,
    components,
    fit,
    residuals,
    names: {
      endogenous: design.endogenous.map(({ name }) => name),
      exogenous: kept.filter((k) => k >= design.endogenous.length).map((k) => raw[k].name),
      instruments: design.instruments.map(({ name }) => name),
    },
  };

  function momentsOfPooled(): MomentsMinimum {
    const u = leastSquares(
      design.exogenous.map(({ values }) => values),
      design.outcome.values,
    ).residuals;
    const [b, bb] = [lag(u), lag(lag(u))];
    const inside = threeMoments(u, b, bb, demeaned(u), demeaned(b), demeaned(bb), trace, N * (T - 1));
    const first = minimiseMoments(inside, null, bound);
    const across = (x: Float64Array) => means(x).long;
    const filtered = u.map((value, i) => value - first.rho * b[i]);
    const between = dot(filtered, across(filtered)) / N;
    return refine(inside, first, threeMoments(u, b, bb, across(u), across(b), across(bb), trace, N), between);
  }

  function momentsOfTwo(): MomentsMinimum {
    const { fw, fb } = twoRegressions(design, panel);
    const inside = classicMoments(m, fw.residuals, trace, N * (T - 1));
    const first = minimiseMoments(inside, null, bound);
    const one = onePeriod(m, panel);
    const b = spatialLag(one, fb.residuals);
    const filtered = fb.residuals.map((value, i) => value - first.rho * b[i]);
    return refine(inside, first, classicMoments(one, fb.residuals, trace, N), dot(filtered, filtered) / N);
  }

  function refine(inside: ErrorMoments, first: MomentsMinimum, across: ErrorMoments, between: number): MomentsMinimum {
    if (kind === 'initial') return { ...first, variances: Float64Array.of(first.variances[0], between) };
    const gamma = Matrix.zeros(6, 4);
    const target = new Float64Array(6);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) gamma.set(i, j, inside.gamma.get(i, j));
      gamma.set(3 + i, 0, across.gamma.get(i, 0));
      gamma.set(3 + i, 1, across.gamma.get(i, 1));
      gamma.set(3 + i, 3, across.gamma.get(i, 2));
      target[i] = inside.target[i];
      target[3 + i] = across.target[i];
    }
    const weight = Matrix.zeros(6, 6);
    const inner = kind === 'weights' ? Matrix.eye(3) : solve(quadraticCovariance(onePeriod(m, panel)), Matrix.eye(3));
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        weight.set(i, j, ((T - 1) / first.variances[0] ** 2) * inner.get(i, j));
        weight.set(3 + i, 3 + j, inner.get(i, j) / between ** 2);
      }
    }
    return minimiseMoments({ gamma, target }, weight, bound);
  }

  function instrumentBasis(): readonly Float64Array[] {
    const given = instrumentsOf(design, panel, instruments, quasi).instruments;
    return orthonormalBasis([...design.exogenous.map(({ values }) => quasi(values)), ...given]).basis;
  }
}

function leastFit(y: Float64Array, columns: readonly Float64Array[]): InstrumentedFit {
  const { coefficients, residuals, ssr, inverseGram } = leastSquares(columns, y);
  return { coefficients, residuals, ssr, bread: inverseGram, fitted: columns };
}

function projectedFit(y: Float64Array, columns: readonly Float64Array[], basis: readonly Float64Array[]): InstrumentedFit {
  const coordinates = columns.map((x) => Float64Array.from(basis, (q) => dot(q, x)));
  const { coefficients, inverseGram, rank } = leastSquares(
    coordinates,
    Float64Array.from(basis, (q) => dot(q, y)),
  );
  if (rank < columns.length) {
    throw new EstimationError('underidentified', 'the instruments do not identify every coefficient of the filtered equation');
  }
  const residuals = Float64Array.from(y);
  const fitted = coordinates.map((c) => {
    const column = new Float64Array(y.length);
    for (const [k, q] of basis.entries()) for (let i = 0; i < y.length; i++) column[i] += c[k] * q[i];
    return column;
  });
  for (const [k, x] of columns.entries()) for (let i = 0; i < y.length; i++) residuals[i] -= coefficients[k] * x[i];
  return { coefficients, residuals, ssr: dot(residuals, residuals), bread: inverseGram, fitted };
}

/** M of one period out of I_T ⊗ M, rows by entity. */
function onePeriod(m: SparseRows, { entity, periods }: BalancedPanel): SparseRows {
  const starts = new Uint32Array(entity.levels + 1);
  const [columns, values]: [number[], number[]] = [[], []];
  for (let e = 0; e < entity.levels; e++) {
    const row = e * periods;
    for (let at = m.starts[row]; at < m.starts[row + 1]; at++) {
      columns.push(entity.codes[m.columns[at]]);
      values.push(m.values[at]);
    }
    starts[e + 1] = columns.length;
  }
  return { starts, columns: Uint32Array.from(columns), values: Float64Array.from(values) };
}

/**
 * T_W, the covariance of the three quadratic forms but for σ⁴: 2, 2tr(MᵀM)/N, tr(MᵀM MᵀM), tr(MᵀM(M + Mᵀ)), tr(MM + MᵀM).
 *
 * @see Kapoor, Kelejian & Prucha (2007), eq. 17
 */
function quadraticCovariance(m: SparseRows): Matrix {
  const n = m.starts.length - 1;
  const { offDiagonal, diagonal, cross, lag } = momentTraces(m, new Float64Array(n).fill(1));
  const trace = dot(m.values, m.values) / n;
  return new Matrix([
    [2, 2 * trace, 0],
    [2 * trace, (2 * (offDiagonal + diagonal)) / n, (2 * cross) / n],
    [0, (2 * cross) / n, lag / n],
  ]);
}

/** σ² of a fit's residuals, for the classical covariance. */
export function randomVariance({ fit }: RandomErrorStep, rows: number, small: boolean): number {
  return fit.ssr / (rows - (small ? fit.coefficients.length : 0));
}
