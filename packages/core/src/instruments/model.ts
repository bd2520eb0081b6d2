import { EstimationError } from '../errors.js';
import { type LeastSquares, leastSquares } from '../linalg/least-squares.js';
import { type OrthonormalBasis, orthonormalBasis } from '../linalg/orthonormal-basis.js';
import { addScaled, dot } from '../linalg/vector.js';

/**
 * y = Yβ + X₁γ + u with instruments [X₁ Z]: columns of length n, any fixed effects already taken out of all of them.
 */
export interface InstrumentedModel {
  readonly outcome: Float64Array;
  /** Y: p ≥ 1 regressors that may move with u */
  readonly endogenous: readonly Float64Array[];
  /** X₁: regressors that do not, the constant among them if there is one */
  readonly exogenous: readonly Float64Array[];
  /** Z: instruments outside the equation */
  readonly instruments: readonly Float64Array[];
}

/**
 * The model with X₁ partialled out and Z in an orthonormal basis: what every estimator and diagnostic here is computed from.
 * All of them depend on Z and X₁ through the spaces they span only, so nothing is lost and no digits go to their units.
 */
export interface InstrumentSpace {
  /** n */
  readonly rows: number;
  /** M₁y, M₁ = I − X₁(X₁ᵀX₁)⁻¹X₁ᵀ */
  readonly outcome: Float64Array;
  /** M₁Y */
  readonly endogenous: readonly Float64Array[];
  /** X₁ of full rank: columns, an orthonormal basis, and least squares of y on them */
  readonly exogenous: readonly Float64Array[];
  readonly exogenousBasis: readonly Float64Array[];
  /** Q: orthonormal basis of M₁Z, K₂ columns */
  readonly basis: readonly Float64Array[];
  /** Qᵀy, length K₂ */
  readonly outcomeProjection: Float64Array;
  /** Π = QᵀY: p columns of length K₂ */
  readonly projections: readonly Float64Array[];
  /** V = M₁Y − QΠ */
  readonly firstStageResiduals: readonly Float64Array[];
  /** least squares of each endogenous regressor on X₁: Y = X₁Γ + M₁Y */
  readonly onExogenous: readonly LeastSquares[];
  /** indices of exogenous columns dropped as combinations of earlier ones */
  readonly collinearExogenous: readonly number[];
  /** indices of instruments dropped as combinations of X₁ and earlier instruments */
  readonly collinearInstruments: readonly number[];
}

/**
 * @throws EstimationError `no_endogenous`; `too_few_instruments` (order condition, after collinear ones are dropped);
 *   `collinear_endogenous` naming the column that exogenous and other endogenous regressors make up; `too_few_rows`
 */
export function instrumentSpace(
  { outcome, endogenous, exogenous, instruments }: InstrumentedModel,
  names?: { readonly endogenous: readonly string[]; readonly instruments: readonly string[] },
): InstrumentSpace {
  const p = endogenous.length;
  if (p === 0) throw new EstimationError('no_endogenous', 'instruments need at least one endogenous regressor, got none');
  const k1 = exogenous.length;
  const all = orthonormalBasis([...exogenous, ...instruments]);
  const kept = all.kept.filter((index) => index < k1);
  const collinearInstruments = all.collinear.filter((index) => index >= k1).map((index) => index - k1);
  const exogenousBasis = all.basis.slice(0, kept.length);
  const basis = all.basis.slice(kept.length);
  const m1 = (column: Float64Array) => residualOn(exogenousBasis, column);
  if (basis.length < p) {
    const dropped = collinearInstruments.map((index) => names?.instruments[index] ?? String(index));
    throw new EstimationError(
      'too_few_instruments',
      `${p} endogenous ${p === 1 ? 'regressor needs' : 'regressors need'} at least ${p} instruments outside the equation, got ${basis.length}` +
        (dropped.length > 0
          ? `: of ${instruments.length}, ${dropped.join(', ')} are collinear with the exogenous regressors or effects and other instruments`
          : ''),
    );
  }
  if (outcome.length <= all.basis.length) {
    const message = `the first stage needs more rows than its ${all.basis.length} regressors, got ${outcome.length}`;
    throw new EstimationError('too_few_rows', message);
  }

  const reduced = endogenous.map(m1);
  requireIndependent(endogenous, reduced, orthonormalBasis(reduced), names?.endogenous);
  const exogenousColumns = kept.map((index) => exogenous[index]);
  const projections = reduced.map((column) => project(basis, column));
  const reducedOutcome = m1(outcome);
  return {
    rows: outcome.length,
    outcome: reducedOutcome,
    endogenous: reduced,
    exogenous: exogenousColumns,
    exogenousBasis,
    basis,
    outcomeProjection: project(basis, reducedOutcome),
    projections,
    firstStageResiduals: reduced.map((column, j) => lessProjection(basis, projections[j], column)),
    onExogenous: endogenous.map((column) => leastSquares(exogenousColumns, column)),
    collinearExogenous: all.collinear.filter((index) => index < k1),
    collinearInstruments,
  };
}

/** An endogenous regressor of which X₁, or X₁ and the others, leave nothing but rounding has no coefficient. */
function requireIndependent(
  columns: readonly Float64Array[],
  reduced: readonly Float64Array[],
  { collinear }: OrthonormalBasis,
  names: readonly string[] | undefined,
): void {
  const gone = columns.findIndex((column, j) => {
    const left = dot(reduced[j], reduced[j]);
    return collinear.includes(j) || !(left > collinearShare * collinearShare * dot(column, column));
  });
  if (gone < 0) return;
  const name = names?.[gone] ?? `endogenous regressor ${gone}`;
  throw new EstimationError(
    'collinear_endogenous',
    `${name} is a combination of the exogenous regressors or effects and other endogenous regressors: it has no coefficient`,
  );
}

/** As `collinearityTolerance` of linalg/qr. */
const collinearShare = 1e-10;

/** Qᵀx. */
export function project(basis: readonly Float64Array[], x: Float64Array): Float64Array {
  return Float64Array.from(basis, (q) => dot(q, x));
}

/** x − Q·coordinates: a new column. */
export function lessProjection(basis: readonly Float64Array[], coordinates: Float64Array, x: Float64Array): Float64Array {
  const left = Float64Array.from(x);
  for (let j = 0; j < basis.length; j++) addScaled(left, -coordinates[j], basis[j]);
  return left;
}

/** x − QQᵀx, the projection taken twice so that what is left is orthogonal to the last digits. */
export function residualOn(basis: readonly Float64Array[], x: Float64Array): Float64Array {
  const once = lessProjection(basis, project(basis, x), x);
  return lessProjection(basis, project(basis, once), once);
}

/** Σ_j c_j x_j of columns of one length. */
export function combine(columns: readonly Float64Array[], coefficients: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(columns[0].length);
  for (let j = 0; j < columns.length; j++) addScaled(sum, coefficients[j], columns[j]);
  return sum;
}
