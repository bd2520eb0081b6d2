import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, starsOf, vegaLite, wholeNumber } from '../../report/cells.js';
import { constantTerm, estimatesTable } from '../../report/estimates-table.js';
import type { Cell, Figure, Report, Table, TableRow } from '../../report/report.js';
import type { GroupDifferenceResult } from './result.js';

const alpha = 0.05;

export function groupDifferenceReport(result: GroupDifferenceResult): Report {
  return {
    title: `Do slopes differ by ${result.group}?`,
    verdict: [verdictOf(result), ...result.warnings],
    tables: [adequacyTable(result.adequacy, 'Test'), groupsTable(result), differencesTable(result), jointTable(result)],
    figures: [slopesFigure(result)],
  };
}

/** The verdict rests on the permutation test where there is one, else on the Wald test with errors across both regressions. */
function verdictOf({ permutation, sur, groups, differences }: GroupDifferenceResult): string {
  const rule = permutation
    ? `${permutation.exact ? 'exact ' : ''}permutation test of whole entities, studentised`
    : 'Wald test with errors clustered across both regressions';
  const p = permutation ? permutation.wald.pValue : (sur.wald?.pValue ?? Number.NaN);
  const who = `Slopes of ${groups[1].label} and ${groups[0].label}`;
  if (Number.isNaN(p)) return `${who}: no joint test, for there are fewer clusters than slopes.`;
  const each = differences
    .filter(({ permutation: one, sur: by }) => (one ? one.studentised.pValue : by.pValue) <= alpha)
    .map(({ term }) => term);
  const single =
    each.length > 0 ? ` One at a time ${each.join(', ')} ${each.length === 1 ? 'does' : 'do'}.` : ' One at a time none does.';
  const shown = p < 0.001 ? p.toExponential(1) : p.toPrecision(2);
  return `${who} ${p <= alpha ? 'differ' : 'are not shown to differ'} at 5 %: p = ${shown} by the ${rule}.${single}`;
}

function groupsTable({ groups, outcome, differences, sample, conventions }: GroupDifferenceResult): Table {
  const columns = groups.map(({ label, coefficients, rows, entities, rSquared }, g) => ({
    label: `(${g + 1}) ${outcome}, ${label}`,
    coefficients,
    footer: [
      ['N', wholeNumber(rows)],
      ['Entities', wholeNumber(entities)],
      ['R²', fixed(rSquared, 4)],
    ] as [string, Cell][],
  }));
  const difference = {
    label: '(2) − (1)',
    coefficients: differences.map(({ term, difference: estimate, sur, permutation }) => ({
      term,
      ...sur,
      estimate,
      pValue: permutation?.studentised.pValue ?? sur.pValue,
    })),
    footer: [['N', wholeNumber(sample.rows)]] as [string, Cell][],
  };
  return estimatesTable(
    'Slopes by group',
    [...columns, difference],
    [
      'Errors of the difference are those across both regressions; its stars follow the permutation test where there is one.',
      conventions[0],
    ],
  );
}

function differencesTable({ differences, interaction, conventions }: GroupDifferenceResult): Table {
  return {
    title: 'Tests of each difference',
    columns: [
      leftColumn('Regressor'),
      leftColumn('Test'),
      rightColumn('Estimate'),
      rightColumn('Std. error'),
      rightColumn('Statistic'),
      rightColumn('p'),
    ],
    rows: differences.flatMap(({ term, difference, clogg, sur, interactions, permutation }) => {
      const row = (test: string, cells: Cell[], first = false): TableRow => ({
        label: first ? term : '',
        cells: [test, ...cells],
        ...(first ? { ruleAbove: true } : {}),
      });
      return [
        row(
          'Clogg z',
          [
            significant(difference),
            significant(difference / clogg.statistic),
            fixed(clogg.statistic, 3),
            withStars(clogg.pValue),
          ],
          true,
        ),
        row('SUR (suest)', [
          significant(sur.estimate),
          significant(sur.standardError),
          fixed(sur.statistic, 3),
          withStars(sur.pValue),
        ]),
        ...interactions.map((one, c) =>
          row(`interaction, ${interaction[c].label}`, [
            significant(one.estimate),
            significant(one.standardError),
            fixed(one.statistic, 3),
            withStars(one.pValue),
          ]),
        ),
        ...(permutation
          ? [
              row('permutation, studentised', [significant(difference), null, null, withStars(permutation.studentised.pValue)]),
              row('permutation, raw difference', [
                significant(difference),
                significant(permutation.raw.sd),
                null,
                withStars(permutation.raw.pTwoSided),
              ]),
            ]
          : []),
      ];
    }),
    notes: conventions.slice(1),
  };
}

const withStars = (p: number): Cell => ({ ...pValueCell(p), stars: starsOf(p) });

function jointTable({ interaction, chow, chowPooled, sur, permutation }: GroupDifferenceResult): Table {
  const row = (label: string, test: { statistic: number; df1: number; df2: number; pValue: number } | null): TableRow => ({
    label,
    cells:
      test === null
        ? ['none: too few clusters', null, null, null]
        : [
            fixed(test.statistic, 4),
            wholeNumber(test.df1),
            Number.isFinite(test.df2) ? wholeNumber(test.df2) : '∞',
            pValueCell(test.pValue),
          ],
  });
  return {
    title: 'Tests of all slopes together',
    columns: [leftColumn('Test'), ...['F', 'df1', 'df2', 'p'].map(rightColumn)],
    rows: [
      row('Chow, slopes', chow),
      ...(chowPooled === null ? [] : [row('Chow, slopes and constants, no effects', chowPooled)]),
      ...interaction.map(({ label, wald }) => row(`interactions, ${label}`, wald)),
      row('SUR (suest)', sur.wald),
      ...(permutation
        ? [
            {
              label: permutation.exact ? 'permutation, exact' : 'permutation',
              cells: [fixed(permutation.wald.statistic, 4), null, null, pValueCell(permutation.wald.pValue)],
            },
          ]
        : []),
    ],
    notes: permutation
      ? [
          `${permutation.replications.toLocaleString('en')} ${permutation.exact ? 'labelings, all there are' : `of ${permutation.labelings.toPrecision(3)} labelings`}; the statistic is χ², the others F.`,
        ]
      : [],
  };
}

function slopesFigure({ groups, group }: GroupDifferenceResult): Figure {
  const values = groups.flatMap(({ label, coefficients }) =>
    coefficients
      .filter(({ term }) => term !== constantTerm)
      .map(({ term, estimate, standardError }) => ({
        label,
        term,
        estimate,
        lower: estimate - 1.96 * standardError,
        upper: estimate + 1.96 * standardError,
      })),
  );
  return {
    title: 'Slopes by group',
    caption: 'Estimates ± 1.96 standard errors. Intervals that overlap can still belong to different slopes: read the tests.',
    spec: {
      $schema: vegaLite,
      data: { values },
      facet: { row: { field: 'term', type: 'nominal', sort: [...new Set(values.map(({ term }) => term))], title: null } },
      resolve: { scale: { x: 'independent' } },
      spec: {
        width: 420,
        height: { step: 26 },
        encoding: { y: { field: 'label', type: 'nominal', sort: null, title: group } },
        layer: [
          {
            mark: 'rule',
            encoding: {
              x: { field: 'lower', type: 'quantitative', title: 'Slope', scale: { zero: false } },
              x2: { field: 'upper' },
            },
          },
          {
            mark: { type: 'point', filled: true, size: 60, color: '#2c3e50' },
            encoding: { x: { field: 'estimate', type: 'quantitative' } },
          },
        ],
      },
    },
  };
}
