import { correlationTest, rankCorrelationTest, varianceInflation } from '../../descriptives/correlation.js';
import { absorb } from '../../effects/absorb.js';
import { evaluateTerm } from '../../formula/evaluate.js';
import { modelFrame } from '../../formula/frame.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import { demean } from '../../linalg/demean.js';
import type { Panel } from '../../panel/panel.js';
import type { CorrelateParams } from './params.js';
import type { CorrelateResult } from './result.js';

/** A regressor with a VIF above this shares 90 % of its variance with the others. */
const highInflation = 10;

export function correlatePanel(params: CorrelateParams, panel: Panel): CorrelateResult {
  const terms = params.variables.map((text) => parseTerm(text));
  const [outcome, ...rest] = terms;
  const regressors = params.inflation?.map((text) => parseTerm(text)) ?? rest;
  const frame = modelFrame(panel, { outcome, regressors: [], extra: [...rest, ...regressors], effects: params.effects });
  const variables = terms.map((term) => {
    const name = termName(term);
    return { name, all: evaluateTerm(term, panel), common: frame.variables.get(name)! };
  });
  const pairs = variables.flatMap((a, i) =>
    variables.slice(i + 1).map((b) => {
      const [x, y] = params.sample === 'common' ? [a.common, b.common] : pairwise(a.all, b.all);
      return {
        a: a.name,
        b: b.name,
        ...(params.methods.includes('pearson') ? { pearson: correlationTest(x, y) } : {}),
        ...(params.methods.includes('spearman') ? { spearman: rankCorrelationTest(x, y) } : {}),
      };
    }),
  );
  const columns = regressors.map((term) => frame.variables.get(termName(term))!);
  const within = absorb(frame.effects.map(({ codes, labels }) => ({ codes, levels: labels.length })));
  const [raw, inside] = [
    columns.length < 2 ? [] : varianceInflation(columns.map(demean)),
    columns.length < 2 ? [] : varianceInflation(columns.map((x) => within.apply(x))),
  ];
  const inflation = Array.from(raw, (value, j) => ({ variable: termName(regressors[j]), raw: value, within: inside[j] }));
  const effects = frame.effects.map(({ name }) => name);
  return {
    variables: variables.map(({ name }) => name),
    pairs,
    inflation,
    effects,
    sample: {
      rows: frame.rows.length,
      entities: frame.entityLabels.length,
      periods: frame.timeLabels.length,
      dropped: [...frame.dropped],
    },
    conventions: [
      'p of a correlation: t = r √((n − 2)/(1 − r²)) with n − 2 degrees of freedom, two-sided; it takes rows as independent, and rows of one entity seldom are.',
      'Spearman: Pearson of the ranks, ties at their mean rank, the same t.',
      `VIF = 1/(1 − R²) of each regressor on the others: raw with a constant, within after the effects ${effects.join(' and ') || '(none)'}. With fixed effects the within one counts.`,
    ],
    warnings: warningsOf(variables, inflation),
  };
}

function pairwise(x: Float64Array, y: Float64Array): [Float64Array, Float64Array] {
  const both = (_: number, i: number) => !Number.isNaN(x[i]) && !Number.isNaN(y[i]);
  return [x.filter(both), y.filter(both)];
}

function warningsOf(
  variables: readonly { name: string; common: Float64Array }[],
  inflation: CorrelateResult['inflation'],
): string[] {
  const constant = variables.filter(({ common }) => common.every((value) => value === common[0])).map(({ name }) => name);
  const absorbed = inflation.filter(({ within }) => Number.isNaN(within)).map(({ variable }) => variable);
  const high = inflation.filter(({ within }) => within > highInflation).map(({ variable }) => variable);
  return [
    ...(constant.length > 0 ? [`Constant, so without a correlation: ${constant.join(', ')}.`] : []),
    ...(absorbed.length > 0 ? [`The effects absorb ${absorbed.join(', ')}: no slope can be estimated.`] : []),
    ...(high.length > 0 ? [`VIF within effects above ${highInflation}: ${high.join(', ')}; slopes are hard to tell apart.`] : []),
  ];
}
