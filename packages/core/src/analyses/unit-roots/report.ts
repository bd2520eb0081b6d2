import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, starsOf, vegaLite, wholeNumber } from '../../report/cells.js';
import type { Cell, Figure, Report, Table } from '../../report/report.js';
import { rootTestTitles } from './limits.js';
import { rootTestNames } from './params.js';
import type { CointegrationResult, RootsSeries, RootsTest, UnitRootsResult } from './result.js';
import { nameOf } from './verdict.js';

/** "Too small for this" first, the table of variables by tests, all statistics, then entity by entity. */
export function unitRootsReport(result: UnitRootsResult): Report {
  return {
    title: 'Panel unit roots and cointegration',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      adequacyTable(result.adequacy, 'Test'),
      overviewTable(result),
      ...result.series.map((of) => statisticsTable(of)),
      ...result.series.map((of) => entityTable(of, result.lags)),
      ...cointegrationTables(result),
    ],
    figures: [pValueFigure(result.series)],
  };
}

/** A tick for each entity: spread evenly between 0 and 1 when all have a unit root. */
function pValueFigure(series: readonly RootsSeries[]): Figure {
  const values = series.flatMap((of) =>
    of.entities.flatMap(({ entity, adf }) => (adf === null ? [] : [{ variable: nameOf(of), entity, p: adf.pValue }])),
  );
  return {
    title: 'ADF p-values of the entities',
    caption: 'One tick an entity. Without stationary entities, and entities that do not move together, ticks are spread evenly.',
    spec: {
      $schema: vegaLite,
      width: 560,
      height: { step: 28 },
      data: { values },
      mark: { type: 'tick', color: '#2c3e50', thickness: 2 },
      encoding: {
        x: { field: 'p', type: 'quantitative', title: 'p', scale: { domain: [0, 1] } },
        y: { field: 'variable', type: 'nominal', title: null, sort: null },
        tooltip: [{ field: 'entity' }, { field: 'p', format: '.4f' }],
      },
    },
  };
}

function cointegrationTables({ cointegration: of }: UnitRootsResult): Table[] {
  if (of === null) return [];
  return [cointegrationTable(of), ...(of.engleGranger === null ? [] : [engleGrangerTable(of.formula, of.engleGranger)])];
}

/** Variables × tests, as papers print it: statistic with stars, p in brackets under it. */
function overviewTable({ series, lags, conventions }: UnitRootsResult): Table {
  const present = rootTestNames.filter((name) => series[0].tests.some(({ test }) => test === name));
  const first = (of: RootsSeries, name: RootsTest['test']) => of.tests.find(({ test }) => test === name)!;
  return {
    title: 'Panel unit root tests',
    columns: [
      leftColumn('Variable'),
      ...present.map((name) => rightColumn(rootTestTitles[name])),
      rightColumn('N'),
      rightColumn('Observations'),
    ],
    rows: series.flatMap((of) => [
      {
        label: nameOf(of),
        cells: [
          ...present.map((name): Cell => statisticCell(first(of, name))),
          wholeNumber(of.sample.entities),
          wholeNumber(of.sample.observations),
        ],
      },
      { label: '', cells: [...present.map((name): Cell => bracketed(first(of, name))), null, null] },
    ]),
    notes: [
      'Statistic (of the Fisher tests χ²), p in brackets; *** p < 0.01, ** p < 0.05, * p < 0.1, no stars where the series are too short for a verdict.',
      `Lags: ${lags}. Null: a unit root in every entity; of Hadri: stationarity.`,
      ...conventions,
    ],
  };
}

function statisticCell({ statistic, status, pValue }: RootsTest): Cell {
  if (status === 'unavailable') return '—';
  return { ...fixed(statistic, 3), ...(status === 'ok' && !Number.isNaN(pValue) ? { stars: starsOf(pValue) } : {}) };
}

function bracketed({ pValue, status }: RootsTest): Cell {
  if (status === 'unavailable' || Number.isNaN(pValue)) return null;
  return { ...pValueCell(pValue), brackets: 'round' };
}

function statisticsTable(of: RootsSeries): Table {
  const notes = of.tests.flatMap(({ title, note }) => (note === null ? [] : [`${title}: ${note}.`]));
  return {
    title: `Statistics of ${nameOf(of)}`,
    columns: [
      leftColumn('Test'),
      rightColumn('Statistic'),
      leftColumn('Distribution'),
      rightColumn('p'),
      rightColumn('Statistic, asymptotic p'),
      rightColumn('p'),
      rightColumn('Entities'),
      leftColumn(''),
    ],
    rows: of.tests.map((entry, k) => ({
      label: entry.title,
      cells: [
        Number.isNaN(entry.statistic) ? '—' : fixed(entry.statistic, 4),
        Number.isNaN(entry.statistic) ? 'not available' : distributionWords(entry),
        Number.isNaN(entry.pValue) ? '—' : pValueCell(entry.pValue),
        entry.asymptotic === null ? null : fixed(entry.asymptotic.statistic, 4),
        entry.asymptotic === null ? null : pValueCell(entry.asymptotic.pValue),
        wholeNumber(entry.entities),
        entry.status === 'ok' ? '' : entry.status,
      ],
      ...(k > 0 && of.tests[k - 1].test !== entry.test ? { ruleAbove: true } : {}),
    })),
    notes: [
      ...new Set(notes),
      ...(of.dependence === null
        ? []
        : [
            `Between entities, ADF residuals: mean correlation ${of.dependence.meanCorrelation.toFixed(3)}, Pesaran’s CD ${of.dependence.statistic.toFixed(3)}, p ${of.dependence.pValue.toPrecision(2)}.`,
          ]),
    ],
  };
}

