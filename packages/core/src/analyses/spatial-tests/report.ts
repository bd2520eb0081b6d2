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
import type { Figure, Report, Table } from '../../report/report.js';
import { type LocalResult, localClasses, type SpatialTestsResult } from './result.js';

export function spatialTestsReport(result: SpatialTestsResult): Report {
  const variables = [...new Set(result.global.map(({ variable }) => variable))];
  return {
    title: 'Spatial tests',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      weightsTable(result),
      ...variables.map((variable) => associationTable(result, variable)),
      ...(result.regression === null ? [] : [lagrangeTable(result.regression, result.conventions)]),
      ...result.local.map((local) => localTable(local, result)),
    ],
    figures: [
      ...variables.filter((variable) => periodsOf(result, variable).length > 1).map((variable) => timeFigure(result, variable)),
      ...result.local.map(scatterFigure),
      ...result.local.map((local) => (result.places === null ? gridFigure(local) : mapFigure(local, result.places))),
    ],
  };
}

const periodsOf = ({ global }: SpatialTestsResult, variable: string) => global.filter((row) => row.variable === variable);

function weightsTable({ weights }: SpatialTestsResult): Table {
  const row = (label: string, cell: Table['rows'][number]['cells'][number]) => ({ label, cells: [cell] });
  return {
    title: `Spatial weights ${weights.name}`,
    columns: [leftColumn(''), rightColumn(weights.kind)],
    rows: [
      row('Units', wholeNumber(weights.units)),
      row('Links', wholeNumber(weights.links)),
      row('Units without neighbours', wholeNumber(weights.islands.count)),
      row('Components', wholeNumber(weights.components)),
      row('Normalisation', weights.normalisation),
    ],
    notes: [
      ...weights.notes,
      ...(weights.islands.count > 0 ? [`Without neighbours: ${weights.islands.labels.join(', ')}.`] : []),
    ],
  };
}

/** I, E(I), sd, z and p of every period in one table, as the provincial literature prints it. */
function associationTable(result: SpatialTestsResult, variable: string): Table {
  const rows = periodsOf(result, variable);
  const permuted = rows[0].moran.permutation;
  return {
    title: `Moran’s I and Geary’s C of ${variable}`,
    columns: [
      leftColumn('Period'),
      ...[
        'I',
        'E(I)',
        'sd(I)',
        'z',
        'p (one-tailed)',
        'p (two-tailed)',
        ...(permuted ? ['p (permutation)'] : []),
        'C',
        'z(C)',
        'Units',
      ].map(rightColumn),
    ],
    rows: rows.map(({ period, units, moran, geary }) => ({
      label: period,
      cells: [
        { ...fixed(moran.statistic, 4), stars: starsOf(moran.randomisation.twoSided) },
        fixed(moran.expectation, 4),
        fixed(Math.sqrt(moran.randomisation.variance), 4),
        fixed(moran.randomisation.z, 3),
        pValueCell(moran.randomisation.greater),
        pValueCell(moran.randomisation.twoSided),
        ...(moran.permutation ? [pValueCell(moran.permutation.twoSided)] : []),
        fixed(geary.statistic, 4),
        fixed(geary.randomisation.z, 3),
        wholeNumber(units),
      ],
    })),
    notes: [`sd, z and tailed p under randomisation. ${starsNote()} (two-tailed).`, ...result.conventions.slice(0, 2)],
  };
}

