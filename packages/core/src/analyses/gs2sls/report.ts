import { adequacyTable } from '../../report/adequacy-table.js';
import { fixed, leftColumn, pValueCell, rightColumn, significant, wholeNumber } from '../../report/cells.js';
import { type EstimateCell, type EstimateColumn, estimatesTable } from '../../report/estimates-table.js';
import type { Cell, Report, Table, TableRow } from '../../report/report.js';
import { effectsFigure, unitsFigure } from '../../spatial/effects-figures.js';
import { effectsTable } from '../../spatial/effects-table.js';
import { effectKinds } from '../../spatial-iv/effects.js';
import type { IvFTest, IvTest } from '../iv/result.js';
import { setWords } from '../iv/verdict.js';
import type { Gs2slsResult, ModelResult } from './result.js';
import { modelWords } from './verdict.js';

/** Effects first, then columns side by side, first stages, what the instruments are worth, and the bootstrap. */
export function gs2slsReport(result: Gs2slsResult): Report {
  const withEffects = result.models.flatMap(({ model, effects }) =>
    effects === null ? [] : [{ label: modelWords[model], effects }],
  );
  const instrumented = result.models.filter(({ firstStages }) => firstStages.length > 0);
  return {
    title: 'Spatial two-stage least squares',
    verdict: [...result.verdict, ...result.warnings],
    tables: [
      ...(result.adequacy.length > 0 ? [adequacyTable(result.adequacy)] : []),
      ...(withEffects.length > 0 ? [effectsTable(result.variables.outcome, withEffects, conventions(result))] : []),
      coefficientTable(result),
      ...instrumented.map((of) => firstStageTable(of, result)),
      ...(instrumented.length > 0 ? [testTable(result, instrumented)] : []),
      ...result.models.filter(({ bootstrap }) => bootstrap !== null).map((of) => bootstrapTable(of, result)),
    ],
    figures: withEffects.flatMap((of) => [
      effectsFigure(result.variables.outcome, of, result.level),
      ...(of.effects!.units === null ? [] : [unitsFigure(of.label, of.effects!.units)]),
    ]),
  };
}

const conventions = (result: Gs2slsResult) => result.conventions.filter((line) => /^(Effects are|Direct)/.test(line));

function coefficientTable(result: Gs2slsResult): Table {
  const columns = result.models.map((of): EstimateColumn => {
    const lambda: EstimateCell[] = of.lambda === null ? [] : [{ ...of.lambda, term: 'λ (spatial error)' }];
    const test = (label: string, found: IvTest | null): (readonly [string, Cell])[] =>
      found === null || found.df === 0 ? [] : [[label, Number.isNaN(found.pValue) ? '—' : pValueCell(found.pValue)]];
    return {
      label: modelWords[of.model],
      coefficients: [
        ...of.coefficients.map(({ role, term, ...row }) => ({
          ...row,
          term: role.includes('endogenous') ? `${term} (instrumented)` : term,
        })),
        ...lambda,
      ],
      footer: [
        ['Observations', wholeNumber(result.sample.rows)],
        ['σ²', significant(of.sigma2, 4)],
        ['Squared correlation', fixed(of.squaredCorrelation, 4)],
        ...(of.components === null ? [] : [['θ', significant(of.components.theta, 4)] as const]),
        ...(of.identification?.effectiveF ? [['Effective F', fixed(of.identification.effectiveF.statistic, 2)] as const] : []),
        ...test(`${of.overidentification?.name ?? ''} p`, of.overidentification),
        ...test('Anselin–Kelejian p', of.anselinKelejian),
      ],
    };
  });
  const { sample, conventions } = result;
  return estimatesTable(`Outcome ${result.variables.outcome}`, columns, [
    `${sample.rows.toLocaleString('en')} rows, ${sample.entities} units × ${sample.periods} periods.`,
    ...sample.dropped.map(({ reason, rows }) => `${rows} rows left out: ${reason}.`),
    ...conventions.filter((line) => !/^(Effects are|Direct)/.test(line)),
  ]);
}

function firstStageTable(of: ModelResult, { conventions }: Gs2slsResult): Table {
  const columns = of.firstStages.map(
    (stage): EstimateColumn => ({
      label: stage.term,
      coefficients: stage.coefficients.map(({ instrument, term, ...row }) => ({
        ...row,
        term: instrument ? `${term} (instrument)` : term,
      })),
      footer: [
        ['F of the instruments', fixed(stage.f.statistic, 3)],
        ['p of F', pValueCell(stage.f.pValue)],
        ['Sanderson–Windmeijer F', fixed(stage.sandersonWindmeijer.statistic, 3)],
        ['p of Sanderson–Windmeijer F', pValueCell(stage.sandersonWindmeijer.pValue)],
        ['Partial R²', fixed(stage.partialR2, 4)],
        ['Shea’s partial R²', fixed(stage.sheaPartialR2, 4)],
      ],
    }),
  );
  const [{ f, sandersonWindmeijer }] = of.firstStages;
  return estimatesTable(`First stage, ${modelWords[of.model]}`, columns, [
    `F(${f.df1}, ${f.df2}); Sanderson–Windmeijer F(${sandersonWindmeijer.df1}, ${sandersonWindmeijer.df2}).`,
    ...conventions.filter((line) => line.startsWith(`${modelWords[of.model]}: instruments`)),
  ]);
}

