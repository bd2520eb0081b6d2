import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, vegaLite, wholeNumber } from '../../report/cells.js';
import { constantTerm, type EstimateColumn, estimatesTable } from '../../report/estimates-table.js';
import type { Cell, Figure, Report, Table } from '../../report/report.js';
import type { Estimator, Program } from './params.js';
import type { FittedColumn, PanelRegressionResult, RegressionColumn, TestResult } from './result.js';

const estimatorWords: Record<Estimator, string> = {
  pooled: 'pooled',
  within: 'FE',
  between: 'between',
  'first-difference': 'FD',
  'random-effects': 'RE',
};

export function panelRegressionReport(result: PanelRegressionResult): Report {
  return {
    title: 'Panel regression',
    verdict: [...result.warnings],
    tables: [
      ...(result.adequacy.length > 0 ? [adequacyTable(result.adequacy)] : []),
      mainTable(result),
      ...effectTable(result),
      ...jointTable(result),
      ...covarianceTable(result),
    ],
    figures: coefficientFigures(result),
  };
}

function mainTable(result: PanelRegressionResult): Table {
  const [first] = result.columns.flatMap(({ fitted }) => (fitted ? [fitted] : []));
  const columns = result.columns.map(
    (column): EstimateColumn => ({
      label: headOf(column, result),
      coefficients:
        column.fitted === null
          ? []
          : column.fitted.coefficients.map((of) => ({
              ...of,
              alternatives: of.alternatives.map(({ covariance, standardError }) => ({
                label: column.fitted!.covariances[covariance].label,
                standardError,
              })),
            })),
      footer: column.fitted === null ? [['Failed', column.failure!.code]] : footerOf(column.fitted, column, result.program),
    }),
  );
  const rules = ruleWords(result.columns.flatMap(({ fitted }) => fitted?.covariances.slice(0, 1) ?? []));
  return estimatesTable(
    'Estimates',
    columns,
    [
      `Standard errors ${rules.join('; ')}${first.covariances.length > 1 ? '; others in square brackets' : ''}.`,
      ...result.conventions,
    ],
    result.table,
  );
}

/** Rules of columns that differ in k only are one: `clustered by firm: G/(G−1) · (n−1)/(n−k), k = 18–20`. */
function ruleWords(all: readonly { readonly label: string; readonly rule: string }[]): string[] {
  const parameters = /n−(\d[\d,]*)\)(?!.*n−\d)/;
  const found = new Map<string, { readonly rule: string; readonly k: number }[]>();
  for (const { label, rule } of all) {
    const key = `${label}: ${rule.replace(parameters, 'n−k)')}`;
    const k = Number((parameters.exec(rule)?.[1] ?? '0').replaceAll(',', ''));
    found.set(key, [...(found.get(key) ?? []), { rule: `${label}: ${rule}`, k }]);
  }
  return Array.from(found, ([key, of]) => {
    const [least, most] = [Math.min(...of.map(({ k }) => k)), Math.max(...of.map(({ k }) => k))];
    return least === most ? of[0].rule : `${key}, k = ${least.toLocaleString('en')}–${most.toLocaleString('en')}`;
  });
}

/** `(1) inv, FE, region = 3` */
function headOf({ number, outcome, estimator, group }: RegressionColumn, { columns, panel }: PanelRegressionResult): string {
  const several = new Set(columns.map((column) => column.estimator)).size > 1;
  return [
    `(${number}) ${outcome}`,
    ...(several ? [estimatorWords[estimator]] : []),
    ...(group === null ? [] : [`${panel.group} = ${group}`]),
  ].join(', ');
}

function footerOf(fitted: FittedColumn, column: RegressionColumn, program: Program): [string, Cell][] {
  const { sample, effects, covariances, fit, singletons } = fitted;
  return [
    ['N', wholeNumber(fit.observations)],
    ['Entities × periods', `${sample.entities.toLocaleString('en')} × ${sample.periods.toLocaleString('en')}`],
    ...statisticsOf(fitted, column.estimator, program),
    [
      'Effects',
      effectWords(
        column.estimator,
        effects.map(({ name }) => name),
      ),
    ],
    [
      'Covariance',
      `${covariances[0].label}${covariances[0].clusters.length > 0 ? ` (${covariances[0].clusters.join(', ')})` : ''}`,
    ],
    ...(singletons > 0 ? [['Singletons', wholeNumber(singletons)] as [string, Cell]] : []),
  ];
}

