import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, vegaLite, wholeNumber } from '../../report/cells.js';
import { type EstimateCell, type EstimateColumn, estimatesTable } from '../../report/estimates-table.js';
import type { Figure, Report, Table, TableRow } from '../../report/report.js';
import type { IvCoefficient, IvFTest, IvResult, IvTest } from './result.js';
import { estimatorWords, setWords } from './verdict.js';

/** Coefficients by estimator, first stage, what the instruments are worth, and the Anderson–Rubin curve. */
export function ivReport(result: IvResult): Report {
  return {
    title: 'Instrumental variables',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      adequacyTable(result.adequacy),
      coefficientTable(result),
      firstStageTable(result),
      testTable(result),
      strengthTable(result),
    ],
    figures: result.andersonRubin.curve.length > 0 ? [curveFigure(result)] : [],
  };
}

const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;

const cellOf = ({ term, estimate, standardError, statistic, pValue }: IvCoefficient, note: string): EstimateCell => ({
  term: term + note,
  estimate,
  standardError,
  statistic,
  pValue,
});

function coefficientTable({ estimates, sample, variables, conventions }: IvResult): Table {
  const columns = estimates.map((of): EstimateColumn => {
    const [overid] = of.overidentification;
    return {
      label: estimatorWords[of.estimator],
      coefficients: of.coefficients.map((row) => cellOf(row, row.endogenous ? ' (instrumented)' : '')),
      footer: [
        ['Observations', wholeNumber(sample.rows)],
        [variables.effects.length > 0 ? 'Within R²' : 'R²', fixed(of.r2, 4)],
        ['Root MSE', significant(of.rootMse, 5)],
        ['Model F', fixed(of.model.statistic, 2)],
        ...(of.estimator === 'liml' || of.estimator === 'fuller' ? [['κ', significant(of.kappa)] as const] : []),
        [`${overid.name} p`, overid.df === 0 ? '—' : pValueCell(overid.pValue)],
      ],
    };
  });
  return estimatesTable(`Outcome ${variables.outcome}`, columns, [
    `${sample.rows.toLocaleString('en')} rows, ${sample.entities} entities × ${sample.periods} periods. Instruments: ${variables.instruments.join(', ')}.`,
    ...conventions.filter((line) => /^(Effects|Standard errors|p-values)/.test(line)),
  ]);
}

function firstStageTable({ firstStages, conventions }: IvResult): Table {
  const columns = firstStages.map(
    (of): EstimateColumn => ({
      label: of.term,
      coefficients: of.coefficients.map((row) => cellOf(row, row.instrument ? ' (instrument)' : '')),
      footer: [
        ['F of the instruments', fixed(of.f.statistic, 3)],
        ['p of F', pValueCell(of.f.pValue)],
        ['Sanderson–Windmeijer F', fixed(of.sandersonWindmeijer.statistic, 3)],
        ['p of Sanderson–Windmeijer F', pValueCell(of.sandersonWindmeijer.pValue)],
        ['Partial R²', fixed(of.partialR2, 4)],
        ['Shea’s partial R²', fixed(of.sheaPartialR2, 4)],
      ],
    }),
  );
  const [{ f, sandersonWindmeijer }] = firstStages;
  return estimatesTable('First stage', columns, [
    `F(${f.df1}, ${f.df2}); Sanderson–Windmeijer F(${sandersonWindmeijer.df1}, ${sandersonWindmeijer.df2}).`,
    ...conventions.filter((line) => line.startsWith('First-stage')),
  ]);
}

function testTable({ estimates, identification, endogeneity, andersonRubin, conventions }: IvResult): Table {
  const chi2 = (test: IvTest, what: string): TableRow => ({
    label: test.name,
    cells: [
      what,
      test.df === 0 ? '—' : fixed(test.statistic, 4),
      test.df === 0 ? 'exactly identified' : `χ²(${test.df})`,
      test.df === 0 ? '—' : pValueCell(test.pValue),
    ],
  });
  const f = (label: string, what: string, test: IvFTest): TableRow => ({
    label,
    cells: [what, fixed(test.statistic, 4), `F(${test.df1}, ${test.df2})`, pValueCell(test.pValue)],
  });
  return {
    title: 'Tests of the instruments',
    columns: [
      leftColumn('Test'),
      leftColumn('Null hypothesis'),
      rightColumn('Statistic'),
      leftColumn('Distribution'),
      rightColumn('p'),
    ],
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

function strengthTable({ identification, conventions, andersonRubin, covariance, tF }: IvResult): Table {
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
  if (tF !== null) {
    const bound = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : value < 0 ? '−∞' : '∞');
    const critical = Number.isFinite(tF.criticalValue) ? tF.criticalValue.toFixed(2) : '∞';
    rows.push({
      label: 'tF: |t|',
      cells: [
        fixed(Math.abs(tF.statistic), 3),
        `${critical} at F = ${tF.f.toPrecision(4)}; interval [${bound(tF.lower)}, ${bound(tF.upper)}]`,
      ],
    });
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
    columns: [leftColumn(''), rightColumn('Statistic'), leftColumn('Critical values at 5 % (limit they promise)')],
    rows,
    notes: conventions.filter((line) => /^(Effective|Stock|tF)/.test(line)),
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
      $schema: vegaLite,
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
