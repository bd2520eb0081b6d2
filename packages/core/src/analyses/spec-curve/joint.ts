import { normalQuantile } from '../../distributions/normal.js';
import { studentTQuantile, studentTUpper } from '../../distributions/student-t.js';
import { choleskyInPlace } from '../../linalg/cholesky.js';
import { dot, gather } from '../../linalg/vector.js';
import type { Panel } from '../../panel/panel.js';
import type { PhiloxStream } from '../../random/stream.js';
import { drawAssignment, pathAssignments } from '../../resampling/path-assignments.js';
import type { Families, Family, FamilyModel } from '../sweep/families.js';
import type { Item } from '../sweep/grid.js';

/** A regression with what does not move when its treatment does. */
interface JointItem {
  readonly model: FamilyModel;
  readonly treatment: string;
  readonly controls: readonly string[];
  /** L of C̃ᵀC̃ at unit norms, and the norms */
  readonly factor: Float64Array;
  readonly norms: Float64Array;
  /** L⁻¹C̃ᵀy */
  readonly c: Float64Array;
  /** yᵀM_C y */
  readonly syy: number;
  /** residual degrees of freedom */
  readonly df: number;
  /** |t| from which on it is significant */
  readonly critical: number;
}

/** What a curve is summed up in: the same three for the data and for every draw. */
export interface CurveStatistics {
  readonly median: number;
  /** items that are significant with the sign of this curve's own median, of all */
  readonly share: number;
  /** Σ zᵢ/√K */
  readonly stouffer: number;
}

/**
 * A whole specification curve under the null hypothesis that the treatment does nothing in any specification, again and again.
 *
 *   b = x̃ᵀM_C ỹ / x̃ᵀM_C x̃,   t = b / √(SSR / df / x̃ᵀM_C x̃)
 *
 * with ~ without effects and C the item's controls, whose Cholesky factor is taken once. Significance is by classical errors: the
 * distribution under the null is simulated, so the statistic need not be studentised for it to be valid.
 *
 * @see Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208–1214: three joint tests
 */
export class JointCurve {
  readonly items: readonly JointItem[];
  readonly #estimates: Float64Array;
  readonly #t: Float64Array;

  constructor(
    readonly families: Families,
    items: readonly Item[],
    readonly level: number,
  ) {
    this.items = items.flatMap((item) => prepare(families.model(item), level) ?? []);
    this.#estimates = new Float64Array(this.items.length);
    this.#t = new Float64Array(this.items.length);
  }

  /** The curve of the data. */
  observed(): CurveStatistics {
    for (const [k, { model, treatment, ...item }] of this.items.entries()) {
      this.#put(k, { ...item, model, treatment }, model.family.regressions.column(treatment));
    }
    return this.#statistics();
  }

  /**
   * A curve with the paths of treatments handed to other entities observed in the same periods; with one period, to other rows.
   * Every treatment moves by the same assignment.
   */
  permuted(panel: Panel, stream: PhiloxStream): CurveStatistics {
    const drawn = this.#assigned(panel, stream);
    const columns = new Map<string, Float64Array>();
    for (const [k, item] of this.items.entries()) {
      const { family } = item.model;
      const key = `${this.#placeOf(family)}/${item.treatment}`;
      let column = columns.get(key);
      if (column === undefined) {
        column = family.regressions.within(gather(drawn.get(item.treatment)!, family.rows));
        columns.set(key, column);
      }
      this.#put(k, item, column);
    }
    return this.#statistics();
  }

  /**
   * A curve in which the treatment does nothing by construction: y* = ŷ₀ + w ∘ ê₀ from the regression without it, w = ±1 for each
   * entity, the same entity with the same sign in every specification (wild cluster bootstrap, null imposed).
   */
  bootstrapped(panel: Panel, stream: PhiloxStream): CurveStatistics {
    const signs = new Float64Array(panel.entity.labels.length);
    stream.signs(signs);
    const made = new Map<string, Float64Array>();
    for (const [k, item] of this.items.entries()) {
      const { regressions, rows } = item.model.family;
      const key = `${this.#placeOf(item.model.family)}/${item.model.outcome}/${item.controls.join('+')}`;
      let noise = made.get(key);
      if (noise === undefined) {
        const residuals = residualsOf(item);
        for (let i = 0; i < residuals.length; i++) residuals[i] *= signs[panel.entity.codes[rows[i]]];
        noise = regressions.within(residuals);
        made.set(key, noise);
      }
      this.#put(k, item, regressions.column(item.treatment), noise);
    }
    return this.#statistics();
  }

