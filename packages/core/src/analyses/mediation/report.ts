import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, wholeNumber } from '../../report/cells.js';
import { type EstimateColumn, estimatesTable } from '../../report/estimates-table.js';
import type { Cell, Report, Table, TableRow } from '../../report/report.js';
import { mediationFigures } from './figures.js';
import type { EffectResult, EquationResult, MediationPart, MediationResult, ModerationResult } from './result.js';
import { regionWords, verdict } from './verdict.js';
import { percent, short } from './words.js';

export function mediationReport(result: MediationResult): Report {
  const { mediation, moderation, adequacy } = result;
  return {
    title: reportTitle(result),
    verdict: [...verdict(result), ...result.warnings],
    tables: [
      ...(adequacy.length > 0 ? [adequacyTable(adequacy)] : []),
      ...(mediation === null
        ? []
        : [
            effectsTable(result, mediation),
            stepsTable(result, mediation),
            twoStepTable(result, mediation),
            testsTable(result, mediation),
            ...rhoTable(mediation, result.level),
          ]),
      ...(moderation === null ? [] : [moderationTable(result, moderation), slopesTable(result, moderation)]),
    ],
    figures: mediationFigures(result),
  };
}

function reportTitle({ mediation, moderation, treatment, outcome, mediators }: MediationResult): string {
  if (mediation === null) return `Moderation: ${treatment} on ${outcome} along ${moderation!.moderator}`;
  return `Mediation: ${treatment} → ${mediators.join(mediation.kind === 'serial' ? ' → ' : ', ')} → ${outcome}`;
}

const ends = (interval: { readonly lower: number; readonly upper: number } | null | undefined): Cell[] =>
  interval == null ? [null, null] : [significant(interval.lower, 4), significant(interval.upper, 4)];

/** Every effect with every interval; the first covariance. */
function effectsTable({ level, conventions }: MediationResult, { effects, bootstrap, identity, share }: MediationPart): Table {
  const drawn = bootstrap !== null;
  const normal = effects.some(({ monteCarlo }) => monteCarlo !== null);
  const firstContrast = effects.findIndex(({ role }) => role === 'contrast');
  return {
    title: 'Effects',
    columns: [
      leftColumn('Effect'),
      ...['Estimate', 'Std. error', 't or z', 'p', 'Lower', 'Upper'].map(rightColumn),
      ...(drawn ? ['Boot. s.e.', 'Boot. p', 'Percentile lower', 'upper', 'BCa lower', 'upper'].map(rightColumn) : []),
      ...(normal ? ['Monte Carlo lower', 'upper'].map(rightColumn) : []),
    ],
    rows: effects.map((effect, e): TableRow => {
      const { name, estimate, tests, bootstrap: draws, monteCarlo } = effect;
      const [{ standardError, statistic, pValue, ...interval }] = tests;
      const p: Cell = draws === null ? null : pValueCell(draws.pValue);
      return {
        label: name,
        cells: [
          significant(estimate, 5),
          significant(standardError, 4),
          fixed(statistic, 3),
          pValueCell(pValue),
          ...ends(interval),
          ...(drawn ? [draws && significant(draws.standardError, 4), p, ...ends(draws?.percentile), ...ends(draws?.bca)] : []),
          ...(normal ? ends(monteCarlo) : []),
        ],
        ...(e === firstContrast ? { ruleAbove: true } : {}),
      };
    }),
    notes: [
      `${percent(level)} intervals. Indirect effects by Sobel’s error, sums and differences by the delta method; the first covariance.`,
      identity.holds
        ? `c − (c′ + Σ indirect) = ${identity.gap === 0 ? '0' : identity.gap.toExponential(1)}: the identity of least squares on one sample, checked.`
        : `c − (c′ + Σ indirect) = ${short(identity.gap)}: the equations have different controls.`,
      share.value === null ? `No share mediated: ${share.why}.` : `Share mediated ${percent(share.value)}.`,
      ...conventions,
    ],
  };
}

/** The journal's three steps: total, mediators, outcome with mediators. */
function stepsTable(result: MediationResult, mediation: MediationPart): Table {
  const columns = [mediation.total, ...mediation.mediators, mediation.outcome].map((equation, c) =>
    estimateColumn(result, equation, `(${c + 1}) ${equation.outcome}`),
  );
  return estimatesTable(
    'Three steps: total effect, mediators, direct effect',
    columns,
    [
      ruleNote(mediation.outcome),
      ...(mediation.kind === 'serial' ? ['In the chain each mediator is regressed on those before it too.'] : []),
      'Judge the indirect effect by its own interval: that each step be significant is neither needed nor enough.',
    ],
    result.table,
  );
}

/** Does the treatment move the mediators? Nothing is said of what these do to the outcome. */
function twoStepTable(result: MediationResult, mediation: MediationPart): Table {
  const columns = [mediation.total, ...mediation.mechanism].map((equation, c) =>
    estimateColumn(result, equation, `(${c + 1}) ${equation.outcome}`),
  );
  return estimatesTable(
    'Two steps: total effect, and the treatment on each mediator',
    columns,
    [
      ruleNote(mediation.total),
      'That the mediator moves the outcome is left to theory or to other evidence (江艇 2022): a regression of the outcome on both would need a mediator as good as random.',
    ],
    result.table,
  );
}

