import { fixed, leftColumn, pValueCell, rightColumn, significant, vegaLite, wholeNumber } from '../../report/cells.js';
import type { Figure, Report, Table } from '../../report/report.js';
import { choiceWords, sweepReport } from '../sweep/report.js';
import type { SpecCurveResult } from './result.js';

/** More specifications than this are drawn by every so many of them. */
const mostDrawn = 1_500;

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export function specCurveReport(result: SpecCurveResult): Report {
  const sweep = sweepReport(result);
  return {
    title: 'Specification curve',
    verdict: [...sweep.verdict, ...jointWords(result)],
    tables: [jointTable(result), varianceTable(result), ...sweep.tables].filter((table) => table !== null),
    figures: [curveFigure(result), ...sweep.figures],
  };
}

function jointWords({ joint, variance, summary }: SpecCurveResult): string[] {
  const words = joint.tests.map(({ method, draws, pValue }) => {
    const how =
      method === 'permutation'
        ? 'with treatment paths handed to other entities'
        : 'with outcomes on which the treatment has no effect';
    const decision = pValue.median < (summary?.level ?? 0.05) ? 'would hardly be seen' : 'is not unusual';
    return `A median this far from zero ${decision} ${how}: p = ${pValue.median.toPrecision(2)} (${draws} draws).`;
  });
  const [first] = variance;
  return first === undefined
    ? words
    : [...words, `The choice that moves the estimate most is ${first.name}: ${percent(first.share)} of the variance by itself.`];
}

function jointTable({ joint }: SpecCurveResult): Table | null {
  if (joint.tests.length === 0) return null;
  const { observed, tests, specifications } = joint;
  const rows = (['median', 'share', 'stouffer'] as const).map((name) => ({
    label: { median: 'Median estimate', share: 'Share significant, sign of the median', stouffer: 'Stouffer’s Z' }[name],
    cells: [significant(observed[name], 5), ...tests.map(({ pValue }) => pValueCell(pValue[name]))],
  }));
  const bySource = (label: string, cells: readonly number[]) => ({
    label,
    cells: [null, ...cells.map((value) => significant(value, 4))],
  });
  return {
    title: 'Joint tests: no specification has an effect',
    columns: [
      leftColumn(''),
      rightColumn('observed'),
      ...tests.map(({ method, draws }) => rightColumn(`p by ${method} (${draws})`)),
    ],
    rows: [
      ...rows,
      {
        ...bySource(
          'Median under the null: standard deviation',
          tests.map(({ nullSd }) => nullSd),
        ),
        ruleAbove: true,
      },
      bySource(
        'Share under the null: mean',
        tests.map(({ nullShare }) => nullShare.mean),
      ),
      bySource(
        'Share under the null: 95 % quantile',
        tests.map(({ nullShare }) => nullShare.q95),
      ),
    ],
    notes: [
      `${specifications.toLocaleString('en')} specifications are fitted again in every draw, with classical errors. p = (1 + draws at least as extreme)/(draws + 1).`,
      'permutation: whole treatment paths go to other entities observed in the same periods. bootstrap: y* = ŷ₀ ± ê₀ by entity, without the treatment.',
    ],
  };
}

function varianceTable({ variance }: SpecCurveResult): Table | null {
  if (variance.length === 0) return null;
  return {
    title: 'Variance of the estimates by choice',
    columns: [leftColumn('choice'), rightColumn('options'), rightColumn('share, %')],
    rows: variance.map(({ name, choices, share }) => ({ label: name, cells: [wholeNumber(choices), fixed(100 * share, 1)] })),
    notes: ['Between the options of a choice, of the total; what is missing to 100 % comes from choices together.'],
  };
}

function curveFigure(result: SpecCurveResult): Figure {
  const { order, items, dimensions, main, summary } = result;
  const level = summary?.level ?? 0.05;
  const every = Math.max(1, Math.ceil(order.length / mostDrawn));
  const drawn = order.map((k, rank) => ({ k, rank })).filter(({ rank, k }) => rank % every === 0 || k === main);
  const points = drawn.map(({ k, rank }) => {
    const [estimate, p] = [items.estimate[k]!, items.pValue[k] ?? 1];
    const effect = p >= level ? `p ≥ ${level}` : estimate > 0 ? 'positive' : 'negative';
    return {
      rank,
      estimate,
      lower: items.lower[k],
      upper: items.upper[k],
      effect,
      main: k === main,
      choices: choiceWords(result, k).join('; '),
    };
  });
  const marks = drawn.flatMap(({ k, rank }) =>
    dimensions.flatMap(({ name, options, subset }, d) => {
      if (options.length < 2 && !subset) return [];
      const choice = items.choices[d][k];
      return options.flatMap((option, o) =>
        (subset ? Math.floor(choice / 2 ** o) % 2 === 1 : choice === o) ? [{ rank, choice: `${name}: ${option}` }] : [],
      );
    }),
  );
  const rows = dimensions.flatMap(({ name, options, subset }) =>
    options.length < 2 && !subset ? [] : options.map((option) => `${name}: ${option}`),
  );
  const x = { field: 'rank', type: 'quantitative', title: null, axis: { labels: false, ticks: false, grid: false } };
  const colour = {
    field: 'effect',
    type: 'nominal',
    title: null,
    scale: { domain: ['negative', `p ≥ ${level}`, 'positive'], range: ['#b2182b', '#999999', '#2166ac'] },
  };
  return {
    title: 'Specification curve',
    caption:
      `Estimates with intervals in ascending order, and the choices of each specification beneath; colours by sign where p < ${level}.` +
      `${every > 1 ? ` Every ${every}th of ${order.length.toLocaleString('en')} is drawn.` : ''}${main === null ? '' : ' The diamond is the main specification.'}`,
    spec: {
      $schema: vegaLite,
      vconcat: [
        {
          width: 640,
          height: 260,
          data: { values: points },
          layer: [
            {
              mark: { type: 'rule', opacity: 0.35 },
              encoding: {
                x,
                y: { field: 'lower', type: 'quantitative', title: 'estimate' },
                y2: { field: 'upper' },
                color: colour,
              },
            },
            {
              mark: { type: 'point', filled: true, size: 14 },
              encoding: {
                x,
                y: { field: 'estimate', type: 'quantitative' },
                color: colour,
                tooltip: [{ field: 'choices' }, { field: 'estimate' }],
              },
            },
            {
              transform: [{ filter: 'datum.main' }],
              mark: { type: 'point', shape: 'diamond', size: 120, filled: true, color: 'black' },
              encoding: { x, y: { field: 'estimate', type: 'quantitative' } },
            },
            {
              data: { values: [{ zero: 0 }] },
              mark: { type: 'rule', strokeDash: [4, 4] },
              encoding: { y: { field: 'zero', type: 'quantitative' } },
            },
          ],
        },
        {
          width: 640,
          height: { step: 14 },
          data: { values: marks },
          mark: { type: 'tick', thickness: 1, height: 10 },
          encoding: { x, y: { field: 'choice', type: 'nominal', sort: rows, title: null } },
        },
      ],
      resolve: { scale: { x: 'shared' } },
    },
  };
}
