import { fixed, leftColumn, pValueCell, rightColumn, significant, wholeNumber } from '../../report/cells.js';
import type { Cell, Report, Table, TableRow } from '../../report/report.js';
import { leaveOneOutFigure, placeboFigure, placeboInTimeFigure, statisticFigure } from './figures.js';
import type { ErrorOf } from './model.js';
import type {
  LeaveOneOutResult,
  PlaceboInTimeResult,
  PlaceboResult,
  RandomizationResult,
  ResamplingResult,
  WildBootstrapResult,
} from './result.js';
import { verdictOf } from './verdict.js';
import { alphaOf, listOf, percent, short } from './words.js';

/** One summary of all methods, a table and a figure of each. */
export function resamplingReport(result: ResamplingResult): Report {
  const { methods } = result;
  return {
    title: `Resampling: the coefficient of ${result.treatment}`,
    verdict: [...verdictOf(result), ...result.warnings],
    tables: [
      estimateTable(result),
      ...methods.flatMap((method): Table[] => {
        switch (method.method) {
          case 'leave-one-out':
            return [leaveOneOutTable(result, method), refitsTable(method)];
          case 'placebo-in-time':
            return [inTimeTable(method)];
          case 'wild-bootstrap':
          case 'randomization-inference':
            return [testTable(result, method)];
          default:
            return [placeboTable(result, method)];
        }
      }),
    ],
    figures: methods.flatMap((method) => {
      switch (method.method) {
        case 'leave-one-out':
          return [leaveOneOutFigure(result, method)];
        case 'placebo-in-time':
          return [placeboInTimeFigure(result, method)];
        case 'wild-bootstrap':
        case 'randomization-inference':
          return [statisticFigure(method)];
        default:
          return method.density.length > 0 ? [placeboFigure(result, method)] : [];
      }
    }),
  };
}

const errorColumns = ['Std. error', 't', 'p', 'Lower', 'Upper'].map(rightColumn);
const errorCells = ({ standardError, statistic, pValue, lower, upper }: Omit<ErrorOf, 'df'>): Cell[] => [
  significant(standardError, 5),
  fixed(statistic, 3),
  pValueCell(pValue),
  significant(lower, 4),
  significant(upper, 4),
];

function estimateTable({
  treatment,
  outcome,
  estimate,
  controls,
  effects,
  sample,
  entity,
  level,
  conventions,
}: ResamplingResult): Table {
  const { value, clustered, classical } = estimate;
  return {
    title: `The coefficient of ${treatment}, outcome ${outcome}`,
    columns: [leftColumn('Errors'), rightColumn('Estimate'), ...errorColumns],
    rows: [
      { label: `clustered by ${clustered.by}`, cells: [significant(value), ...errorCells(clustered)] },
      { label: 'classical', cells: [significant(value), ...errorCells(classical)] },
    ],
    notes: [
      `${sample.rows.toLocaleString('en')} rows, ${sample.entities} levels of ${entity} × at most ${sample.periods} periods; ${clustered.clusters} clusters; ${percent(level)} intervals.` +
        `${controls.length > 0 ? ` Controls: ${listOf(controls)}.` : ''}${effects.length > 0 ? ` Effects: ${listOf(effects)}.` : ''}`,
      ...conventions,
    ],
  };
}

function leaveOneOutTable({ estimate }: ResamplingResult, method: LeaveOneOutResult): Table {
  const { label, min, max, mean, largestChange, otherSign, significant: found, jackknife, refits } = method;
  const row = (name: string, ...cells: Cell[]): TableRow => ({ label: name, cells });
  return {
    title: label,
    columns: [leftColumn(''), rightColumn('Value'), leftColumn('Left out')],
    rows: [
      row('All rows', significant(estimate.value), null),
      row('Least', significant(min.estimate), listOf(min.leftOut)),
      row('Greatest', significant(max.estimate), listOf(max.leftOut)),
      row('Mean', significant(mean), null),
      row('Largest change', percent(largestChange.share), listOf(largestChange.leftOut)),
      row('Refits', wholeNumber(refits), null),
      row('Of other sign', wholeNumber(otherSign), null),
      row(`p ≤ ${short(alphaOf(found.level))}, clustered`, percent(found.clustered), null),
      row(`p ≤ ${short(alphaOf(found.level))}, classical`, percent(found.classical), null),
      ...(jackknife === null
        ? []
        : [
            { ...row('Jackknife error, CV3', significant(jackknife.standardError, 5), null), ruleAbove: true },
            row('around the mean, CV3J', significant(jackknife.aroundMean, 5), null),
            row(`t of CV3, ${jackknife.df} degrees of freedom`, fixed(jackknife.statistic, 3), null),
            row('p of CV3', pValueCell(jackknife.pValue), null),
          ]),
    ],
    notes: [],
  };
}

/** Refits with the most different estimates; all of them are in the result. */
const mostRows = 60;

function refitsTable({ label, each, failures }: LeaveOneOutResult): Table {
  const sorted = [...each].sort((a, b) => a.estimate - b.estimate);
  const shown = sorted.length <= mostRows ? sorted : [...sorted.slice(0, mostRows / 2), ...sorted.slice(-mostRows / 2)];
  return {
    title: `${label}: each refit`,
    columns: [leftColumn('Left out'), rightColumn('Estimate'), ...errorColumns, rightColumn('Rows')],
    rows: shown.map(({ leftOut, estimate, clustered, rows }) => ({
      label: listOf(leftOut),
      cells: [significant(estimate), ...errorCells(clustered), wholeNumber(rows)],
    })),
    notes: [
      'In the order of the estimates; clustered errors.',
      ...(shown.length < sorted.length
        ? [`The ${mostRows / 2} least and greatest of ${sorted.length}; all are in the result.`]
        : []),
      ...failures.slice(0, 10).map(({ leftOut, message }) => `Without ${listOf(leftOut)}: ${message}.`),
    ],
  };
}

