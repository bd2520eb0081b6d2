import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, wholeNumber } from '../../report/cells.js';
import { type EstimateCell, type EstimateColumn, estimatesTable } from '../../report/estimates-table.js';
import type { Report, Table } from '../../report/report.js';
import { effectsFigure, unitsFigure } from '../../spatial/effects-figures.js';
import { effectsTable } from '../../spatial/effects-table.js';
import { mlWords } from './params.js';
import type { SpatialMlResult } from './result.js';

/** Effects first, then columns side by side, then what the larger models say of the smaller. */
export function spatialMlReport(result: SpatialMlResult): Report {
  const withEffects = result.models.flatMap(({ model, effects }) =>
    effects === null ? [] : [{ label: mlWords[model], effects }],
  );
  return {
    title: 'Spatial panel models by maximum likelihood',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      ...(result.adequacy.length > 0 ? [adequacyTable(result.adequacy)] : []),
      ...(withEffects.length > 0
        ? [effectsTable(result.variables.outcome, withEffects, result.conventions.filter(aboutEffects))]
        : []),
      coefficientTable(result),
      ...(result.tests.length > 0 ? [testTable(result)] : []),
    ],
    figures: withEffects.flatMap((of) => [
      effectsFigure(result.variables.outcome, of, result.level),
      ...(of.effects.units === null ? [] : [unitsFigure(of.label, of.effects.units)]),
    ]),
  };
}

const aboutEffects = (line: string) => /^(Effects are|Direct:)/.test(line);

function coefficientTable({ models, sample, variables, conventions }: SpatialMlResult): Table {
  const columns = models.map((of): EstimateColumn => {
    const lambda: EstimateCell[] = of.lambda === null ? [] : [{ ...of.lambda, term: 'λ (spatial error)' }];
    return {
      label: mlWords[of.model],
      coefficients: [...of.coefficients, ...lambda],
      footer: [
        ['Observations', wholeNumber(sample.rows)],
        ['Counted by the likelihood', wholeNumber(of.observations)],
        ['Entity effects', variables.random ? 'random' : variables.effects.includes('entity') ? 'yes' : 'no'],
        ['Time effects', variables.effects.includes('time') ? 'yes' : 'no'],
        ['σ²', significant(of.sigma2.estimate, 4)],
        ...(of.components === null ? [] : [['θ (random effects)', significant(of.components.theta, 4)] as const]),
        ...(of.mundlak === null
          ? []
          : [['Mundlak p (entity means)', Number.isFinite(of.mundlak.pValue) ? pValueCell(of.mundlak.pValue) : '—'] as const]),
        ['Log-likelihood', fixed(of.logLikelihood, 3)],
        ['AIC', fixed(of.aic, 2)],
        ['BIC', fixed(of.bic, 2)],
        ['Squared correlation', fixed(of.squaredCorrelation, 4)],
      ],
    };
  });
  return estimatesTable(`Outcome ${variables.outcome}`, columns, [
    `${sample.rows.toLocaleString('en')} rows, ${sample.entities} units × ${sample.periods} periods.`,
    ...sample.dropped.map(({ reason, rows }) => `${rows} rows left out: ${reason}.`),
    ...models.flatMap(({ model, collinear }) =>
      collinear.length === 0
        ? []
        : [`${mlWords[model]}: ${collinear.join(', ')} dropped, combinations of other columns or effects.`],
    ),
    ...conventions.filter((line) => !aboutEffects(line)),
  ]);
}

function testTable({ tests }: SpatialMlResult): Table {
  return {
    title: 'Can a smaller model do?',
    columns: [leftColumn('Restriction'), ...['df', 'LR', 'p (LR)', 'Wald', 'p (Wald)'].map(rightColumn)],
    rows: tests.map(({ model, to, hypothesis, df, likelihoodRatio, likelihoodRatioP, wald, waldP, note }, k) => ({
      label: `${mlWords[model]} → ${mlWords[to]}: ${hypothesis}`,
      cells:
        note === undefined
          ? [wholeNumber(df), fixed(likelihoodRatio, 3), pValueCell(likelihoodRatioP), fixed(wald, 3), pValueCell(waldP)]
          : [wholeNumber(df), note, null, null, null],
      ...(k > 0 && tests[k - 1].model !== model ? { ruleAbove: true } : {}),
    })),
    notes: [
      'LR: twice the difference of the log-likelihoods. Wald: from the larger model alone, by the delta method. χ² with df degrees of freedom. A small p: the smaller model is rejected.',
      'θ = −ρβ is the common factor hypothesis: with it the Durbin model is a model of spatial errors (Burridge 1981).',
    ],
  };
}
