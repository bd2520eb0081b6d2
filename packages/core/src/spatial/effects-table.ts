import { leftColumn, rightColumn, significant, starsNote, starsOf } from '../report/cells.js';
import type { Cell, Table, TableRow } from '../report/report.js';
import { effectKinds } from '../spatial-iv/effects.js';
import type { EffectsResult } from './effects-result.js';

/** A model's effects with the name of its column. */
export interface LabelledEffects {
  readonly label: string;
  readonly effects: EffectsResult;
}

/** Direct, indirect and total effects of every regressor, a column a model. */
export function effectsTable(outcome: string, models: readonly LabelledEffects[], conventions: readonly string[]): Table {
  const variables = [...new Set(models.flatMap(({ effects }) => effects.variables.map(({ variable }) => variable)))];
  const simulated = models.some(({ effects }) => effects.draws.used > 1);
  const of = (model: LabelledEffects, variable: string) => model.effects.variables.find((row) => row.variable === variable);
  const rows = effectKinds.flatMap((kind, block) =>
    variables.flatMap((variable, first): TableRow[] => [
      {
        label: `${kind[0].toUpperCase()}${kind.slice(1)}: ${variable}`,
        cells: models.map((model): Cell => {
          const found = of(model, variable)?.[kind];
          return found === undefined ? null : { ...significant(found.estimate, 4), stars: starsOf(found.pValue) };
        }),
        ...(block > 0 && first === 0 ? { ruleAbove: true } : {}),
      },
      {
        label: '',
        cells: models.map((model): Cell => {
          const found = of(model, variable)?.[kind];
          return found === undefined ? null : { ...significant(found.standardError, 4), brackets: 'round' };
        }),
      },
      ...(simulated
        ? [
            {
              label: '',
              cells: models.map((model): Cell => {
                const found = of(model, variable)?.[kind].simulated;
                return found ? `[${found.lower.toPrecision(3)}, ${found.upper.toPrecision(3)}]` : null;
              }),
            },
          ]
        : []),
    ]),
  );
  return {
    title: `Effects on ${outcome}`,
    columns: [leftColumn(''), ...models.map(({ label }) => rightColumn(label))],
    rows,
    notes: [
      `In round brackets standard errors by the delta method. ${starsNote()}.`,
      ...conventions,
      ...new Set(models.map(({ effects }) => traceWords(effects))),
    ],
  };
}

function traceWords({ traces, probes, traceError, draws, bounds }: EffectsResult): string {
  const how = {
    eigenvalues: 'Traces are exact, from the eigenvalues of W',
    'stochastic Lanczos': `Traces: powers 2 to 4 of W exactly, the rest by ${probes} Lanczos probes, standard error of the direct multiplier ${traceError.toPrecision(2)}`,
    'stochastic powers': `Traces: powers 2 to 4 of W exactly, 5 to 100 by ${probes} probes, standard error of the direct multiplier ${traceError.toPrecision(2)}`,
    'none needed': 'Without Wy the effects are the coefficients, times the mean row sum of W for lags',
  }[traces];
  const interval =
    traces === 'none needed'
      ? ''
      : `; ρ in (${bounds.lower.toPrecision(4)}, ${bounds.upper.toPrecision(4)})${bounds.safe ? ', a safe interval' : ''}`;
  return `${how}${interval}${draws.outside > 0 ? `; ${draws.outside} draws outside were left out` : ''}.`;
}