function inTimeTable({ shifts, starts, controls, failures }: PlaceboInTimeResult): Table {
  return {
    title: 'Placebo in time: the treatment starts earlier than it did',
    columns: [
      leftColumn('Moved back by'),
      leftColumn('To'),
      rightColumn('Estimate'),
      ...errorColumns,
      rightColumn('Classical error'),
      rightColumn('Rows'),
    ],
    rows: shifts.map(({ shift, periods, estimate, clustered, classical, rows }) => ({
      label: String(shift),
      cells: [
        listOf(periods.slice(0, 4)) + (periods.length > 4 ? ', …' : ''),
        significant(estimate),
        ...errorCells(clustered),
        significant(classical.standardError, 5),
        wholeNumber(rows),
      ],
    })),
    notes: [
      `True starts: ${starts
        .slice(0, 8)
        .map(({ period, entities }) => `${period} (${entities})`)
        .join(
          ', ',
        )}${starts.length > 8 ? ', …' : ''}. Treated rows are dropped; of the never treated ${controls === 'before' ? 'the rows before the last start stay' : 'all rows stay'}.`,
      ...failures.map(({ shift, message }) => `${shift} back: ${message}.`),
    ],
  };
}

function placeboTable({ estimate }: ResamplingResult, method: PlaceboResult): Table {
  const { label, rule, draws, exact, assignments, mean, sd, min, max, quantiles, pValues, studentised, rejecting } = method;
  const tail = (name: string, { share, pValue }: typeof studentised): TableRow => ({
    label: name,
    cells: [fixed(share, 4), pValueCell(pValue)],
  });
  const value = (name: string, number: number): TableRow => ({ label: name, cells: [significant(number, 5), null] });
  return {
    title: label,
    columns: [leftColumn(''), rightColumn('Value, or share'), rightColumn('p')],
    rows: [
      value('Estimate', estimate.value),
      value('Mean of placebo estimates', mean),
      value('Standard deviation', sd),
      value('Least', min),
      value('Greatest', max),
      ...quantiles.map(({ share, value: at }) => value(`Quantile ${percent(share)}`, at)),
      { ...tail('|b*| ≥ |b|', pValues.twoSided), ruleAbove: true },
      tail('b* ≤ b', pValues.left),
      tail('b* ≥ b', pValues.right),
      tail('|t*| ≥ |t|, clustered', studentised),
    ],
    notes: [
      rule,
      exact
        ? `All ${draws.toLocaleString('en')} assignments: p is exact.`
        : `${draws.toLocaleString('en')} draws${Number.isFinite(assignments) ? ` of ${assignments.toPrecision(3)} assignments` : ''}; p = (1 + k)/(B + 1).`,
      `Of the placebo estimates ${percent(rejecting.clustered)} are significant at ${percent(alphaOf(rejecting.level))} by their own clustered t, ${percent(rejecting.classical)} by the classical one; a test of the right size has ${percent(alphaOf(rejecting.level))}.`,
    ],
  };
}

function testTable({ level }: ResamplingResult, method: WildBootstrapResult | RandomizationResult): Table {
  const { label, statistic, draws, exceeding, pCounted, pStrict, ties, interval, null: nullValue } = method;
  const wild = method.method === 'wild-bootstrap';
  const all = wild ? method.enumerated : method.exact;
  const row = (name: string, cell: Cell): TableRow => ({ label: name, cells: [cell] });
  return {
    title: label,
    columns: [leftColumn(''), rightColumn('')],
    rows: [
      row('Null hypothesis', significant(nullValue, 4)),
      row(wild || method.statisticUsed === 'studentised' ? 't' : 'Coefficient less the null', significant(statistic, 6)),
      row('p, ties counted', pValueCell(pCounted)),
      row('p, strict share', pValueCell(pStrict)),
      ...(wild
        ? []
        : [
            row(
              `p of the ${method.other.statisticUsed === 'studentised' ? 't' : 'coefficient'}, ties counted`,
              pValueCell(method.other.pCounted),
            ),
          ]),
      ...(interval === null
        ? []
        : [
            row(
              `${percent(interval.level)} interval, lower`,
              Number.isFinite(interval.lower) ? significant(interval.lower, 5) : '−∞',
            ),
            row(
              `${percent(interval.level)} interval, upper`,
              Number.isFinite(interval.upper) ? significant(interval.upper, 5) : '∞',
            ),
          ]),
    ],
    notes: [
      all
        ? `All ${draws.toLocaleString('en')} ${wild ? 'vectors of weights' : 'assignments'}: ${exceeding.ties} as large, ${exceeding.strict} larger; p = k/B.`
        : `${draws.toLocaleString('en')} draws: ${exceeding.ties} as large, ${exceeding.strict} larger; p = (1 + k)/(B + 1), strict k/B.`,
      `The ${ties === 'counted' ? 'p with ties counted' : 'strict share'} decides at ${percent(alphaOf(level))}${interval === null ? '' : ' and makes the interval'}.`,
    ],
  };
}