function distributionWords({ distribution, df }: RootsTest): string {
  return { chi2: `χ²(${df})`, t: `t(${df})`, normal: 'N(0, 1)', tabulated: 'Pesaran’s tables' }[distribution];
}

/** The cross-section breakdown, as EViews prints it: entity, p, lag, observations. */
function entityTable(of: RootsSeries, lags: string): Table {
  const perron = of.entities.some(({ phillipsPerron }) => phillipsPerron !== null);
  return {
    title: `Entity by entity: ${nameOf(of)}`,
    columns: [
      leftColumn('Entity'),
      ...['t', 'p', 'Asymptotic p', 'Lag', 'Max lag', 'Obs'].map(rightColumn),
      ...(perron ? ['PP t', 'p', 'Asymptotic p'].map(rightColumn) : []),
    ],
    rows: of.entities.map(({ entity, adf, phillipsPerron: pp }) => ({
      label: entity,
      cells: [
        ...(adf === null
          ? ['—', '—', '—', null, null, null]
          : [
              fixed(adf.t, 4),
              pValueCell(adf.pValue),
              pValueCell(adf.pAsymptotic),
              wholeNumber(adf.lags),
              adf.maxLags === null ? null : wholeNumber(adf.maxLags),
              wholeNumber(adf.rows),
            ]),
        ...(perron ? (pp === null ? ['—', '—', '—'] : [fixed(pp.t, 4), pValueCell(pp.pValue), pValueCell(pp.pAsymptotic)]) : []),
      ],
    })),
    notes: [
      `Lags: ${lags}. p at the number of observations of each regression.`,
      ...of.entities.flatMap(({ entity, note }) => (note === null ? [] : [`${entity}: ${note}.`])),
    ],
  };
}

function cointegrationTable(of: CointegrationResult): Table {
  const { engleGranger: own, kao, sample } = of;
  const df = (entry: { readonly distribution: string; readonly df: number | null }) =>
    entry.distribution === 'chi2' ? `χ²(${entry.df})` : entry.distribution === 't' ? `t(${entry.df})` : 'N(0, 1)';
  return {
    title: `Tests of no cointegration: ${of.formula}`,
    columns: [leftColumn('Test'), rightColumn('Statistic'), leftColumn('Distribution'), rightColumn('p'), leftColumn('')],
    rows: [
      ...(own?.tests ?? []).map((entry) => ({
        label: entry.title,
        cells: [fixed(entry.statistic, 4), df(entry), pValueCell(entry.pValue), ''],
      })),
      ...(kao?.tests ?? []).map(({ title, statistic, pValue }, k) => ({
        label: title,
        cells: [fixed(statistic, 6), 'N(0, 1)', pValueCell(pValue), kao!.status === 'ok' ? '' : kao!.status],
        ...(k === 0 && own !== null ? { ruleAbove: true } : {}),
      })),
    ],
    notes: [
      `${sample.entities} entities × ${sample.balanced ? '' : 'up to '}${sample.periods} periods, ${sample.rows.toLocaleString('en')} rows; lags: ${of.lags}. Null: no cointegration.`,
      ...(kao === null
        ? [`Kao: ${of.kaoNote}.`]
        : [
            `Kao: residual variance ${show(kao.variance)}, HAC variance ${show(kao.longRunVariance)}; ρ̂ = ${show(kao.rho)} (t of ρ = 1: ${show(kao.tRho)}), t of the ADF form ${show(kao.tAdf)}; slopes ${kao.slopes.map(({ name, slope }) => `${name} ${show(slope)}`).join(', ')}.`,
          ]),
      ...(own === null ? [`Engle–Granger: ${of.engleGrangerNote}.`] : []),
    ],
  };
}

function engleGrangerTable(formula: string, { entities }: NonNullable<CointegrationResult['engleGranger']>): Table {
  return {
    title: `Engle–Granger entity by entity: ${formula}`,
    columns: [leftColumn('Entity'), ...['t', 'p', 'Asymptotic p', 'Obs'].map(rightColumn)],
    rows: entities.map(({ entity, t, pValue, pAsymptotic, rows, note }) => ({
      label: entity,
      cells:
        note === null ? [fixed(t, 4), pValueCell(pValue), pValueCell(pAsymptotic), wholeNumber(rows)] : ['—', '—', '—', null],
    })),
    notes: entities.flatMap(({ entity, note }) => (note === null ? [] : [`${entity}: ${note}.`])),
  };
}

const show = (value: number) => Number(value.toPrecision(6)).toString();
