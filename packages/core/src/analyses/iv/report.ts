import type { Cell, Figure, NumberCell, Report, Table, TableRow } from '../../report/report.js';
import type { IvCoefficient, IvFTest, IvResult, IvTest } from './result.js';
import { estimatorWords, setWords } from './verdict.js';

/** Coefficients by estimator, first stage, what the instruments are worth, and the Anderson–Rubin curve. */
export function ivReport(result: IvResult): Report {
  return {
    title: 'Instrumental variables',
    verdict: [...result.verdict, ...result.warnings],
    tables: [coefficientTable(result), firstStageTable(result), testTable(result), strengthTable(result)],
    figures: result.andersonRubin.curve.length > 0 ? [curveFigure(result)] : [],
  };
}

const significant = (value: number, digits = 5): NumberCell => ({ value, format: 'significant', digits });
const fixed = (value: number, digits: number): NumberCell => ({ value, format: 'fixed', digits });
const count = (value: number): NumberCell => ({ value, format: 'count' });
const p = (value: number): NumberCell => ({ value, format: 'p', digits: 4 });
const left = (label: string) => ({ label, align: 'left' as const });
const right = (label: string) => ({ label, align: 'right' as const });
const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;

function stars(pValue: number): 0 | 1 | 2 | 3 {
  if (pValue < 0.01) return 3;
  if (pValue < 0.05) return 2;
  return pValue < 0.1 ? 1 : 0;
}

const starNote = 'Estimates over (standard errors); *** p < 0.01, ** p < 0.05, * p < 0.1.';
const estimateCell = ({ estimate, pValue }: IvCoefficient): Cell => ({ ...significant(estimate), stars: stars(pValue) });
const errorCell = ({ standardError }: IvCoefficient): Cell => ({ ...significant(standardError, 4), brackets: 'round' });

/** Two rows a term: estimates, and standard errors under them. */
function pairedRows(columns: readonly (readonly IvCoefficient[])[], label: (k: number) => string): TableRow[] {
  return columns[0].flatMap((_, k): TableRow[] => [
    { label: label(k), cells: columns.map((column) => estimateCell(column[k])) },
    { label: '', cells: columns.map((column) => errorCell(column[k])) },
  ]);
}

function coefficientTable(result: IvResult): Table {
  const { estimates, sample, variables, conventions } = result;
  const rows = pairedRows(
    estimates.map(({ coefficients }) => coefficients),
    (k) => estimates[0].coefficients[k].term + (estimates[0].coefficients[k].endogenous ? ' (instrumented)' : ''),
  );
  const each = (label: string, cell: (estimate: IvResult['estimates'][number]) => Cell, ruleAbove?: true): TableRow => ({
    label,
    cells: estimates.map(cell),
    ...(ruleAbove ? { ruleAbove } : {}),
  });
  rows.push(
    each('Observations', () => count(sample.rows), true),
    each(variables.effects.length > 0 ? 'Within R²' : 'R²', ({ r2 }) => fixed(r2, 4)),
    each('Root MSE', ({ rootMse }) => significant(rootMse)),
    each('Model F', ({ model }) => fixed(model.statistic, 2)),
  );
  if (estimates.some(({ estimator }) => estimator === 'liml')) rows.push(each('κ', ({ kappa }) => significant(kappa, 6)));
  for (const [k, { name }] of estimates[0].overidentification.entries()) {
    if (k > 0) continue;
    rows.push(each(`${name} p`, ({ overidentification: [test] }) => (test.df === 0 ? '—' : p(test.pValue))));
  }
  return {
    title: `Outcome ${variables.outcome}`,
    columns: [left(''), ...estimates.map(({ estimator }) => right(estimatorWords[estimator]))],
    rows,
    notes: [
      starNote,
      `${sample.rows.toLocaleString('en')} rows, ${sample.entities} entities × ${sample.periods} periods. Instruments: ${variables.instruments.join(', ')}.`,
      ...conventions.filter((line) => /^(Effects|Standard errors|p-values)/.test(line)),
    ],
  };
}

function firstStageTable({ firstStages, conventions }: IvResult): Table {
  const each = (label: string, cell: (stage: IvResult['firstStages'][number]) => Cell, ruleAbove?: true): TableRow => ({
    label,
    cells: firstStages.map(cell),
    ...(ruleAbove ? { ruleAbove } : {}),
  });
  const rows = pairedRows(
    firstStages.map(({ coefficients }) => coefficients),
    (k) => firstStages[0].coefficients[k].term + (firstStages[0].coefficients[k].instrument ? ' (instrument)' : ''),
  );
  rows.push(
    each('F of the instruments', ({ f }) => fixed(f.statistic, 3), true),
    each('  p', ({ f }) => p(f.pValue)),
    each('Sanderson–Windmeijer F', ({ sandersonWindmeijer }) => fixed(sandersonWindmeijer.statistic, 3)),
    each('  p', ({ sandersonWindmeijer }) => p(sandersonWindmeijer.pValue)),
    each('Partial R²', ({ partialR2 }) => fixed(partialR2, 4)),
    each('Shea’s partial R²', ({ sheaPartialR2 }) => fixed(sheaPartialR2, 4)),
  );
  const [{ f, sandersonWindmeijer }] = firstStages;
  return {
    title: 'First stage',
    columns: [left(''), ...firstStages.map(({ term }) => right(term))],
    rows,
    notes: [
      starNote,
      `F(${f.df1}, ${f.df2}); Sanderson–Windmeijer F(${sandersonWindmeijer.df1}, ${sandersonWindmeijer.df2}).`,
      ...conventions.filter((line) => line.startsWith('First-stage')),
    ],
  };
}

