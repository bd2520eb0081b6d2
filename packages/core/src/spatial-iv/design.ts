import { spatialLag } from '../weights/lag.js';
import type { SparseRows } from '../weights/weights.js';

/** Columns of the rows of a model before any effects are taken out. */
export interface SpatialData {
  readonly outcome: NamedValues;
  /** X without its constant */
  readonly exogenous: readonly NamedValues[];
  readonly constant: boolean;
  /** D: further regressors that move with the errors */
  readonly endogenous: readonly NamedValues[];
  /** Z: instruments outside the equation */
  readonly outside: readonly NamedValues[];
  /** W on the rows; null when no part of the model has a lag */
  readonly lagWeights: SparseRows | null;
  /** M of the errors on the rows; null without spatial errors */
  readonly errorWeights: SparseRows | null;
}

export interface NamedValues {
  readonly name: string;
  readonly values: Float64Array;
}

/** Which terms a model has, and how far its instruments go. */
export interface SpatialForm {
  /** ρWy */
  readonly lag: boolean;
  /** exogenous and endogenous columns (by place) that also enter as WX and WD */
  readonly durbin: readonly number[];
  readonly durbinEndogenous: readonly number[];
  /** u = λMu + ε */
  readonly error: boolean;
  /** highest power of W on exogenous regressors among the instruments */
  readonly order: number;
  /** the same on outside instruments */
  readonly outsideOrder: number;
  /** W1, W²1, … too: a constant's lags differ from it when rows of W do not sum to one */
  readonly lagConstant: boolean;
}

export interface DesignColumn extends NamedValues {
  readonly role: 'lag' | 'endogenous' | 'lagged endogenous' | 'exogenous' | 'lagged exogenous' | 'constant';
  /** which of X or D a column, or its lag, is */
  readonly of: number;
}

export interface InstrumentColumn extends NamedValues {
  /** powers of W on X or on 1, Z and its lags, or M times any of them */
  readonly source: 'exogenous' | 'outside' | 'error weights';
}

/** y = [Wy D WD]δ + [X WX 1]γ + u with the instruments that are not regressors. */
export interface SpatialDesign {
  readonly outcome: NamedValues;
  readonly endogenous: readonly DesignColumn[];
  readonly exogenous: readonly DesignColumn[];
  readonly instruments: readonly InstrumentColumn[];
}

/** The constant's name in results. */
const constantName = '(constant)';

/** `W(x)`, `W²(x)`, …; the place of M is taken by its own letter. */
export function lagName(name: string, power: number, letter = 'W'): string {
  const superscript = ['', '', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
  return `${letter}${superscript[power] ?? `^${power}`}(${name})`;
}

/**
 * Regressors and instruments of a model: powers of W on X up to `order` that are no regressors, Z with its lags, and, when the
 * errors have other weights M, M times all of these.
 *
 * In a Durbin model WX are regressors, so only W²X, W³X, … are left; an endogenous D and WD give no instruments at all.
 *
 * @see Kelejian & Prucha (1998), Journal of Real Estate Finance and Economics 17, §3; Kelejian & Robinson (1993)
 */
export function spatialDesign(data: SpatialData, form: SpatialForm): SpatialDesign {
  const { outcome, exogenous, endogenous, outside, lagWeights: w, errorWeights: m } = data;
  const own = w ?? m;
  const lag = (x: Float64Array) => spatialLag(own!, x);
  const regressors: DesignColumn[] = exogenous.map((column, of) => ({ ...column, role: 'exogenous', of }));
  const instruments: InstrumentColumn[] = [];
  const spatial = form.lag || form.durbin.length > 0 || form.durbinEndogenous.length > 0;
  const lagged: DesignColumn[] = [];
  const powersOf = ({ name, values }: NamedValues, order: number): NamedValues[] => {
    const powers: NamedValues[] = [];
    for (let p = 1; p <= order; p++) powers.push({ name: lagName(name, p), values: lag(powers[p - 2]?.values ?? values) });
    return powers;
  };
  const needsInstruments = form.lag || endogenous.length > 0;
  const byPower: NamedValues[][] = [];
  exogenous.forEach((column, of) => {
    const durbin = form.durbin.includes(of);
    const order = spatial && needsInstruments ? Math.max(form.order, durbin ? 1 : 0) : durbin ? 1 : 0;
    powersOf(column, order).forEach((power, p) => {
      if (p === 0 && durbin) lagged.push({ ...power, role: 'lagged exogenous', of });
      else {
        byPower[p] ??= [];
        byPower[p].push(power);
      }
    });
  });
  const one = new Float64Array(outcome.values.length).fill(1);
  if (form.lagConstant && data.constant && form.lag) {
    powersOf({ name: '1', values: one }, form.order).forEach((power, p) => {
      byPower[p] ??= [];
      byPower[p].push(power);
    });
  }
  const from =
    (source: InstrumentColumn['source']) =>
    (column: NamedValues): InstrumentColumn => ({ ...column, source });
  instruments.push(...byPower.flat().map(from('exogenous')));
  for (const column of outside) {
    instruments.push({ ...column, source: 'outside' });
    if (spatial || form.error) instruments.push(...powersOf(column, form.outsideOrder).map(from('outside')));
  }
  const constant: DesignColumn[] = data.constant ? [{ name: constantName, values: one, role: 'constant', of: -1 }] : [];
  if (form.error && spatial && m !== null && needsInstruments && m !== w) {
    const all = [...regressors, ...lagged, ...instruments];
    const times = all.map(({ name, values }) => ({ name: lagName(name, 1, 'M'), values: spatialLag(m, values) }));
    instruments.push(...times.map(from('error weights')));
  }
  return {
    outcome,
    endogenous: [
      ...(form.lag ? [{ name: lagName(outcome.name, 1), values: lag(outcome.values), role: 'lag' as const, of: -1 }] : []),
      ...endogenous.map((column, of): DesignColumn => ({ ...column, role: 'endogenous', of })),
      ...form.durbinEndogenous.map(
        (of): DesignColumn => ({
          name: lagName(endogenous[of].name, 1),
          values: lag(endogenous[of].values),
          role: 'lagged endogenous',
          of,
        }),
      ),
    ],
    exogenous: [...regressors, ...lagged, ...constant],
    instruments,
  };
}