function lagrangeTable(regression: NonNullable<SpatialTestsResult['regression']>, conventions: readonly string[]): Table {
  const { lagrange, moran, sample, outcome, regressors, effects } = regression;
  const names: readonly (readonly [string, keyof typeof lagrange])[] = [
    ['LM error', 'error'],
    ['Robust LM error', 'robustError'],
    ['LM lag', 'lag'],
    ['Robust LM lag', 'robustLag'],
    ['LM lag and error (SARMA)', 'sarma'],
    ['LM WX', 'wx'],
    ['Robust LM WX (lag allowed)', 'robustWx'],
    ['Robust LM lag (WX allowed)', 'robustLagDurbin'],
    ['LM Durbin (lag and WX)', 'durbin'],
  ];
  return {
    title: `Spatial dependence after ${outcome} ~ ${regressors.join(' + ') || '1'}${effects.length > 0 ? ` | ${effects.join(' + ')}` : ''}`,
    columns: [leftColumn('Test'), ...['Statistic', 'df', 'p'].map(rightColumn)],
    rows: [
      ...(moran === null
        ? []
        : [{ label: 'Moran’s I of the residuals (z)', cells: [significant(moran.z, 5), null, pValueCell(moran.twoSided)] }]),
      ...names.flatMap(([label, name]) => {
        const test = lagrange[name];
        if (test === null) return [];
        return [
          {
            label,
            cells: [
              { ...significant(test.statistic, 6), stars: starsOf(test.pValue) },
              wholeNumber(test.df),
              pValueCell(test.pValue),
            ],
          },
        ];
      }),
    ],
    notes: [
      `N = ${sample.rows.toLocaleString('en')}, ${sample.entities} units × ${sample.periods} periods. ${starsNote()}.`,
      ...sample.dropped.map(({ reason, rows }) => `${rows} rows left out: ${reason}.`),
      ...conventions.slice(-2),
    ],
  };
}

function localTable({ variable, period, units }: LocalResult, { level, conventions }: SpatialTestsResult): Table {
  const shown = units.filter((unit) => unit.class !== 'not significant');
  const order = (name: string) => localClasses.indexOf(name as (typeof localClasses)[number]);
  const sorted = [...shown].sort((a, b) => order(a.class) - order(b.class) || (a.pValue ?? 1) - (b.pValue ?? 1));
  const counts = localClasses.map((name) => `${name} ${units.filter((unit) => unit.class === name).length}`);
  return {
    title: `Local Moran of ${variable}, ${period}`,
    columns: [leftColumn('Unit'), leftColumn('Class'), ...['Value', 'Local I', 'p'].map(rightColumn)],
    rows: sorted.map((unit) => ({
      label: unit.label,
      cells: [
        unit.class,
        significant(unit.value, 5),
        fixed(unit.statistic, 4),
        unit.pValue === null ? null : pValueCell(unit.pValue),
      ],
    })),
    notes: [`${counts.join(', ')}; level ${level}.`, ...conventions.slice(2, 3)],
  };
}

const classColours = ['#d7191c', '#2c7bb6', '#fdae61', '#abd9e9', '#d9d9d9', '#ffffff'];
const classScale = { domain: [...localClasses], range: classColours };

function timeFigure(result: SpatialTestsResult, variable: string): Figure {
  const values = periodsOf(result, variable).map(({ period, moran }) => ({
    period,
    moran: moran.statistic,
    low: moran.expectation - 1.96 * Math.sqrt(moran.randomisation.variance),
    high: moran.expectation + 1.96 * Math.sqrt(moran.randomisation.variance),
  }));
  const x = { field: 'period', type: 'ordinal', title: null, sort: null };
  return {
    title: `Moran’s I of ${variable} by period`,
    caption: 'Band: where I lies with probability 0.95 when there is no spatial association (randomisation).',
    spec: {
      $schema: vegaLite,
      width: 480,
      height: 240,
      data: { values },
      layer: [
        {
          mark: { type: 'area', opacity: 0.25, color: 'gray' },
          encoding: { x, y: { field: 'low', type: 'quantitative', title: 'Moran’s I' }, y2: { field: 'high' } },
        },
        { mark: { type: 'line', point: true }, encoding: { x, y: { field: 'moran', type: 'quantitative', title: 'Moran’s I' } } },
      ],
    },
  };
}

