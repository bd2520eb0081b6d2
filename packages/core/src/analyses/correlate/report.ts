import {
  fixed,
  leftColumn,
  pValueCell,
  rightColumn,
  significant,
  starsNote,
  starsOf,
  vegaLite,
  wholeNumber,
} from '../../report/cells.js';
import type { Cell, Figure, Report, Table } from '../../report/report.js';
import type { CorrelateResult } from './result.js';

type Method = 'pearson' | 'spearman';

export function correlateReport(result: CorrelateResult): Report {
  const methods = (['pearson', 'spearman'] as const).filter((method) => result.pairs[0][method] !== undefined);
  return {
    title: 'Correlations',
    verdict: [...result.warnings],
    tables: [
      ...methods.map((method) => matrixTable(result, method)),
      pairsTable(result, methods),
      ...(result.inflation.length > 0 ? [inflationTable(result)] : []),
    ],
    figures: methods.map((method) => mapFigure(result, method)),
  };
}

const methodWords: Record<Method, string> = { pearson: 'Pearson', spearman: 'Spearman' };

const testOf = ({ pairs }: CorrelateResult, method: Method, a: string, b: string) =>
  pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.[method];

/** Lower triangle with stars. */
function matrixTable(result: CorrelateResult, method: Method): Table {
  const { variables, sample, conventions } = result;
  return {
    title: `Correlation matrix, ${methodWords[method]}`,
    columns: [leftColumn(''), ...variables.map(rightColumn)],
    rows: variables.map((a, i) => ({
      label: a,
      cells: variables.map((b, j): Cell => {
        if (j > i) return null;
        if (j === i) return fixed(1, 3);
        const { r, pValue } = testOf(result, method, a, b)!;
        return { ...fixed(r, 3), stars: starsOf(pValue) };
      }),
    })),
    notes: [`${sample.rows.toLocaleString('en')} rows with all variables. ${starsNote()}.`, conventions[0]],
  };
}

function pairsTable({ pairs }: CorrelateResult, methods: readonly Method[]): Table {
  return {
    title: 'Tests of no correlation',
    columns: [leftColumn('Pair'), leftColumn('Method'), ...['r', 't', 'df', 'p', 'N'].map(rightColumn)],
    rows: pairs.flatMap((pair) =>
      methods.map((method) => {
        const { r, statistic, df, pValue, n } = pair[method]!;
        return {
          label: `${pair.a}, ${pair.b}`,
          cells: [methodWords[method], fixed(r, 6), fixed(statistic, 3), wholeNumber(df), pValueCell(pValue), wholeNumber(n)],
        };
      }),
    ),
    notes: ['Two-sided.'],
  };
}

function inflationTable({ inflation, conventions }: CorrelateResult): Table {
  return {
    title: 'Variance inflation factors',
    columns: [leftColumn('Regressor'), rightColumn('Raw'), rightColumn('Within effects')],
    rows: inflation.map(({ variable, raw, within }) => ({
      label: variable,
      cells: [significant(raw, 5), significant(within, 5)],
    })),
    notes: [conventions[2]],
  };
}

function mapFigure(result: CorrelateResult, method: Method): Figure {
  const { variables } = result;
  const values = variables.flatMap((a, i) =>
    variables.map((b, j) => ({ a, b, r: i === j ? 1 : (testOf(result, method, a, b)?.r ?? null) })),
  );
  const axis = { type: 'nominal', title: null, sort: null } as const;
  return {
    title: `Correlation map, ${methodWords[method]}`,
    caption: 'From −1 (red) to 1 (blue).',
    spec: {
      $schema: vegaLite,
      width: { step: 52 },
      height: { step: 36 },
      data: { values: values.filter(({ r }) => r !== null && !Number.isNaN(r)) },
      encoding: { x: { field: 'b', ...axis }, y: { field: 'a', ...axis } },
      layer: [
        {
          mark: 'rect',
          encoding: { color: { field: 'r', type: 'quantitative', scale: { domain: [-1, 1], scheme: 'redblue' }, title: 'r' } },
        },
        {
          mark: { type: 'text', fontSize: 11 },
          encoding: {
            text: { field: 'r', type: 'quantitative', format: '.2f' },
            color: { condition: { test: 'abs(datum.r) > 0.6', value: 'white' }, value: 'black' },
          },
        },
      ],
    },
  };
}
