/**
 * One search for a threshold: which rows go below each candidate, and what the candidate's regressors look like once the
 * regressors already in the model are taken out. Everything here follows from the data alone; outcomes, observed or drawn,
 * come in `search.ts` and `replicate.ts`.
 *
 *   z(γ) = r · 1(q ≤ γ),   C(γ) = Uᵀz(γ),   D(γ) = z(γ)ᵀ M z(γ) − C(γ)ᵀC(γ)
 *
 * with U an orthonormal basis of the regressors already there and M the within transform by entity; time effects stand in U as
 * dummies. Sorted by q, z(γ)ᵀv is a running
 * sum for any v that is within-transformed, so all candidates together cost one pass over the rows.
 *
 * @see Hansen (1999), "Threshold effects in non-dynamic panels", Journal of Econometrics 93, eqs. 5–9
 */
export interface Stage {
  readonly rows: number;
  readonly entities: number;
  /** entity of each row, ascending */
  readonly entity: Uint32Array;
  /** K orthonormal, within-transformed columns of the rows, one after another: entry (row, k) at k · rows + row */
  readonly basis: Float64Array;
  /** the basis as regressors as they are multiply it, where the within transform is no projection (`within.ts`) */
  readonly scores?: Float64Array;
  /** each entity's last row is dropped once the means are out: that transform */
  readonly dropsLast?: true;
  /** k regime-dependent regressors as they are (not within-transformed), one after another */
  readonly regime: Float64Array;
  /** rows in ascending order of the threshold variable, as far as the last candidate */
  readonly order: Uint32Array;
  /** for each candidate, ascending: the place in `order` of the last row at or below it */
  readonly ends: Uint32Array;
}

/** A stage with its running sums: what searches read. */
export interface PreparedStage extends Stage {
  /** K */
  readonly width: number;
  /** K rounded up to an even number; the entries past K are zero */
  readonly stride: number;
  /** k, the number of regime-dependent regressors */
  readonly dimension: number;
  /** first row of each entity, and the number of rows at the end */
  readonly starts: Uint32Array;
  /** entity of each row of `order` */
  readonly entityAt: Uint32Array;
  /** the same row's place within its entity */
  readonly offsetAt: Uint32Array;
  /** the regime regressors of each row of `order`: entry (place, l) at place · k + l */
  readonly regimeAt: Float64Array;
  /** C of each candidate: entry (candidate, l, j) at (candidate · k + l) · stride + j */
  readonly sums: Float64Array;
  /**
   * L⁻¹ with LLᵀ = D of each candidate, lower triangle by rows, k(k+1)/2 entries: the fall of the sum of squares is
   * |L⁻¹(zᵀy − C Uᵀy)|². All zero for a candidate that its regressors do not identify
   */
  readonly whiteners: Float64Array;
  /** candidates whose D is singular: they cannot lower the sum of squares */
  readonly unidentified: number;
}

export const strideOf = (width: number) => width + (width % 2);

/** D below this share of zᵀz is rounding: the candidate's regressors are combinations of those already there. */
const singularTolerance = 1e-10;

