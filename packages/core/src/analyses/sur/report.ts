import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, vegaLite, wholeNumber } from '../../report/cells.js';
import { estimatesTable } from '../../report/estimates-table.js';
import type { Cell, Figure, Report, Table, TableRow } from '../../report/report.js';
import type { SurResult } from './result.js';
import { mainForm } from './verdict.js';

export function surReport(result: SurResult): Report {
  return {
    title: 'Seemingly unrelated regressions',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      adequacyTable(result.adequacy),
      coefficientsTable(result),
      residualsTable(result),
      ...(result.tests.length > 0 ? [testsTable(result)] : []),
    ],
    figures: [estimatesFigure(result)],
  };
}

function coefficientsTable(result: SurResult): Table {
  const { equations, clusters, system, effects, conventions } = result;
  const columns = equations.flatMap(({ name, coefficients, rSquared, rSquaredOls, residualDf }, e) => {
    const footer = (r2: number): [string, Cell][] => [
      ['N', wholeNumber(system.rows)],
      ['R²', fixed(r2, 4)],
      ['Residual degrees of freedom', wholeNumber(residualDf)],
      ['Effects', effects.join(', ') || 'none'],
    ];
    return [
      {
        label: `(${e + 1}) ${name}, SUR`,
        coefficients: coefficients.map((of) => ({
          ...of,
          alternatives:
            of.clustered === null ? [] : [{ label: `clustered by ${clusters!.name}`, standardError: of.clustered.standardError }],
        })),
        footer: footer(rSquared),
      },
      {
        label: `${name}, OLS`,
        coefficients: coefficients.map(({ term, ols }) => ({ term, ...ols })),
        footer: footer(rSquaredOls),
      },
    ];
  });
  return estimatesTable('Seemingly unrelated regressions, and OLS of each equation alone', columns, conventions);
}

function residualsTable({ equations, residuals, independence, system }: SurResult): Table {
  const names = equations.map(({ name }) => name);
  const rows = names.map(
    (name, i): TableRow => ({
      label: name,
      cells: names.map((_, j) => (j > i ? fixed(residuals.correlation[i][j], 4) : significant(residuals.covariance[i][j], 5))),
    }),
  );
  const test = ({ statistic, df, pValue }: SurResult['independence']['ols']) =>
    `χ²(${df}) = ${statistic.toPrecision(6)}, p = ${pValue < 1e-4 ? pValue.toExponential(1) : pValue.toFixed(4)}`;
  return {
    title: 'Residuals across equations',
    columns: [leftColumn(''), ...names.map(rightColumn)],
    rows,
    notes: [
      'On and below the diagonal covariances of SUR residuals, above it correlations of least-squares residuals.',
      `Breusch–Pagan independence: ${test(independence.ols)}; with SUR residuals ${test(independence.sur)}.`,
      `McElroy’s R² ${system.mcElroyR2.toFixed(4)}; R² over all equations ${system.pooledR2.toFixed(4)}; log likelihood ${system.logLikelihood.toFixed(4)}; ${system.iterations} weighted ${system.iterations === 1 ? 'step' : 'steps'} after least squares.`,
    ],
  };
}

function testsTable(result: SurResult): Table {
  const { tests, program, clusters, conventions } = result;
  return {
    title: 'Wald tests across equations',
    columns: [
      leftColumn('Hypothesis'),
      rightColumn('Statistic'),
      leftColumn('Distribution'),
      rightColumn('p'),
      ...(clusters === null ? [] : [rightColumn(`p, clustered by ${clusters.name}`)]),
    ],
    rows: tests.map((test) => {
      const form = mainForm(program, test);
      const last = clusters === null ? [] : [test.clustered === null ? null : pValueCell(test.clustered.pValue)];
      if (form === null) return { label: test.name, cells: [null, 'not tested', null, ...last] };
      return { label: test.name, cells: [fixed(form.statistic, 4), form.words, pValueCell(form.pValue), ...last] };
    }),
    notes: [
      ...tests.filter(({ name, text }) => name !== text).map(({ name, text }) => `${name}: ${text}.`),
      ...tests.flatMap(({ name, failure }) => (failure === null ? [] : [`${name}: ${failure.message}.`])),
      ...conventions.filter((line) => line.startsWith('Coefficients') || line.startsWith('Clustered')),
    ],
  };
}

/** Slopes of each equation by SUR and by OLS, with intervals. */
function estimatesFigure({ equations, level }: SurResult): Figure {
  const values = slopesOf(equations);
  const y = { field: 'equation', type: 'nominal', sort: null, title: null };
  const yOffset = { field: 'by', sort: ['SUR', 'OLS'] };
  const color = {
    field: 'by',
    type: 'nominal',
    title: null,
    sort: ['SUR', 'OLS'],
    scale: { domain: ['SUR', 'OLS'], range: ['#2c3e50', '#b0b0b0'] },
  };
  return {
    title: 'Slopes by equation, SUR and OLS',
    caption: `Estimates ± 1.96 standard errors (tables and tests are at ${Number((100 * level).toPrecision(6))} %). Equations with the same regressors have the same estimates by both.`,
    spec: {
      $schema: vegaLite,
      data: { values },
      facet: { row: { field: 'term', type: 'nominal', sort: [...new Set(values.map(({ term }) => term))], title: null } },
      resolve: { scale: { x: 'independent' } },
      spec: {
        width: 420,
        height: { step: 18 },
        layer: [
          {
            mark: 'rule',
            encoding: {
              y,
              yOffset,
              color,
              x: { field: 'lower', type: 'quantitative', title: 'Slope', scale: { zero: false } },
              x2: { field: 'upper' },
            },
          },
          {
            mark: { type: 'point', filled: true, size: 50 },
            encoding: { y, yOffset, color, x: { field: 'estimate', type: 'quantitative' } },
          },
        ],
      },
    },
  };
}

function slopesOf(equations: SurResult['equations']) {
  return equations.flatMap(({ name, coefficients }) =>
    coefficients
      .filter(({ term }) => term !== '(constant)')
      .flatMap(({ term, estimate, standardError, ols }) =>
        [
          { by: 'SUR', estimate, standardError },
          { by: 'OLS', estimate: ols.estimate, standardError: ols.standardError },
        ].map((of) => ({
          equation: name,
          term,
          by: of.by,
          estimate: of.estimate,
          lower: of.estimate - 1.96 * of.standardError,
          upper: of.estimate + 1.96 * of.standardError,
        })),
      ),
  );
}
