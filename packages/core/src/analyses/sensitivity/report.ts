import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, wholeNumber } from '../../report/cells.js';
import type { Cell, Report, Table, TableRow } from '../../report/report.js';
import { estimateContourFigure, scenarioFigure, statisticContourFigure } from './figures.js';
import type { OsterResult, SensitivityBound, SensitivityResult } from './result.js';
import { percent } from './words.js';

export function sensitivityReport(result: SensitivityResult): Report {
  return {
    title: `How sensitive is the effect of ${result.treatment.term} on ${result.variables.outcome} to omitted variables?`,
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      adequacyTable(result.adequacy),
      estimateTable(result),
      ...(result.bounds.length > 0 ? [boundsTable(result)] : []),
      ...(result.oster.length > 0 ? [osterTable(result)] : []),
      thresholdsTable(result),
    ],
    figures: [estimateContourFigure(result), statisticContourFigure(result), scenarioFigure(result)],
  };
}

const share = (value: number): Cell => (Number.isNaN(value) ? null : fixed(100 * value, 3));
const interval = (lower: number, upper: number): Cell =>
  Number.isNaN(lower) || Number.isNaN(upper) ? null : `[${lower.toPrecision(4)}, ${upper.toPrecision(4)}]`;

function estimateTable(result: SensitivityResult): Table {
  const { treatment, statistics, errors, request, sample, variables } = result;
  const level = percent(request.level);
  const alpha = Number((1 - request.level).toPrecision(6));
  const value = (label: string, cell: Cell, ruleAbove = false): TableRow => ({
    label,
    cells: [cell, null, null, null],
    ...(ruleAbove ? { ruleAbove } : {}),
  });
  const error = (
    label: string,
    of: Pick<SensitivityResult['treatment'], 'standardError' | 'statistic' | 'pValue' | 'lower' | 'upper'>,
  ): TableRow => ({
    label,
    cells: [significant(of.standardError, 4), fixed(of.statistic, 3), pValueCell(of.pValue), interval(of.lower, of.upper)],
  });
  return {
    title: `${treatment.term} on ${variables.outcome}`,
    columns: [leftColumn(''), rightColumn('Value'), rightColumn('t'), rightColumn('p'), rightColumn(`${level} interval`)],
    rows: [
      value('Estimate', significant(treatment.estimate, 5)),
      error('  classical error', treatment),
      ...errors.map((of) => error(`  error, ${of.label}`, of)),
      value('Degrees of freedom', wholeNumber(treatment.df)),
      value('Partial R² with the outcome (%)', share(statistics.partialR2), true),
      value(`RV, q = ${request.q} (%)`, share(statistics.robustnessValue)),
      value(`RV, q = ${request.q}, α = ${alpha} (%)`, share(statistics.robustnessValueAlpha)),
      value(`XRV, q = ${request.q} (%)`, share(statistics.extremeRobustnessValue)),
      value(`XRV, q = ${request.q}, α = ${alpha} (%)`, share(statistics.extremeRobustnessValueAlpha)),
      ...(treatment.significant ? [] : [value(`Inverted RV, α = ${alpha} (%)`, share(statistics.invertedRobustnessValue))]),
      ...(request.q === 1 && request.reduce
        ? []
        : [value('h₀', significant(treatment.hypothesis, 5)), value('t of h₀', fixed(treatment.statisticOfHypothesis, 3))]),
      value('N', wholeNumber(sample.rows), true),
      value('Effects', variables.effects.join(', ') || 'none'),
    ],
    notes: [
      'Partial R², RV and XRV are made from the classical t. Other errors stand beside it and enter none of them.',
      ...result.conventions.filter((line) => /^(Degrees|RV|RV_qα|Singletons)/.test(line)),
      ...errors.map(({ label, rule }) => `${label}: ${rule}.`),
    ],
  };
}

const yes = (value: boolean | null): Cell => (value === null ? '—' : value ? 'yes' : 'no');

function boundCells(row: SensitivityBound): Cell[] {
  if (row.failure !== null) return [null, null, 'impossible', null, null, null, null, null, null];
  return [
    share(row.treatmentShare),
    row.capped ? '100 (cut)' : share(row.outcomeShare),
    significant(row.estimate, 4),
    row.capped ? '—' : significant(row.standardError, 4),
    row.capped ? 'too strong' : fixed(row.statistic, 3),
    interval(row.lower, row.upper),
    fixed(row.criticalStatistic, 3),
    yes(row.staysBeyond),
    yes(row.staysSignificant),
  ];
}

