import { fixed, leftColumn, pValueCell, rightColumn, significant, vegaLite, wholeNumber } from '../../report/cells.js';
import type { Figure, Report, Table } from '../../report/report.js';
import type { DescribedVariable, DescribeResult } from './result.js';

export function describeReport(result: DescribeResult): Report {
  const { pattern, warnings } = result;
  const periods = `${pattern.periods.length} periods (${pattern.periods[0]} to ${pattern.periods.at(-1)})`;
  return {
    title: 'Descriptive statistics',
    verdict: [
      pattern.balanced
        ? `A balanced panel: ${pattern.entities.toLocaleString('en')} entities × ${periods}.`
        : `An unbalanced panel: ${pattern.entities.toLocaleString('en')} entities with ${pattern.perEntity.min} to ${pattern.perEntity.max} of ${periods}.`,
      ...warnings,
    ],
    tables: [summaryTable(result), decompositionTable(result), patternTable(result)],
    figures: [
      ...result.variables
        .filter(({ n }) => n > 0)
        .slice(0, 12)
        .map(histogramFigure),
      patternFigure(result),
    ],
  };
}

const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`;

function summaryTable({ variables, conventions }: DescribeResult): Table {
  const shares = variables[0].quantiles.map(({ share }) => share);
  return {
    title: 'Summary statistics',
    columns: [
      leftColumn('Variable'),
      ...['N', 'Mean', 'Median', 'Sd', 'Min', ...shares.map(percent), 'Max', 'Skewness', 'Kurtosis', 'Jarque–Bera', 'p'].map(
        rightColumn,
      ),
    ],
    rows: variables.map((of) => ({
      label: of.name,
      cells: [
        wholeNumber(of.n),
        ...[of.mean, of.median, of.sd, of.min, ...of.quantiles.map(({ value }) => value), of.max].map((value) =>
          significant(value),
        ),
        fixed(of.skewness, 3),
        fixed(of.kurtosis, 3),
        fixed(of.jarqueBera.statistic, 3),
        pValueCell(of.jarqueBera.pValue),
      ],
    })),
    notes: [conventions[0], conventions[1], conventions[3]],
  };
}

function decompositionTable({ variables, conventions }: DescribeResult): Table {
  return {
    title: 'Variation overall, between and within entities',
    columns: [leftColumn('Variable'), leftColumn(''), ...['Mean', 'Sd', 'Min', 'Max', 'Observations'].map(rightColumn)],
    rows: variables.flatMap((of) =>
      (['overall', 'between', 'within'] as const).map((kind) => ({
        label: kind === 'overall' ? of.name : '',
        cells: [
          kind,
          kind === 'overall' ? significant(of.mean) : null,
          significant(of[kind].sd),
          significant(of[kind].min),
          significant(of[kind].max),
          kind === 'overall' ? wholeNumber(of.n) : kind === 'between' ? wholeNumber(of.entities) : fixed(of.periodsPerEntity, 2),
        ],
        ...(kind === 'overall' ? { ruleAbove: true } : {}),
      })),
    ),
    notes: [conventions[2], 'Observations: rows, entities, and rows per entity.'],
  };
}

function patternTable({ pattern }: DescribeResult): Table {
  return {
    title: 'Pattern of the panel',
    columns: [leftColumn('Periods'), rightColumn('Entities'), rightColumn('Share'), leftColumn('Such as')],
    rows: [
      ...pattern.patterns.map(({ pattern: text, entities, examples }) => ({
        label: text.length > 60 ? `${text.slice(0, 57)}…` : text,
        cells: [wholeNumber(entities), fixed(entities / pattern.entities, 3), examples.join(', ')],
      })),
      ...(pattern.otherPatterns > 0
        ? [{ label: `${pattern.otherPatterns} more patterns`, cells: [null, null, null], ruleAbove: true }]
        : []),
    ],
    notes: [`1 is observed, a point is not; from ${pattern.periods[0]} to ${pattern.periods.at(-1)}.`],
  };
}

function histogramFigure({ name, n, histogram: { from, width, counts } }: DescribedVariable): Figure {
  return {
    title: `Distribution of ${name}`,
    caption: `${n.toLocaleString('en')} rows in bins of ${width.toPrecision(3)}.`,
    spec: {
      $schema: vegaLite,
      width: 420,
      height: 240,
      data: { values: counts.map((rows, bin) => ({ from: from + bin * width, to: from + (bin + 1) * width, rows })) },
      mark: { type: 'bar', color: '#2c3e50' },
      encoding: {
        x: { field: 'from', type: 'quantitative', title: name, bin: { binned: true }, scale: { zero: false } },
        x2: { field: 'to' },
        y: { field: 'rows', type: 'quantitative', title: 'Rows' },
      },
    },
  };
}

/** Every entity's periods; of many entities, how many are observed in each period. */
function patternFigure({ pattern }: DescribeResult): Figure {
  const { cells, periods, perPeriod } = pattern;
  if (cells.length === 0) {
    return {
      title: 'Entities observed in each period',
      caption: `Of ${pattern.entities.toLocaleString('en')} entities.`,
      spec: {
        $schema: vegaLite,
        width: 560,
        height: 240,
        data: { values: perPeriod.map((entities, t) => ({ period: periods[t], entities })) },
        mark: { type: 'bar', color: '#2c3e50' },
        encoding: {
          x: { field: 'period', type: 'ordinal', title: null, sort: null },
          y: { field: 'entities', type: 'quantitative', title: 'Entities' },
        },
      },
    };
  }
  const values = cells.flatMap(({ entity, pattern: text }) =>
    Array.from(text, (one, t) => ({ entity, period: periods[t], observed: one === '1' ? 'yes' : 'no' })),
  );
  return {
    title: 'Pattern of the panel',
    caption: 'A cell for each entity and period.',
    spec: {
      $schema: vegaLite,
      width: { step: Math.max(4, Math.min(20, Math.floor(600 / periods.length))) },
      height: { step: Math.max(4, Math.min(14, Math.floor(900 / cells.length))) },
      data: { values },
      mark: 'rect',
      encoding: {
        x: { field: 'period', type: 'ordinal', title: null, sort: null },
        y: { field: 'entity', type: 'nominal', title: null, sort: null },
        color: {
          field: 'observed',
          type: 'nominal',
          title: 'Observed',
          scale: { domain: ['yes', 'no'], range: ['#2c3e50', '#ecf0f1'] },
        },
      },
    },
  };
}