  readonly #families: Family[] = [];
  #placeOf(family: Family): number {
    const at = this.#families.indexOf(family);
    return at >= 0 ? at : this.#families.push(family) - 1;
  }

  #assignments: ReadonlyMap<string, ReturnType<typeof pathAssignments>> | undefined;
  /** Every treatment with its paths at other entities, the same ones for all of them. */
  #assigned(panel: Panel, stream: PhiloxStream): Map<string, Float64Array> {
    const entity = { codes: panel.entity.codes, levels: panel.entity.labels.length };
    if (this.#assignments === undefined) {
      const names = [...new Set(this.items.map(({ treatment }) => treatment))];
      const time = { codes: panel.time.codes, levels: panel.time.labels.length };
      const values = names.map((name) => this.families.values(name));
      const strata = missingPatterns(values, panel);
      this.#assignments = new Map(names.map((name, k) => [name, pathAssignments(values[k], entity, time, { strata })]));
    }
    const assignments = this.#assignments;
    const [one] = assignments.values(); // classes are of periods and missing values: the same for all
    const donor = Uint32Array.from({ length: entity.levels }, (_, e) => e);
    drawAssignment(one, stream, donor, new Uint32Array(entity.levels));
    return new Map(
      Array.from(assignments, ([name, { assign }]) => {
        const out = new Float64Array(panel.rows);
        assign(donor, out);
        return [name, out];
      }),
    );
  }

  /** Estimate and t of an item for this treatment, without effects, and this outcome instead of its own. */
  #put(k: number, item: JointItem, x: Float64Array, outcome?: Float64Array): void {
    const { model, controls, factor, norms, c } = item;
    const { regressions } = model.family;
    const y = outcome ?? regressions.column(model.outcome);
    const m = controls.length;
    const a = new Float64Array(m);
    for (let j = 0; j < m; j++) a[j] = dot(regressions.column(controls[j]), x) / norms[j];
    forward(factor, m, a);
    let own = c;
    let syy = item.syy;
    if (outcome !== undefined) {
      own = new Float64Array(m);
      for (let j = 0; j < m; j++) own[j] = dot(regressions.column(controls[j]), outcome) / norms[j];
      forward(factor, m, own);
      syy = dot(outcome, outcome) - dot(own, own);
    }
    const sxx = dot(x, x) - dot(a, a);
    const sxy = dot(x, y) - dot(a, own);
    this.#estimates[k] = sxy / sxx;
    this.#t[k] = sxy / sxx / Math.sqrt((syy - (sxy * sxy) / sxx) / item.df / sxx);
  }

  #statistics(): CurveStatistics {
    const K = this.items.length;
    const sorted = this.#estimates.slice().sort();
    const median = K % 2 === 1 ? sorted[(K - 1) / 2] : (sorted[K / 2 - 1] + sorted[K / 2]) / 2;
    const wanted = Math.sign(median);
    let significant = 0;
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const t = this.#t[k];
      if (Math.sign(t) === wanted && Math.abs(t) >= this.items[k].critical) significant++;
      sum += Math.sign(t) * zOf(Math.abs(t), this.items[k].df);
    }
    return { median, share: significant / K, stouffer: sum / Math.sqrt(K) };
  }
}

/** The normal deviate with the upper tail of |t|. */
function zOf(t: number, df: number): number {
  const upper = studentTUpper(t, df);
  return upper > 1e-300 ? -normalQuantile(upper) : Math.sqrt(-2 * Math.log(1e-300));
}

function prepare(model: FamilyModel | null, level: number): JointItem[] | null {
  if (model === null) return null;
  const { family, outcome, regressors } = model;
  const { regressions, named } = family;
  if (regressions.fit(outcome, regressors) === null) return null;
  const [treatment, ...controls] = regressors;
  const m = controls.length;
  const norms = Float64Array.from(controls, (name) => Math.sqrt(regressions.product(name, name)));
  const factor = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) factor[i * m + j] = regressions.product(controls[i], controls[j]) / (norms[i] * norms[j]);
    factor[i * m + i] = 1;
  }
  if (choleskyInPlace(factor, m) < m) return null;
  const c = Float64Array.from(controls, (name, j) => regressions.product(name, outcome) / norms[j]);
  forward(factor, m, c);
  const df = named.sample.rows - regressions.absorbed - m - 1;
  const syy = regressions.product(outcome, outcome) - dot(c, c);
  const critical = -studentTQuantile(level / 2, df);
  return [{ model, treatment, controls, factor, norms, c, syy, df, critical }];
}

/** b ← L⁻¹b. */
function forward(l: Float64Array, m: number, b: Float64Array): void {
  for (let i = 0; i < m; i++) {
    let sum = b[i];
    for (let j = 0; j < i; j++) sum -= l[i * m + j] * b[j];
    b[i] = sum / l[i * m + i];
  }
}

/** ê₀ = M_C ỹ, a new column. */
function residualsOf({ model, controls, factor, norms, c }: JointItem): Float64Array {
  const { regressions } = model.family;
  const m = controls.length;
  const b = Float64Array.from(c);
  for (let i = m - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < m; j++) sum -= factor[j * m + i] * b[j];
    b[i] = sum / factor[i * m + i];
  }
  const e = Float64Array.from(regressions.column(model.outcome));
  for (let j = 0; j < m; j++) {
    const [column, slope] = [regressions.column(controls[j]), b[j] / norms[j]];
    for (let i = 0; i < e.length; i++) e[i] -= slope * column[i];
  }
  return e;
}

/** Entities that lack a treatment in the same places may exchange its path. */
function missingPatterns(treatments: readonly Float64Array[], { entity, rows }: Panel) {
  if (treatments.every((values) => values.every((value) => !Number.isNaN(value)))) return null;
  const codeOf = new Map<string, number>();
  const codes = new Uint32Array(rows);
  for (let e = 0; e + 1 < entity.starts.length; e++) {
    const [from, to] = [entity.starts[e], entity.starts[e + 1]];
    const pattern = treatments
      .map((values) => Array.from(values.subarray(from, to), Number.isNaN).map(Number).join(''))
      .join('|');
    const code = codeOf.get(pattern) ?? codeOf.size;
    codeOf.set(pattern, code);
    codes.fill(code, from, to);
  }
  return { codes, levels: codeOf.size };
}
