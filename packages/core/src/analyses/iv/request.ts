import { absorb } from '../../effects/absorb.js';
import { type Grouping, groupingOnRows, isNested } from '../../effects/grouping.js';
import { effectsRank } from '../../effects/rank.js';
import { findSingletons } from '../../effects/singletons.js';
import { EstimationError, InputError, type Problem } from '../../errors.js';
import { type Dropped, modelFrame } from '../../formula/frame.js';
import { checkFormula, checkTerm, meanings } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { factorName, printName, termName } from '../../formula/print.js';
import type { Formula, Term } from '../../formula/syntax.js';
import type { ErrorStructure } from '../../instruments/error-structure.js';
import type { InstrumentedModel } from '../../instruments/model.js';
import { gather } from '../../linalg/vector.js';
import type { Panel } from '../../panel/panel.js';
import { usableWeights } from '../../panel-models/read-sample.js';
import { rootWeighted } from '../../panel-models/sample.js';
import { constantTerm } from '../../report/estimates-table.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import type { IvParams } from './params.js';

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: IvParams, { panel }: InputInfo): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const problems = [...checkFormula(formula, panel), ...shapeProblems(formula), ...endogeneityProblems(params, formula)];
  const known = meanings(panel);
  for (const [k, name] of params.cluster.entries()) {
    if (params.covariance !== 'cluster' || known.has(name)) continue;
    const message = `there is no column "${name}" to cluster by${didYouMean(name, known.keys())}`;
    problems.push({ pointer: params.cluster.length === 1 ? '/cluster' : `/cluster/${k}`, code: 'unknown_column', message });
  }
  if (params.weights !== undefined) problems.push(...checkTerm(parseTerm(params.weights), panel, '/weights'));
  return problems;
}

function shapeProblems({ outcome, regressors, endogenous, instruments }: Formula): Problem[] {
  const problems: Problem[] = [];
  const refuse = (code: string, message: string) => problems.push({ pointer: '/formula', code, message });
  if (endogenous.length === 0) {
    refuse(
      'no_endogenous',
      'instrumental variables need an endogenous regressor and its instruments: end the formula with | d ~ z',
    );
  } else if (instruments.length < endogenous.length) {
    const [p, q] = [endogenous.length, instruments.length];
    refuse(
      'too_few_instruments',
      `${p} endogenous regressors (${list(endogenous)}) need at least ${p} instruments, got ${q} (${list(instruments)})`,
    );
  }
  for (const term of [...endogenous, ...instruments]) {
    if (term.factors.some(({ kind }) => kind === 'levels')) {
      refuse(
        'several_columns',
        `${termName(term)} is several columns: an endogenous regressor or an instrument is one; make dummies first`,
      );
    }
  }
  const places = new Map<string, string>([[termKey(outcome), 'the outcome']]);
  for (const [place, terms] of [
    ['an exogenous regressor', regressors],
    ['an endogenous regressor', endogenous],
    ['an instrument', instruments],
  ] as const) {
    for (const term of terms) {
      const before = places.get(termKey(term));
      if (before !== undefined) refuse('term_twice', `${termName(term)} is ${before} and ${place}: it can be one of them`);
      places.set(termKey(term), place);
    }
  }
  return problems;
}

function endogeneityProblems({ endogeneityOf = [] }: IvParams, { endogenous }: Formula): Problem[] {
  const names = endogenous.map(termName);
  return endogeneityOf.flatMap((text, k) => {
    const name = readTermName(text);
    if (names.includes(name)) return [];
    const message = `${text} is not among the endogenous regressors ${names.join(', ')}${didYouMean(text, names)}`;
    return [{ pointer: `/endogeneityOf/${k}`, code: 'not_endogenous', message }];
  });
}

/** A term in its one spelling, or the text itself if it is none. */
export function readTermName(text: string): string {
  try {
    return termName(parseTerm(text));
  } catch (error) {
    if (error instanceof InputError) return text;
    throw error;
  }
}

/** Equal for a:b and b:a. */
const termKey = (term: Term) => term.factors.map(factorName).sort().join(':');
const list = (terms: readonly Term[]) => terms.map(termName).join(', ') || 'none';

/** A model with its effects taken out of every column, and all that must be said of its rows. */
export interface IvSample {
  readonly model: InstrumentedModel;
  readonly names: {
    readonly outcome: string;
    readonly endogenous: readonly string[];
    /** of the exogenous columns; the last is the constant if there is one */
    readonly exogenous: readonly string[];
    readonly instruments: readonly string[];
    readonly effects: readonly string[];
  };
  /** the last exogenous column is the constant */
  readonly constant: boolean;
  readonly errors: ErrorStructure;
  readonly absorbed: number;
  readonly absorbedAcrossClusters: number;
  /** false: `absorbed` is an upper bound */
  readonly absorbedExact: boolean;
  readonly rows: number;
  readonly entities: number;
  readonly periods: number;
  readonly clusters: { readonly name: string; readonly count: number } | null;
  /** rows alone in a level of an effect, left out */
  readonly singletons: number;
  readonly dropped: readonly Dropped[];
}

