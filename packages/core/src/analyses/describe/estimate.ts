import { withinBetween } from '../../descriptives/decomposition.js';
import { jarqueBera, momentsOf, quantile } from '../../descriptives/moments.js';
import { periodPatterns } from '../../descriptives/pattern.js';
import { groupingOnRows } from '../../effects/grouping.js';
import { EstimationError } from '../../errors.js';
import { evaluateTerm } from '../../formula/evaluate.js';
import { parseTerm } from '../../formula/parse.js';
import { printName, termName } from '../../formula/print.js';
import type { Term } from '../../formula/syntax.js';
import type { Panel } from '../../panel/panel.js';
import type { DescribeParams } from './params.js';
import type { DescribedVariable, DescribeResult } from './result.js';

/** The variables asked for, or every column of numbers. */
export function describedTerms(
  params: Pick<DescribeParams, 'variables'>,
  columns: Panel['columns'] | readonly { name: string; kind: string }[],
): Term[] {
  const texts = params.variables ?? columns.filter(({ kind }) => kind === 'number').map(({ name }) => printName(name));
  return texts.map((text) => parseTerm(text));
}

export function describePanel(params: DescribeParams, panel: Panel): DescribeResult {
  const values = describedTerms(params, panel.columns).map((term) => ({
    name: termName(term),
    values: evaluateTerm(term, panel),
  }));
  const complete = Uint32Array.from(
    Array.from({ length: panel.rows }, (_, row) => row).filter((row) =>
      values.every((variable) => !Number.isNaN(variable.values[row])),
    ),
  );
  if (params.sample === 'common' && complete.length === 0)
    throw new EstimationError('no_complete_rows', 'no row has all of the variables: ask for sample "each"');
  const variables = values.map(({ name, values: all }) => {
    const rows = params.sample === 'common' ? complete : all.map((_, row) => row).filter((row) => !Number.isNaN(all[row]));
    return describeVariable(name, all, Uint32Array.from(rows), panel, params.quantiles);
  });
  const constant = variables.filter(({ n, sd }) => n > 1 && sd === 0).map(({ name }) => name);
  const empty = variables.filter(({ n }) => n === 0).map(({ name }) => name);
  return {
    variables,
    pattern: patternOf(panel),
    conventions: [
      'Standard deviations divide by n − 1; skewness and kurtosis are moment ratios with divisor n (EViews), kurtosis is 3 for the normal.',
      'Jarque–Bera n/6 · (S² + (K − 3)²/4) against χ²(2), an asymptotic distribution: below about 50 rows it rejects too seldom at 5 %.',
      'Between: entity means, divisor N − 1. Within: x − x̄_i + x̄, divisor n − 1 (Stata’s xtsum).',
      'Quantiles interpolate order statistics (R’s type 7); Stata’s summarize averages two neighbours instead.',
    ],
    warnings: [
      ...(empty.length > 0 ? [`No row has a value of ${empty.join(', ')}.`] : []),
      ...(constant.length > 0 ? [`Constant, so without skewness, kurtosis and Jarque–Bera: ${constant.join(', ')}.`] : []),
    ],
  };
}

function describeVariable(
  name: string,
  all: Float64Array,
  rows: Uint32Array,
  panel: Panel,
  shares: readonly number[],
): DescribedVariable {
  const x = Float64Array.from(rows, (row) => all[row]);
  const entity = groupingOnRows({ codes: panel.entity.codes, levels: panel.entity.labels.length }, rows);
  const ascending = Float64Array.from(x).sort();
  const none = { sd: Number.NaN, min: Number.NaN, max: Number.NaN };
  const moments = momentsOf(x);
  const { overall, between, within } = x.length === 0 ? { overall: none, between: none, within: none } : withinBetween(x, entity);
  const at = (share: number) => (x.length === 0 ? Number.NaN : quantile(ascending, share));
  return {
    name,
    n: x.length,
    missing: panel.rows - x.length,
    entities: entity.levels,
    periodsPerEntity: x.length / entity.levels,
    mean: moments.mean,
    median: at(0.5),
    sd: moments.sd,
    min: overall.min,
    max: overall.max,
    sum: moments.mean * moments.n,
    sumOfSquares: moments.sumOfSquares,
    quantiles: shares.map((share) => ({ share, value: at(share) })),
    skewness: moments.skewness,
    kurtosis: moments.kurtosis,
    jarqueBera: x.length === 0 ? { statistic: Number.NaN, pValue: Number.NaN } : jarqueBera(moments),
    overall,
    between,
    within,
    histogram: histogramOf(ascending),
  };
}

const mostBins = 60;

/** Equal bins of width 2·IQR/n^{1/3} (Freedman & Diaconis 1981), 1 to 60 of them. */
function histogramOf(ascending: Float64Array): { from: number; width: number; counts: number[] } {
  const n = ascending.length;
  if (n === 0) return { from: Number.NaN, width: Number.NaN, counts: [] };
  const [from, to] = [ascending[0], ascending[n - 1]];
  if (from === to) return { from, width: 0, counts: [n] };
  const spread = quantile(ascending, 0.75) - quantile(ascending, 0.25);
  const wanted = spread > 0 ? Math.ceil((to - from) / ((2 * spread) / Math.cbrt(n))) : Math.ceil(Math.sqrt(n));
  const bins = Math.max(1, Math.min(mostBins, wanted));
  const width = (to - from) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of ascending) counts[Math.min(bins - 1, Math.floor((value - from) / width))]++;
  return { from, width, counts };
}

const patternsListed = 20;
/** More entities or periods than this are not seen in a picture. */
const mostDrawn = { entities: 150, periods: 120 };

function patternOf(panel: Panel): DescribeResult['pattern'] {
  const { entity, time } = panel;
  const [entities, periods] = [entity.labels.length, time.labels.length];
  const patterns = periodPatterns({ codes: entity.codes, levels: entities }, { codes: time.codes, levels: periods });
  const sizes = Float64Array.from({ length: entities }, (_, e) => entity.starts[e + 1] - entity.starts[e]).sort();
  const perPeriod = new Array<number>(periods).fill(0);
  for (const code of time.codes) perPeriod[code]++;
  const drawn = entities <= mostDrawn.entities && periods <= mostDrawn.periods;
  return {
    entities,
    periods: [...time.labels],
    balanced: panel.rows === entities * periods,
    perEntity: { min: sizes[0], median: quantile(sizes, 0.5), max: sizes[entities - 1] },
    perPeriod,
    patterns: patterns.slice(0, patternsListed).map(({ pattern, entities: having, examples }) => ({
      pattern,
      entities: having,
      examples: examples.map((e) => entity.labels[e]),
    })),
    otherPatterns: Math.max(0, patterns.length - patternsListed),
    cells: drawn ? entityPatterns(panel) : [],
  };
}

function entityPatterns({ entity, time }: Panel): { entity: string; pattern: string }[] {
  return entity.labels.map((label, e) => {
    const present = new Array<string>(time.labels.length).fill('.');
    for (let row = entity.starts[e]; row < entity.starts[e + 1]; row++) present[time.codes[row]] = '1';
    return { entity: label, pattern: present.join('') };
  });
}