function effectWords(estimator: Estimator, names: readonly string[]): string {
  if (estimator === 'within') return names.join(' + ');
  if (estimator === 'random-effects') return 'random';
  return estimator === 'pooled' ? 'none' : estimatorWords[estimator];
}

const testCell = (test: TestResult | null): Cell => (test === null ? null : fixed(test.statistic, 3));
const pCell = (test: TestResult | null): Cell => (test === null ? null : pValueCell(test.pValue));

/** The statistics that each program prints, under its names. */
function statisticsOf(of: FittedColumn, estimator: Estimator, program: Program): [string, Cell][] {
  const { fit, covariances, variance } = of;
  const { rSquared } = fit;
  const r = (value: number) => fixed(value, 4);
  const within = estimator === 'within';
  const robust = covariances[0].slopesTest;
  switch (program) {
    case 'spillway':
      return [
        within ? ['R² within effects', r(rSquared.model)] : ['R²', r(rSquared.model)],
        ...(within ? [['R² with dummies (LSDV)', r(rSquared.lsdv)] as [string, Cell]] : []),
        ['F of slopes', testCell(robust)],
        ['p of F', pCell(robust)],
      ];
    case 'stata':
      return [
        ['R² within', r(rSquared.within)],
        ['R² between', r(rSquared.between)],
        ['R² overall', r(rSquared.overall)],
        ['F or χ²/k', testCell(robust)],
        ['Prob > F', pCell(robust)],
        ['sigma_u', variance ? significant(Math.sqrt(variance.entity)) : null],
        ['sigma_e', significant(fit.sigma)],
        ['rho', variance ? significant(variance.rho) : null],
        ['corr(u_i, Xb)', variance?.correlation == null ? null : r(variance.correlation)],
      ];
    case 'eviews': {
      const squared = within ? rSquared.lsdv : rSquared.model;
      const F = eviewsF(of);
      return [
        ['R-squared', fixed(squared, 6)],
        ['Adjusted R-squared', fixed(within ? rSquared.lsdvAdjusted : rSquared.adjusted, 6)],
        ['S.E. of regression', significant(fit.sigma)],
        ['Sum squared resid', significant(fit.ssr, 8)],
        ['Log likelihood', significant(fit.logLikelihood, 7)],
        ['F-statistic', fixed(F.statistic, 6)],
        ['Prob(F-statistic)', pValueCell(F.pValue)],
        ['Mean dependent var', significant(fit.outcomeMean, 7)],
        ['S.D. dependent var', significant(fit.outcomeSd, 7)],
        ['Akaike info criterion', fixed(fit.aicPerRow, 6)],
        ['Schwarz criterion', fixed(fit.bicPerRow, 6)],
        ['Durbin-Watson stat', fixed(fit.durbinWatson, 6)],
      ];
    }
    case 'r':
      return [
        ['Residual sum of squares', significant(fit.ssr)],
        ['R-Squared', r(rSquared.model)],
        ['Adj. R-Squared', r(rSquared.adjusted)],
        ['F-statistic', testCell(fit.slopesTest)],
        ['p-value', pCell(fit.slopesTest)],
      ];
  }
}

/** EViews' F of a model with dummies counts them: against the constant alone. */
export function eviewsF({ fit, absorbed }: Pick<FittedColumn, 'fit' | 'absorbed'>): { statistic: number; pValue: number } {
  if (absorbed.rank === 0 || fit.overallTest === null) return fit.slopesTest ?? { statistic: Number.NaN, pValue: Number.NaN };
  return fit.overallTest;
}

function effectTable({ columns }: PanelRegressionResult): Table[] {
  const rows = columns.flatMap(({ number, fitted }) =>
    (fitted?.effectTests ?? []).map(({ effects, statistic, df1, df2, pValue }) => ({
      label: `(${number}) ${effects}`,
      cells: [fixed(statistic, 4), wholeNumber(df1), wholeNumber(df2), pValueCell(pValue)],
    })),
  );
  if (rows.length === 0) return [];
  return [
    {
      title: 'Are the effects needed?',
      columns: [leftColumn('Effects'), ...['F', 'df1', 'df2', 'p'].map(rightColumn)],
      rows,
      notes: [
        'F of all effects against pooled OLS, and of each given the others; equal error variances (EViews: redundant fixed effects).',
      ],
    },
  ];
}