export function prepareStage(stage: Stage): PreparedStage {
  const { rows, entities, entity, basis, regime, order, ends, dropsLast = false } = stage;
  const scores = stage.scores ?? basis;
  const width = basis.length / rows;
  const stride = strideOf(width);
  const k = regime.length / rows;
  const starts = entityStarts(entity, entities);

  const entityAt = new Uint32Array(order.length);
  const offsetAt = new Uint32Array(order.length);
  const regimeAt = new Float64Array(order.length * k);
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    entityAt[place] = entity[row];
    offsetAt[place] = row - starts[entity[row]];
    for (let l = 0; l < k; l++) regimeAt[place * k + l] = regime[l * rows + row];
  }

  const sums = new Float64Array(ends.length * k * stride);
  const whiteners = new Float64Array((ends.length * k * (k + 1)) / 2);
  const running = new Float64Array(k * stride); // C
  const gram = new Float64Array(k * k); // zᵀMz
  const raw = new Float64Array(k); // diagonal of zᵀz
  const lower = new Float64Array(k * k); // L
  const entitySums = new Float64Array(entities * k); // Σ z over an entity's rows so far
  const lastRows = new Float64Array(dropsLast ? entities * k : 0); // z in an entity's last period
  let candidate = 0;
  let unidentified = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    const e = entityAt[place];
    const periods = starts[e + 1] - starts[e];
    for (let l = 0; l < k; l++) {
      const r = regimeAt[place * k + l];
      for (let j = 0; j < width; j++) running[l * stride + j] += r * scores[j * rows + row];
      // zᵀMz = Σ rₗrₘ − Σ_i (Σ_t rₗ)(Σ_t rₘ)/T_i: what this row adds to both
      for (let m = 0; m <= l; m++) {
        const s = regimeAt[place * k + m];
        const cross = r * entitySums[e * k + m] + s * entitySums[e * k + l] + r * s;
        gram[l * k + m] += r * s - cross / periods;
      }
      raw[l] += r * r;
    }
    if (dropsLast) moveLast(regimeAt, entitySums, lastRows, gram, k, place, e, periods, offsetAt[place] === periods - 1);
    for (let l = 0; l < k; l++) entitySums[e * k + l] += regimeAt[place * k + l];
    if (ends[candidate] !== place) continue;
    for (let j = 0, at = candidate * k * stride; j < k * stride; j++, at++) sums[at] = running[j];
    if (!whiten(gram, running, raw, k, stride, lower, whiteners, (candidate * k * (k + 1)) / 2)) unidentified++;
    candidate++;
  }
  return {
    ...stage,
    width,
    stride,
    dimension: k,
    starts,
    entityAt,
    offsetAt,
    regimeAt,
    sums,
    whiteners,
    unidentified,
  };
}

/**
 * What a row changes in −Σ_i (z_iT − z̄_i)(z_iT − z̄_i)ᵀ, by which the Gram matrix without each entity's last row differs from
 * zᵀMz: z's sums and last rows are those before the row.
 */
function moveLast(
  regimeAt: Float64Array,
  entitySums: Float64Array,
  lastRows: Float64Array,
  gram: Float64Array,
  k: number,
  place: number,
  e: number,
  periods: number,
  isLast: boolean,
): void {
  const before = (l: number) => lastRows[e * k + l] - entitySums[e * k + l] / periods;
  const after = (l: number) => before(l) + regimeAt[place * k + l] * ((isLast ? 1 : 0) - 1 / periods);
  for (let l = 0; l < k; l++) for (let m = 0; m <= l; m++) gram[l * k + m] += before(l) * before(m) - after(l) * after(m);
  if (isLast) for (let l = 0; l < k; l++) lastRows[e * k + l] = regimeAt[place * k + l];
}

function entityStarts(entity: Uint32Array, entities: number): Uint32Array {
  const starts = new Uint32Array(entities + 1);
  for (let row = 0; row < entity.length; row++) starts[entity[row] + 1]++;
  for (let e = 0; e < entities; e++) starts[e + 1] += starts[e];
  return starts;
}

/** Writes L⁻¹ of LLᵀ = gram − CCᵀ into `out` from `at` on; false, and nothing written, when that is singular to rounding. */
function whiten(
  gram: Float64Array,
  running: Float64Array,
  raw: Float64Array,
  k: number,
  stride: number,
  lower: Float64Array,
  out: Float64Array,
  at: number,
): boolean {
  for (let l = 0; l < k; l++) {
    for (let m = 0; m <= l; m++) {
      let d = gram[l * k + m];
      for (let j = 0; j < stride; j++) d -= running[l * stride + j] * running[m * stride + j];
      for (let j = 0; j < m; j++) d -= lower[l * k + j] * lower[m * k + j];
      if (l > m) {
        lower[l * k + m] = d / lower[m * k + m];
        continue;
      }
      if (!(d > singularTolerance * raw[l])) return false;
      lower[l * k + l] = Math.sqrt(d);
    }
  }
  // forward substitution, column by column of L⁻¹
  for (let m = 0; m < k; m++) {
    for (let l = m; l < k; l++) {
      let value = l === m ? 1 : 0;
      for (let j = m; j < l; j++) value -= lower[l * k + j] * out[at + (j * (j + 1)) / 2 + m];
      out[at + (l * (l + 1)) / 2 + m] = value / lower[l * k + l];
    }
  }
  return true;
}
