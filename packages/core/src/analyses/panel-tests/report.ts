import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant } from '../../report/cells.js';
import type { Report, Table } from '../../report/report.js';
import type { PanelTestsResult, TestEntry } from './result.js';

/** "Too small for this" first, then the tests, then the Hausman table of coefficients. */
export function panelTestsReport(result: PanelTestsResult): Report {
  return {
    title: 'Specification tests of a panel model',
    verdict: result.verdict,
    tables: [
      adequacyTable(
        result.adequacy.map(({ title, ...row }) => ({ ...row, method: title })),
        'Test',
      ),
      testTable(result),
      ...(result.hausman === null ? [] : [hausmanTable(result.hausman)]),
    ],
    figures: [],
  };
}

function testTable({ tests, sample, variables, conventions }: PanelTestsResult): Table {
  const notes = tests.flatMap(({ title, note }) => (note === null ? [] : [`${title.trim()}: ${note}.`]));
  return {
    title: `Tests, outcome ${variables.outcome}`,
    columns: [
      leftColumn('Test'),
      leftColumn('Null hypothesis'),
      rightColumn('Statistic'),
      leftColumn('Distribution'),
      rightColumn('p'),
    ],
    rows: tests.map((entry, k) => ({
      label: entry.title,
      cells: Number.isNaN(entry.statistic)
        ? [entry.null, '—', 'not available', '—']
        : [
            entry.null,
            fixed(entry.statistic, 4),
            distributionWords(entry),
            Number.isNaN(entry.pValue) ? 'none' : pValueCell(entry.pValue),
          ],
      ...(k > 0 && tests[k - 1].test !== entry.test ? { ruleAbove: true } : {}),
    })),
    notes: [
      `${sample.rows.toLocaleString('en')} rows, ${sample.entities} entities × ${sample.periods} periods; regressors ${variables.regressors.join(', ')}.`,
      ...[...new Set(notes)],
      ...conventions,
    ],
  };
}

function distributionWords({ distribution, df1, df2 }: TestEntry): string {
  if (distribution === 'F') return `F(${df1}, ${df2})`;
  return distribution === 'chi2' ? `χ²(${df1})` : 'N(0, 1)';
}

function hausmanTable({ rows, positiveDefinite }: NonNullable<PanelTestsResult['hausman']>): Table {
  return {
    title: 'Hausman test by coefficient',
    columns: ['', 'Fixed', 'Random', 'Difference', 'Var(diff.)', 'χ²(1)', 'p'].map((label, k) =>
      k === 0 ? leftColumn(label) : rightColumn(label),
    ),
    rows: rows.map(({ term, fixed: bF, random, difference, variance, statistic, pValue }) => ({
      label: term,
      cells: [
        significant(bF),
        significant(random),
        significant(difference),
        significant(variance),
        Number.isNaN(statistic) ? '—' : fixed(statistic, 4),
        Number.isNaN(pValue) ? '—' : pValueCell(pValue),
      ],
    })),
    notes: positiveDefinite
      ? ['Var(diff.) = Var(fixed) − Var(random), each with its own error variance.']
      : [
          'Var(diff.) = Var(fixed) − Var(random) is not positive definite: rows with a negative variance have no χ², and the joint statistic none either.',
        ],
  };
}
