import { fixed, leftColumn, rightColumn, significant, starsNote, starsOf } from './cells.js';
import type { Cell, Table, TableRow } from './report.js';

export interface EstimateCell {
  readonly term: string;
  readonly estimate: number;
  readonly standardError: number;
  readonly statistic: number;
  readonly pValue: number;
  /** further standard errors, by the label of their covariance */
  readonly alternatives?: readonly { readonly label: string; readonly standardError: number }[] | undefined;
}

/** One model in a journal table. */
export interface EstimateColumn {
  readonly label: string;
  readonly coefficients: readonly EstimateCell[];
  /** footer lines by their label; a label that a column does not have is blank there */
  readonly footer: readonly (readonly [string, Cell])[];
}

export interface EstimatesTableStyle {
  /** what stands in brackets under an estimate */
  readonly brackets: 'standard-errors' | 't' | 'p';
  /** cut-offs of ***, ** and * */
  readonly stars: readonly number[];
  /** significant digits of estimates and errors */
  readonly digits: number;
}

export const houseStyle: EstimatesTableStyle = { brackets: 'standard-errors', stars: [0.01, 0.05, 0.1], digits: 4 };

/**
 * The table of a journal: a column a model, estimate over what stands in brackets, further standard errors below in square
 * brackets, then the footer. Terms come in the order in which columns first have them, the constant last.
 */
export function estimatesTable(
  title: string,
  columns: readonly EstimateColumn[],
  notes: readonly string[],
  style: EstimatesTableStyle = houseStyle,
): Table {
  const terms = unique(columns.flatMap(({ coefficients }) => coefficients.map(({ term }) => term)));
  const ordered = [...terms.filter((term) => term !== constantTerm), ...terms.filter((term) => term === constantTerm)];
  const rows = ordered.flatMap((term) => termRows(term, columns, style));
  const footers = unique(columns.flatMap(({ footer }) => footer.map(([label]) => label)));
  const footer = footers.map(
    (label, at): TableRow => ({
      label,
      cells: columns.map((column) => column.footer.find(([name]) => name === label)?.[1] ?? null),
      ...(at === 0 ? { ruleAbove: true } : {}),
    }),
  );
  const under = { 'standard-errors': 'standard errors', t: 't statistics', p: 'p-values' }[style.brackets];
  return {
    title,
    columns: [leftColumn(''), ...columns.map(({ label }) => rightColumn(label))],
    rows: [...rows, ...footer],
    notes: [`In round brackets ${under}. ${starsNote(style.stars)}.`, ...notes],
  };
}

/** The constant's name in results. */
export const constantTerm = '(constant)';

function termRows(
  term: string,
  columns: readonly EstimateColumn[],
  { brackets, stars, digits }: EstimatesTableStyle,
): TableRow[] {
  const found = columns.map(({ coefficients }) => coefficients.find((coefficient) => coefficient.term === term));
  const labels = unique(found.flatMap((coefficient) => coefficient?.alternatives?.map(({ label }) => label) ?? []));
  const bracketed = (of: EstimateCell): Cell => {
    if (brackets === 't') return { ...fixed(of.statistic, 2), brackets: 'round' };
    if (brackets === 'p') return { value: of.pValue, format: 'p', digits: 4, brackets: 'round' };
    return { ...significant(of.standardError, digits), brackets: 'round' };
  };
  return [
    {
      label: term,
      cells: found.map((of) => (of ? { ...significant(of.estimate, digits), stars: starsOf(of.pValue, stars) } : null)),
    },
    { label: '', cells: found.map((of) => (of ? bracketed(of) : null)) },
    ...labels.map((label) => ({
      label: `  ${label}`,
      cells: found.map((of): Cell => {
        const other = of?.alternatives?.find((alternative) => alternative.label === label);
        return other ? { ...significant(other.standardError, digits), brackets: 'square' } : null;
      }),
    })),
  ];
}

const unique = (names: readonly string[]) => [...new Set(names)];