function estimateColumn({ effects, sample }: MediationResult, equation: EquationResult, label: string): EstimateColumn {
  const { coefficients, covariances, rSquared } = equation;
  const [{ label: errors, clusters }] = covariances;
  return {
    label,
    coefficients: coefficients.map((of) => ({
      ...of,
      alternatives: of.alternatives.map(({ covariance, standardError }) => ({
        label: covariances[covariance].label,
        standardError,
      })),
    })),
    footer: [
      ['N', wholeNumber(sample.rows)],
      ['Entities × periods', `${sample.entities.toLocaleString('en')} × ${sample.periods.toLocaleString('en')}`],
      [effects.length > 0 ? 'R² within effects' : 'R²', fixed(rSquared.model, 4)],
      ...(effects.length > 0 ? [['R² with dummies (LSDV)', fixed(rSquared.lsdv, 4)] as [string, Cell]] : []),
      ['Effects', effects.length > 0 ? effects.join(' + ') : 'none'],
      ['Covariance', `${errors}${clusters.length > 0 ? ` (${clusters.join(', ')})` : ''}`],
    ],
  };
}

const ruleNote = ({ covariances }: EquationResult) =>
  `Standard errors ${covariances[0].label}: ${covariances[0].rule}${covariances.length > 1 ? '; others in square brackets' : ''}.`;

const methodWords: Readonly<Record<EffectResult['tests'][number]['method'], string>> = {
  wald: 't',
  sobel: 'Sobel',
  aroian: 'Aroian',
  goodman: 'Goodman',
  delta: 'delta method',
};

/** Sobel, Aroian and Goodman of each route with each covariance. */
function testsTable({ covariances }: MediationResult, { effects }: MediationPart): Table {
  const rows = effects
    .filter(({ role }) => role === 'indirect' || role === 'total-indirect')
    .flatMap(({ name, tests }) =>
      tests.map(({ covariance, method, standardError, statistic, df, pValue }, t): TableRow => {
        const degrees: Cell = Number.isFinite(df) ? wholeNumber(df) : '∞';
        return {
          label: t === 0 ? name : '',
          cells: [
            methodWords[method],
            covariances[covariance].label,
            significant(standardError, 5),
            fixed(statistic, 3),
            degrees,
            pValueCell(pValue),
          ],
          ...(t === 0 ? { ruleAbove: true } : {}),
        };
      }),
    );
  return {
    title: 'Tests of indirect effects',
    columns: [
      leftColumn('Effect'),
      leftColumn('Test'),
      leftColumn('Covariance'),
      ...['Std. error', 'z or t', 'df', 'p'].map(rightColumn),
    ],
    rows,
    notes: [
      'Sobel: √(b² s_a² + a² s_b²); Aroian adds s_a² s_b², Goodman takes it away (and has no error where that leaves less than 0). df ∞ is the normal.',
    ],
  };
}

const shownRhos = [-0.9, -0.7, -0.5, -0.3, -0.1, 0, 0.1, 0.3, 0.5, 0.7, 0.9];

function rhoTable({ sensitivity }: MediationPart, level: number): Table[] {
  if (sensitivity === null) return [];
  const nearest = (rho: number) =>
    sensitivity.curve.reduce((best, point) => (Math.abs(point.rho - rho) < Math.abs(best.rho - rho) ? point : best));
  return [
    {
      title: 'If the errors of mediator and outcome were correlated',
      columns: [leftColumn('ρ'), ...['Indirect effect', 'Lower', 'Upper'].map(rightColumn)],
      rows: shownRhos.map(nearest).map(({ rho, estimate, ...interval }) => ({
        label: short(rho),
        cells: [significant(estimate, 5), ...ends(interval)],
      })),
      notes: [
        `Zero at ρ = ${short(sensitivity.correlationAtZero)}. Imai, Keele & Yamamoto (2010), theorem 4, no interaction of treatment and mediator; ${percent(level)} intervals at a known ρ.`,
      ],
    },
  ];
}

function moderationTable(result: MediationResult, { equation, moderator }: ModerationResult): Table {
  return estimatesTable(
    `The effect of ${result.treatment} along ${moderator}`,
    [estimateColumn(result, equation, `(1) ${equation.outcome}`)],
    [
      ruleNote(equation),
      `The coefficient of ${result.treatment} is its slope where ${moderator} is 0, which need not occur: read the slopes.`,
      ...(equation.collinear.includes(moderator) ? [`${moderator} itself is held by the effects; its interaction is not.`] : []),
    ],
    result.table,
  );
}

function slopesTable({ treatment, level }: MediationResult, moderation: ModerationResult): Table {
  const { moderator, slopes } = moderation;
  return {
    title: `Simple slopes of ${treatment}`,
    columns: [leftColumn(moderator), ...['Value', 'Slope', 'Std. error', 't', 'p', 'Lower', 'Upper'].map(rightColumn)],
    rows: slopes.map(({ at, value, estimate, standardError, statistic, pValue, ...interval }) => ({
      label: at,
      cells: [
        significant(value, 5),
        significant(estimate, 5),
        significant(standardError, 4),
        fixed(statistic, 3),
        pValueCell(pValue),
        ...ends(interval),
      ],
    })),
    notes: [regionWords(moderation, treatment, level), `${percent(level)} intervals, the first covariance.`],
  };
}