function jointTable({ columns }: PanelRegressionResult): Table[] {
  const rows = columns.flatMap(({ number, fitted }) =>
    (fitted?.jointTests ?? []).map(({ term, statistic, df1, df2, pValue }) => ({
      label: `(${number}) ${term}`,
      cells: [fixed(statistic, 4), wholeNumber(df1), Number.isFinite(df2) ? wholeNumber(df2) : '∞', pValueCell(pValue)],
    })),
  );
  if (rows.length === 0) return [];
  return [
    {
      title: 'Joint tests of terms with several dummies',
      columns: [leftColumn('Term'), ...['F', 'df1', 'df2', 'p'].map(rightColumn)],
      rows,
      notes: ['All dummies of the term zero, by the column’s first covariance.'],
    },
  ];
}

/** Every standard error of every slope with its t and p, when several were asked for. */
function covarianceTable({ columns }: PanelRegressionResult): Table[] {
  const several = columns.filter(({ fitted }) => (fitted?.covariances.length ?? 0) > 1);
  if (several.length === 0) return [];
  return [
    {
      title: 'Standard errors side by side',
      columns: [
        leftColumn('Coefficient'),
        leftColumn('Covariance'),
        ...['Std. error', 't', 'df', 'p'].map(rightColumn),
        leftColumn('Small-sample rule'),
      ],
      rows: several.flatMap(({ number, fitted }) =>
        fitted!.coefficients.flatMap((of) =>
          [{ ...of, covariance: 0 }, ...of.alternatives].map((one, at) => {
            const { label, rule } = fitted!.covariances[one.covariance];
            const df: Cell = Number.isFinite(one.df) ? wholeNumber(one.df) : '∞';
            return {
              label: at === 0 ? `(${number}) ${of.term}` : '',
              cells: [label, significant(one.standardError), fixed(one.statistic, 3), df, pValueCell(one.pValue), rule],
              ...(at === 0 ? { ruleAbove: true } : {}),
            };
          }),
        ),
      ),
      notes: ['df ∞ is the normal distribution.'],
    },
  ];
}

const mostFigures = 6;

/** Slopes with their intervals, one picture a term when there are several columns, else one for all. */
function coefficientFigures(result: PanelRegressionResult): Figure[] {
  const points = result.columns.flatMap((column) =>
    (column.fitted?.coefficients ?? [])
      .filter(({ term, lower }) => term !== constantTerm && !Number.isNaN(lower))
      .map(({ term, estimate, lower, upper }) => ({ column: headOf(column, result), term, estimate, lower, upper })),
  );
  if (points.length === 0) return [];
  const terms = [...new Set(points.map(({ term }) => term))];
  const one = result.columns.length === 1;
  const plots = one
    ? [{ title: 'Coefficients', field: 'term', values: points }]
    : terms.slice(0, mostFigures).map((term) => ({
        title: `Coefficient of ${term}`,
        field: 'column',
        values: points.filter((point) => point.term === term),
      }));
  return plots.map(({ title, field, values }) => ({
    title,
    caption: 'Estimates with confidence intervals of the first covariance.',
    spec: {
      $schema: vegaLite,
      width: 460,
      height: { step: 30 },
      data: { values },
      encoding: { y: { field, type: 'nominal', sort: null, title: null } },
      layer: [
        { mark: { type: 'rule', strokeDash: [4, 4], color: '#7f8c8d' }, encoding: { x: { datum: 0 }, y: null } },
        { mark: 'rule', encoding: { x: { field: 'lower', type: 'quantitative', title: 'Estimate' }, x2: { field: 'upper' } } },
        {
          mark: { type: 'point', filled: true, size: 60, color: '#2c3e50' },
          encoding: { x: { field: 'estimate', type: 'quantitative' } },
        },
      ],
    },
  }));
}