/**
 * The rows that the model is fitted on, effects absorbed.
 * @throws EstimationError `no_complete_rows`, `only_singletons`, `too_few_clusters`, `constant_outcome`, …
 */
export function ivSample(params: IvParams, panel: Panel): IvSample {
  const formula = parseFormula(params.formula, '/formula');
  const { effects, endogenous, instruments } = formula;
  const clustered = params.covariance === 'cluster';
  const frame = asEstimation(() =>
    modelFrame(panel, {
      outcome: formula.outcome,
      regressors: formula.regressors,
      extra: [...endogenous, ...instruments, ...(params.weights === undefined ? [] : [parseTerm(params.weights)])],
      effects: clustered ? [...effects, ...params.cluster] : effects,
    }),
  );
  const groupings = frame.effects.map(({ codes, labels }): Grouping => ({ codes, levels: labels.length }));
  const { rows, dropped: singletons } = findSingletons(groupings.slice(0, effects.length), frame.rows.length);
  if (rows.length === 0) {
    throw new EstimationError(
      'only_singletons',
      `every row is alone in a level of ${effects.map(printName).join(' or ')}: no variation is left within them`,
    );
  }
  const kept = groupings.map((grouping) => groupingOnRows(grouping, rows));
  const factors = kept.slice(0, effects.length);
  const weights =
    params.weights === undefined
      ? undefined
      : usableWeights(params.weights, gather(frame.extra.at(-1)!.values, rows), 'analytic').values;
  const absorption = absorb(factors, weights);
  // from here on all columns, the constant too, are × √w
  const within = ({ values }: { readonly values: Float64Array }) =>
    rootWeighted(absorption.apply(rows.length === values.length ? values : gather(values, rows)), weights);

  const constant = effects.length === 0 && formula.intercept;
  const one = constant ? [rootWeighted(new Float64Array(rows.length).fill(1), weights)] : [];
  const outcome = within(frame.outcome);
  if (isConstant(outcome, one[0])) {
    throw new EstimationError(
      'constant_outcome',
      `${frame.outcome.name} does not vary${effects.length > 0 ? ' within the effects' : ''}: there is nothing to explain`,
    );
  }
  const clusters = clustered ? kept.slice(effects.length) : [];
  const single = clusters.findIndex(({ levels }) => levels < 2);
  if (single >= 0) {
    throw new EstimationError(
      'too_few_clusters',
      `clustered errors need at least 2 clusters, ${params.cluster[single]} has ${clusters[single].levels}`,
    );
  }
  const nested = factors.filter((factor) => clusters.some((cluster) => isNested(factor, cluster)));
  const [cluster, second] = clusters;
  const outside = frame.extra.slice(endogenous.length, endogenous.length + instruments.length);
  return {
    model: {
      outcome,
      endogenous: frame.extra.slice(0, endogenous.length).map(within),
      exogenous: [...frame.regressors.map(within), ...one],
      instruments: outside.map(within),
    },
    names: {
      outcome: frame.outcome.name,
      endogenous: frame.extra.slice(0, endogenous.length).map(({ name }) => name),
      exogenous: [...frame.regressors.map(({ name }) => name), ...(constant ? [constantTerm] : [])],
      instruments: outside.map(({ name }) => name),
      effects,
    },
    constant,
    errors:
      cluster === undefined
        ? { kind: params.covariance === 'robust' ? 'robust' : 'classical' }
        : { kind: 'cluster', codes: cluster.codes, count: cluster.levels, second },
    absorbed: absorption.absorbed,
    absorbedAcrossClusters: absorption.absorbed - effectsRank(nested).rank,
    absorbedExact: absorption.exact,
    rows: rows.length,
    entities: distinct(frame.entity, frame.entityLabels.length, rows),
    periods: distinct(frame.time, frame.timeLabels.length, rows),
    clusters:
      cluster === undefined
        ? null
        : { name: params.cluster.join(' and '), count: Math.min(...clusters.map(({ levels }) => levels)) },
    singletons,
    dropped: frame.dropped,
  };
}

/** No more than a multiple of the constant's column; of zero without one. */
function isConstant(outcome: Float64Array, one: Float64Array | undefined): boolean {
  const share = one === undefined ? 0 : outcome[0] / one[0];
  for (let i = 0; i < outcome.length; i++) if (outcome[i] !== share * (one?.[i] ?? 0)) return false;
  return true;
}

function distinct(codes: Uint32Array, levels: number, rows: Uint32Array): number {
  const seen = new Uint8Array(levels);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]];
    count += 1 - seen[code];
    seen[code] = 1;
  }
  return count;
}