/** Everything asked of the instruments and residuals, a row a test, a column a model. */
function testTable({ covariance, level }: Gs2slsResult, models: readonly ModelResult[]): Table {
  const chi2 = (test: IvTest | null): Cell =>
    test === null || test.df === 0 || Number.isNaN(test.statistic)
      ? '—'
      : `${test.statistic.toPrecision(4)} (p ${short(test.pValue)})`;
  const f = (test: IvFTest | null | undefined): Cell =>
    test === null || test === undefined || Number.isNaN(test.statistic)
      ? '—'
      : `${test.statistic.toPrecision(4)} (p ${short(test.pValue)})`;
  const number = (value: number | undefined): Cell => (value === undefined || Number.isNaN(value) ? '—' : fixed(value, 3));
  const row = (label: string, cell: (of: ModelResult) => Cell, ruleAbove = false): TableRow => ({
    label,
    cells: models.map(cell),
    ...(ruleAbove ? { ruleAbove: true } : {}),
  });
  const table = (rows: readonly { readonly limit: number; readonly value: number }[] | null): string =>
    rows === null || covariance !== 'classical'
      ? 'no table'
      : rows.map(({ limit, value }) => `${value.toFixed(2)} (${limit * 100} %)`).join(', ');
  return {
    title: 'Tests of instruments and residuals',
    columns: [leftColumn('Test'), ...models.map(({ model }) => rightColumn(modelWords[model]))],
    rows: [
      row('Underidentification', (of) => chi2(of.identification!.underidentification)),
      row('Cragg–Donald F', (of) => number(of.identification!.craggDonaldF)),
      row('Kleibergen–Paap rk F', (of) => number(of.identification!.kleibergenPaapF)),
      row('Effective F', (of) => number(of.identification!.effectiveF?.statistic)),
      row('Stock–Yogo size (limit)', (of) => table(of.identification!.stockYogo.size)),
      row('Overidentification', (of) => chi2(of.overidentification), true),
      row('Endogeneity (difference in J)', (of) => chi2(of.endogeneity!.difference)),
      row('Wu–Hausman F (classical)', (of) => f(of.endogeneity!.wuHausman)),
      row('Anderson–Rubin F', (of) => f(of.andersonRubin!.f), true),
      row(`Anderson–Rubin ${level * 100} % set`, (of) =>
        of.andersonRubin!.set === null ? '—' : setWords(of.andersonRubin!.set.intervals),
      ),
      row('Anselin–Kelejian', (of) => chi2(of.anselinKelejian), true),
      row('WX all zero, Wald F', (of) => f(of.waldLags)),
    ],
    notes: [
      'Nulls: underidentified; instruments exogenous; regressors exogenous; coefficients of the endogenous zero; no spatial dependence in the residuals.',
    ],
  };
}

const short = (p: number) => (p < 0.0001 ? p.toExponential(1) : p.toFixed(4));

function bootstrapTable(of: ModelResult, { level }: Gs2slsResult): Table {
  const { model, bootstrap, coefficients, effects } = of;
  const { used, failed, outside, coefficients: drawn, lambda, effects: simulated } = bootstrap!;
  const row = (label: string, estimate: number, drawn: { standardError: number; lower: number; upper: number }): TableRow => ({
    label,
    cells: [
      significant(estimate, 4),
      significant(drawn.standardError, 4),
      significant(drawn.lower, 4),
      significant(drawn.upper, 4),
    ],
  });
  return {
    title: `Bootstrap, ${modelWords[model]}`,
    columns: [leftColumn(''), ...['Estimate', 'Standard error', 'Lower', 'Upper'].map(rightColumn)],
    rows: [
      ...coefficients.map(({ term, estimate }, k) => row(term, estimate, drawn[k])),
      ...(lambda === null ? [] : [row('λ (spatial error)', of.lambda!.estimate, lambda)]),
      ...effectKinds.flatMap((kind) =>
        (effects?.variables ?? []).map((found, k) => row(`${kind}: ${found.variable}`, found[kind].estimate, simulated[k][kind])),
      ),
    ],
    notes: [
      `${used} replications by entity, ${level * 100} % percentile intervals${failed > 0 ? `; ${failed} more did not identify the coefficients` : ''}${outside > 0 ? `; ${outside} of them had ρ out of bounds, and count for coefficients but not for effects, whose intervals are too narrow for that` : ''}.`,
    ],
  };
}
