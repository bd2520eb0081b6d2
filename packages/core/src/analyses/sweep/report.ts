import {
  leftColumn,
  pValueCell,
  rightColumn,
  significant,
  starsNote,
  starsOf,
  vegaLite,
  wholeNumber,
} from '../../report/cells.js';
import type { Figure, Report, Table, TableRow } from '../../report/report.js';
import type { SweepResult } from './result.js';
import { quantile } from './summary.js';

/** Rows of the table of items; the whole table is the result’s. */
const shownItems = 60;
const shownFailures = 20;

export function sweepReport(result: SweepResult): Report {
  const tables = [summaryTable(result), choicesTable(result), failuresTable(result), itemsTable(result)];
  return {
    title: 'Sweep of specifications',
    verdict: verdictOf(result),
    tables: tables.filter((table) => table !== null),
    figures: histogram(result),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const counted = (count: number) => count.toLocaleString('en');

function verdictOf({ counts, summary, failures, analysis }: SweepResult): string[] {
  const { items, distinct, fitted, failed } = counts;
  const equal = items - distinct;
  const words = [
    `${counted(items)} specifications of ${analysis}: ${counted(fitted)} fitted, ${counted(failed)} failed` +
      `${equal > 0 ? `; ${counted(equal)} are equal to earlier ones and were computed once` : ''}.`,
  ];
  if (summary !== null) {
    const { quartiles, minimum, maximum, positive, negative, positiveSignificant, negativeSignificant, level } = summary;
    words.push(
      `The median estimate is ${quartiles[1].toPrecision(4)}, between ${minimum.toPrecision(4)} and ${maximum.toPrecision(4)}.`,
      `${percent(positive)} are positive (${percent(positiveSignificant)} with p < ${level}), ${percent(negative)} negative (${percent(negativeSignificant)} with p < ${level}).`,
    );
    if (positiveSignificant > 0 && negativeSignificant > 0)
      words.push(
        'Some choices turn the sign with significance: a median over both signs describes neither. See the table of choices.',
      );
  }
  if (failed > 0) words.push(`What failed first: ${failures[0].message}.`);
  return words;
}

function summaryTable({ summary, counts }: SweepResult): Table | null {
  if (summary === null) return null;
  const { minimum, quartiles, maximum } = summary;
  const rows: [string, TableRow['cells']][] = [
    ['Specifications', [wholeNumber(counts.items)]],
    ['Fitted', [wholeNumber(counts.fitted)]],
    ['Minimum', [significant(minimum)]],
    ['First quartile', [significant(quartiles[0])]],
    ['Median', [significant(quartiles[1])]],
    ['Third quartile', [significant(quartiles[2])]],
    ['Maximum', [significant(maximum)]],
    ['Positive', [percent(summary.positive)]],
    [`Positive, p < ${summary.level}`, [percent(summary.positiveSignificant)]],
    ['Negative', [percent(summary.negative)]],
    [`Negative, p < ${summary.level}`, [percent(summary.negativeSignificant)]],
  ];
  return {
    title: 'Estimates',
    columns: [leftColumn(''), rightColumn('all items')],
    rows: rows.map(([label, cells]) => ({ label, cells })),
    notes: [
      'Quartiles are linear between order statistics. Shares are of the fitted items; p-values are not adjusted for their number.',
    ],
  };
}

/** Does item k make this choice? Of a subset: is the option in it? */
const takes = (choice: number, option: number, subset: boolean) =>
  subset ? Math.floor(choice / 2 ** option) % 2 === 1 : choice === option;

function choicesTable({ dimensions, items, summary }: SweepResult): Table | null {
  if (summary === null) return null;
  const rows: TableRow[] = [];
  for (const [d, { name, options, subset }] of dimensions.entries()) {
    if (options.length < 2 && !subset) continue;
    for (const [o, option] of options.entries()) {
      if (o >= shownItems) break;
      const of = items.estimate.flatMap((value, k) => (value !== null && takes(items.choices[d][k], o, subset) ? [k] : []));
      if (of.length === 0) continue;
      const sorted = Float64Array.from(of, (k) => items.estimate[k]!).sort();
      const significantOnes = of.filter((k) => (items.pValue[k] ?? 1) < summary.level).length;
      rows.push({
        label: `${name}: ${option}`,
        cells: [
          wholeNumber(of.length),
          significant(quantile(sorted, 0.5)),
          significant(sorted[0]),
          significant(sorted[sorted.length - 1]),
          percent(significantOnes / of.length),
        ],
        ruleAbove: o === 0 && rows.length > 0,
      });
    }
  }
  if (rows.length === 0) return null;
  return {
    title: 'By choice',
    columns: [leftColumn('choice'), ...['fitted', 'median', 'minimum', 'maximum', `p < ${summary.level}`].map(rightColumn)],
    rows,
    notes: ['Over all other choices. Of controls, the items that have this one.'],
  };
}

function failuresTable({ failures }: SweepResult): Table | null {
  if (failures.length === 0) return null;
  const causes = new Map<string, { count: number; first: number }>();
  for (const { code, message, item } of failures) {
    const cause = `${code}: ${message}`;
    const known = causes.get(cause);
    if (known === undefined) causes.set(cause, { count: 1, first: item });
    else known.count++;
  }
  const most = [...causes].sort(([, a], [, b]) => b.count - a.count).slice(0, shownFailures);
  return {
    title: 'Failures by cause',
    columns: [leftColumn('cause'), rightColumn('items'), rightColumn('first item')],
    rows: most.map(([label, { count, first }]) => ({ label, cells: [wholeNumber(count), wholeNumber(first)] })),
    notes: causes.size > most.length ? [`${causes.size - most.length} further causes are in the result.`] : [],
  };
}

/** The choices of an item in words, one for each dimension. */
export function choiceWords({ dimensions, items }: SweepResult, k: number): string[] {
  return dimensions.map(({ options, subset }, d) => {
    const choice = items.choices[d][k];
    return subset ? options.filter((_, o) => takes(choice, o, true)).join(' + ') || 'none' : options[choice];
  });
}

function itemsTable(result: SweepResult): Table {
  const { dimensions, items, counts } = result;
  const shown = dimensions.map((_, d) => d).filter((d) => dimensions[d].options.length > 1 || dimensions[d].subset);
  const rows = Array.from({ length: Math.min(shownItems, counts.items) }, (_, k): TableRow => {
    const words = choiceWords(result, k);
    const [estimate, error, p] = [items.estimate[k], items.standardError[k], items.pValue[k]];
    return {
      label: String(k),
      cells: [
        ...shown.map((d) => words[d]),
        estimate === null ? 'failed' : { ...significant(estimate, 5), stars: starsOf(p ?? 1) },
        error === null ? null : significant(error, 4),
        p === null ? null : pValueCell(p),
        items.rows[k] === null ? null : wholeNumber(items.rows[k]!),
      ],
    };
  });
  const rest = counts.items - rows.length;
  return {
    title: 'Specifications',
    columns: [
      leftColumn('item'),
      ...shown.map((d) => leftColumn(dimensions[d].name)),
      ...['estimate', 'standard error', 'p', 'N'].map(rightColumn),
    ],
    rows,
    notes: [
      ...(rest > 0 ? [`The first ${rows.length} of ${counted(counts.items)}; all are in the result.`] : []),
      `${starsNote()}.`,
    ],
  };
}

/** Bins of the histogram. */
const bins = 40;

function histogram({ items, summary }: SweepResult): Figure[] {
  if (summary === null || summary.maximum === summary.minimum) return [];
  const { minimum, maximum, level } = summary;
  const width = (maximum - minimum) / bins;
  const counts = new Map<string, number>();
  for (const [k, estimate] of items.estimate.entries()) {
    if (estimate === null) continue;
    const bin = Math.min(bins - 1, Math.floor((estimate - minimum) / width));
    const key = `${bin}/${(items.pValue[k] ?? 1) < level ? 1 : 0}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const values = Array.from(counts, ([key, count]) => {
    const [bin, significantOnes] = key.split('/').map(Number);
    return {
      from: minimum + bin * width,
      to: minimum + (bin + 1) * width,
      significance: significantOnes === 1 ? `p < ${level}` : `p ≥ ${level}`,
      count,
    };
  });
  return [
    {
      title: 'Estimates of all specifications',
      caption: 'A specification counts once; the vertical line is zero.',
      spec: {
        $schema: vegaLite,
        width: 560,
        height: 260,
        layer: [
          {
            data: { values },
            mark: 'bar',
            encoding: {
              x: { field: 'from', type: 'quantitative', bin: { binned: true }, title: 'estimate' },
              x2: { field: 'to' },
              y: { field: 'count', type: 'quantitative', stack: 'zero', title: 'specifications' },
              color: { field: 'significance', type: 'nominal', title: null },
            },
          },
          {
            data: { values: [{ zero: 0 }] },
            mark: { type: 'rule', strokeDash: [4, 4] },
            encoding: { x: { field: 'zero', type: 'quantitative' } },
          },
        ],
      },
    },
  ];
}