/** z against Wz, both in standard deviations of z: the slope through the origin is I when W's rows sum to 1. */
function scatterFigure({ variable, period, mean, units }: LocalResult): Figure {
  const sd = Math.sqrt(units.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / units.length);
  const values = units.map(({ label, value, lag, class: name }) => ({
    unit: label,
    z: (value - mean) / sd,
    lag: lag / sd,
    class: name,
  }));
  const [cross, square] = values.reduce(([c, s], { z, lag }) => [c + z * lag, s + z * z], [0, 0]);
  const reach = values.reduce((max, { z }) => Math.max(max, Math.abs(z)), 0) * 1.05;
  const slope = cross / square;
  const axis = (field: string, title: string) => ({ field, type: 'quantitative', title });
  return {
    title: `Moran scatter of ${variable}, ${period}`,
    caption: `Slope ${slope.toFixed(4)} through the origin: Moran’s I when rows of W sum to 1.`,
    spec: {
      $schema: vegaLite,
      width: 360,
      height: 320,
      layer: [
        {
          data: { values: [{ at: 0 }] },
          mark: { type: 'rule', color: '#999' },
          encoding: { x: { field: 'at', type: 'quantitative' } },
        },
        {
          data: { values: [{ at: 0 }] },
          mark: { type: 'rule', color: '#999' },
          encoding: { y: { field: 'at', type: 'quantitative' } },
        },
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 45, stroke: '#555', strokeWidth: 0.5 },
          encoding: {
            x: axis('z', `${variable}, standard deviations`),
            y: axis('lag', 'spatial lag'),
            color: { field: 'class', type: 'nominal', scale: classScale, title: null },
            tooltip: [{ field: 'unit', type: 'nominal' }],
          },
        },
        {
          data: { values: [-reach, reach].map((z) => ({ z, lag: slope * z })) },
          mark: { type: 'line', color: 'black' },
          encoding: { x: axis('z', ''), y: axis('lag', '') },
        },
      ],
    },
  };
}

function mapFigure({ variable, period, units }: LocalResult, places: NonNullable<SpatialTestsResult['places']>): Figure {
  const placeOf = new Map(places.map((place) => [place.label, place]));
  const values = units.flatMap(({ label, class: name }) => {
    const place = placeOf.get(label);
    return place === undefined ? [] : [{ unit: label, x: place.x, y: place.y, class: name }];
  });
  const axis = (field: string) => ({ field, type: 'quantitative', title: null, scale: { zero: false } });
  return {
    title: `Clusters of ${variable}, ${period}`,
    caption: 'Each unit at its place, by the class of its local Moran.',
    spec: {
      $schema: vegaLite,
      width: 480,
      height: 360,
      data: { values },
      mark: { type: 'point', filled: true, size: 90, stroke: '#555', strokeWidth: 0.5 },
      encoding: {
        x: axis('x'),
        y: axis('y'),
        color: { field: 'class', type: 'nominal', scale: classScale, title: null },
        tooltip: [{ field: 'unit', type: 'nominal' }],
      },
    },
  };
}

/** So many squares stand in a row. */
const gridWidth = 12;

/** Without places: a square for each unit by its class, the largest local statistic of each first. */
function gridFigure({ variable, period, units }: LocalResult): Figure {
  const order = (name: string) => localClasses.indexOf(name as (typeof localClasses)[number]);
  const sorted = [...units].sort((a, b) => order(a.class) - order(b.class) || b.statistic - a.statistic);
  const values = sorted.map(({ label, class: name }, k) => ({
    unit: label,
    short: label.length > 9 ? `${label.slice(0, 8)}…` : label,
    x: k % gridWidth,
    y: Math.floor(k / gridWidth),
    class: name,
  }));
  const axis = (field: string) => ({ field, type: 'ordinal', axis: null });
  const named = values.length <= 400;
  return {
    title: `Clusters of ${variable}, ${period}`,
    caption:
      'A square a unit, by class and then by its local Moran: weights keep no geometry. Name the terms of its places (places) and units stand where they are.',
    spec: {
      $schema: vegaLite,
      width: { step: named ? 58 : 12 },
      height: { step: named ? 24 : 12 },
      data: { values },
      encoding: { x: axis('x'), y: axis('y') },
      layer: [
        {
          mark: { type: 'rect', stroke: '#555', strokeWidth: 0.5 },
          encoding: {
            color: { field: 'class', type: 'nominal', scale: classScale, title: null },
            tooltip: [{ field: 'unit', type: 'nominal' }],
          },
        },
        ...(named ? [{ mark: { type: 'text', fontSize: 9 }, encoding: { text: { field: 'short', type: 'nominal' } } }] : []),
      ],
    },
  };
}