function boundsTable({ bounds, request, treatment, conventions }: SensitivityResult): Table {
  const plain = request.q === 1 && request.reduce;
  return {
    title: 'Bounds: a confounder as strong as observed covariates',
    columns: [
      leftColumn('Confounder'),
      rightColumn('R²D, %'),
      rightColumn('R²Y, %'),
      rightColumn('Estimate'),
      rightColumn('Std. error'),
      rightColumn('t'),
      rightColumn(`${percent(request.level)} interval`),
      rightColumn('t† needed'),
      rightColumn(plain ? 'Sign kept' : 'Beyond h₀'),
      rightColumn('Significant'),
    ],
    rows: [
      {
        label: 'Unadjusted',
        cells: [
          fixed(0, 3),
          fixed(0, 3),
          significant(treatment.estimate, 4),
          significant(treatment.standardError, 4),
          fixed(treatment.statisticOfHypothesis, 3),
          interval(treatment.lower, treatment.upper),
          null,
          null,
          yes(treatment.significant),
        ],
      },
      ...bounds.map(
        (row, i): TableRow => ({
          label: row.label,
          cells: boundCells(row),
          ...(i === 0 || bounds[i - 1].benchmark !== row.benchmark ? { ruleAbove: true } : {}),
        }),
      ),
    ],
    notes: [
      'R²D, R²Y: the most that such a confounder explains of what is left of treatment and outcome. t†: the unadjusted |t| must exceed it to stay significant whatever a weaker confounder does.',
      'Keeping the sign and staying significant are two answers.',
      ...conventions.filter((line) => /^(Bounds|Adjusted)/.test(line)),
      ...bounds.flatMap(({ label, failure }) => (failure === null ? [] : [`${label}: ${failure.message}.`])),
    ],
  };
}

function osterTable({ oster, osterRequest, treatment, altonjiElderTaber, conventions }: SensitivityResult): Table {
  const row = (label: string, cell: (of: OsterResult) => Cell, ruleAbove = false): TableRow => ({
    label,
    cells: oster.map(cell),
    ...(ruleAbove ? { ruleAbove } : {}),
  });
  const number = (value: number): Cell => (Number.isFinite(value) ? significant(value, 5) : '—');
  return {
    title: 'Selection on observables as a guide: Oster, Altonji–Elder–Taber',
    columns: [leftColumn(''), ...oster.map(({ r2 }) => rightColumn(`${r2} R²`))],
    rows: [
      row('b₀, without the controls', () => number(osterRequest.shortEstimate)),
      row('b₁, with them', () => number(treatment.estimate)),
      row('R² without', ({ shortR2 }) => fixed(shortR2, 4)),
      row('R² with', ({ longR2 }) => fixed(longR2, 4)),
      row('R_max', ({ rMax }) => fixed(rMax, 4)),
      row(`δ* for β = ${osterRequest.beta}`, ({ deltaStar }) => number(deltaStar), true),
      row(`β* for δ = ${osterRequest.delta}`, ({ betaStar }) => number(betaStar)),
      row('β*, approximation', ({ betaApproximate }) => number(betaApproximate)),
      row('Identified set', ({ identifiedSet: [lower, upper] }) => interval(lower, upper)),
      row('Altonji–Elder–Taber', () => number(altonjiElderTaber)),
    ],
    notes: [
      ...(osterRequest.unrelated.length > 0 ? [`In both regressions: ${osterRequest.unrelated.join(', ')}.`] : []),
      'A negative δ* or ratio says that the controls moved the estimate away from the value asked for, or across it. It is not "below 1".',
      ...conventions.filter((line) => /^(Oster|Altonji)/.test(line)),
      ...oster.flatMap(({ r2, failure }) => (failure === null ? [] : [`${r2}: ${failure.message}.`])),
    ],
  };
}

function thresholdsTable({ impactThreshold, replacement, eValue, conventions }: SensitivityResult): Table {
  const row = (label: string, cell: Cell, ruleAbove = false): TableRow => ({
    label,
    cells: [cell],
    ...(ruleAbove ? { ruleAbove } : {}),
  });
  return {
    title: 'Other measures',
    columns: [leftColumn(''), rightColumn('Value')],
    rows: [
      row('Impact threshold (ITCV)', fixed(impactThreshold.impact, 4)),
      row('  correlation with each', fixed(impactThreshold.componentCorrelation, 4)),
      row('  partial correlation of the treatment', fixed(impactThreshold.correlation, 4)),
      row('  just significant', fixed(impactThreshold.criticalCorrelation, 4)),
      row('Robustness of inference to replacement (RIR), rows', wholeNumber(replacement.rows), true),
      row('  share, %', share(replacement.share)),
      row('  just significant estimate', significant(replacement.threshold, 4)),
      row(`E-value, for a change of ${eValue.contrast}`, fixed(eValue.estimate, 3), true),
      row('  of the interval’s limit nearer to none', fixed(eValue.limit, 3)),
      row('  approximate risk ratio', fixed(eValue.ratio, 4)),
    ],
    notes: conventions.filter((line) => /^(ITCV|E-value)/.test(line)),
  };
}