function testTable({ estimates, identification, endogeneity, andersonRubin, conventions }: IvResult): Table {
  const chi2 = (test: IvTest, what: string): TableRow => ({
    label: test.name,
    cells: [
      what,
      test.df === 0 ? '—' : fixed(test.statistic, 4),
      test.df === 0 ? 'exactly identified' : `χ²(${test.df})`,
      test.df === 0 ? '—' : p(test.pValue),
    ],
  });
  const f = (label: string, what: string, test: IvFTest): TableRow => ({
    label,
    cells: [what, fixed(test.statistic, 4), `F(${test.df1}, ${test.df2})`, p(test.pValue)],
  });
  return {
    title: 'Tests of the instruments',
    columns: [left('Test'), left('Null hypothesis'), right('Statistic'), left('Distribution'), right('p')],
    rows: [
      chi2(identification.underidentification, 'underidentified'),
      ...estimates.flatMap(({ estimator, overidentification }) =>
        overidentification.map((test) => ({
          ...chi2(test, 'instruments exogenous'),
          label: `${test.name}, ${estimatorWords[estimator]}`,
        })),
      ),
      chi2({ ...endogeneity.difference, name: 'Endogeneity (difference in J)' }, `${endogeneity.tested.join(', ')} exogenous`),
      f('Wu–Hausman (classical)', 'all regressors exogenous', endogeneity.wuHausman),
      f('Anderson–Rubin', 'coefficients of the endogenous are zero', andersonRubin.f),
      chi2(andersonRubin.chi2, 'coefficients of the endogenous are zero'),
      chi2(andersonRubin.stockWright, 'coefficients of the endogenous are zero'),
    ],
    notes: conventions.filter((line) => /^(Sargan|Hansen|Endogeneity|Anderson–Rubin)/.test(line)),
  };
}

function strengthTable({ identification, conventions, andersonRubin, covariance }: IvResult): Table {
  const { craggDonaldF, kleibergenPaapF, effectiveF, stockYogo } = identification;
  const tableWords = (rows: readonly { readonly limit: number; readonly value: number }[] | null) =>
    rows === null ? 'no table' : rows.map(({ limit, value }) => `${value.toFixed(2)} (${percent(limit)})`).join(', ');
  const rows: TableRow[] = [
    {
      label: 'Cragg–Donald F',
      cells: [
        fixed(craggDonaldF, 3),
        covariance === 'classical' ? `size ${tableWords(stockYogo.size)}` : 'no table with such errors',
      ],
    },
  ];
  if (covariance === 'classical') {
    rows.push(
      { label: '', cells: [null, `bias ${tableWords(stockYogo.bias)}`] },
      { label: '', cells: [null, `size of LIML ${tableWords(stockYogo.sizeLiml)}`] },
    );
  } else rows.push({ label: 'Kleibergen–Paap rk F', cells: [fixed(kleibergenPaapF, 3), 'no table'] });
  if (effectiveF !== null) {
    const values = effectiveF.criticalValues.map(({ bias, value }) => `${value.toFixed(2)} (${percent(bias)})`).join(', ');
    rows.push({ label: 'Effective F', cells: [fixed(effectiveF.statistic, 3), values] });
  }
  if (andersonRubin.set !== null) {
    rows.push({
      label: `Anderson–Rubin ${percent(andersonRubin.set.level)} set`,
      cells: [null, setWords(andersonRubin.set.intervals)],
      ruleAbove: true,
    });
  }
  return {
    title: 'Strength of the instruments',
    columns: [left(''), right('Statistic'), left('Critical values at 5 % (limit they promise)')],
    rows,
    notes: conventions.filter((line) => /^(Effective|Stock)/.test(line)),
  };
}

/** p of the Anderson–Rubin F at coefficients around the estimate; what lies above the line is the set. */
function curveFigure({ andersonRubin: { curve, set }, estimates: [first], variables, level }: IvResult): Figure {
  const [term] = variables.endogenous;
  const x = { field: 'value', type: 'quantitative', title: `coefficient of ${term}`, scale: { zero: false } };
  const y = { field: 'pValue', type: 'quantitative', title: 'p', scale: { domain: [0, 1] } };
  return {
    title: 'Anderson–Rubin p-value of each coefficient',
    caption:
      `Above the line: the ${percent(level)} set${set === null ? '' : `, ${setWords(set.intervals)}`}. It is right however weak the instruments are. ` +
      `Upright line: ${estimatorWords[first.estimator]}.`,
    spec: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      width: 560,
      height: 260,
      layer: [
        {
          data: { values: curve.map(({ value, pValue }) => ({ value, pValue })) },
          mark: { type: 'line', strokeWidth: 1.5 },
          encoding: { x, y },
        },
        {
          data: { values: [{ pValue: 1 - level }] },
          mark: { type: 'rule', strokeDash: [4, 4], color: '#c0392b' },
          encoding: { y },
        },
        {
          data: { values: [{ value: first.coefficients[0].estimate }] },
          mark: { type: 'rule', color: '#2c3e50' },
          encoding: { x },
        },
      ],
    },
  };
}
