import { adequacyTable } from '../../report/adequacy-table.js';
import type { Cell, NumberCell, Report, Table, TableRow } from '../../report/report.js';
import { distributionFigure, percent, ratioFigure, testName } from './figures.js';
import type { ThresholdResult } from './result.js';
import type { Coefficient } from './slopes.js';
import { methodWords, modelVerdict } from './verdict.js';

/** Tables in the layout that users of xthreg know, and the pictures that go with them. */
export function thresholdReport(result: ThresholdResult): Report {
  return {
    title: 'Panel threshold regression',
    verdict: [...result.tests.map(({ verdict }) => verdict), ...modelVerdict(result.tests), ...result.warnings],
    tables: [
      adequacyTable(result.adequacy),
      thresholdTable(result),
      ...(result.tests.some(({ bootstraps }) => bootstraps.length > 0) ? [testTable(result)] : []),
      slopeTable(result),
      regimeTable(result),
      periodTable(result),
    ],
    figures: [
      ...result.profiles.map((_, t) => ratioFigure(result, t)),
      ...result.tests.flatMap((test) => test.bootstraps.map((bootstrap) => distributionFigure(test, bootstrap))),
    ],
  };
}

const significant = (value: number, digits = 6): NumberCell => ({ value, format: 'significant', digits });
/** With so many digits after the point, unless these would all be zeros. */
const fixed = (value: number, digits: number): NumberCell =>
  value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits ? significant(value, 2) : { value, format: 'fixed', digits };
const count = (value: number): NumberCell => ({ value, format: 'count' });
const p = (value: number): NumberCell => ({ value, format: 'p', digits: 4 });

const left = (label: string) => ({ label, align: 'left' as const });
const right = (label: string) => ({ label, align: 'right' as const });

/** Which table says a convention: by how it begins. */
const conventionsAt = {
  thresholds: /^(Conventions of|Regime 1|Candidates|Thresholds|F =|Confidence set|No bootstrap)/,
  tests: /^(Bootstrap from|residual-blocks|wild-entity|The panel is unbalanced|p =)/,
  slopes: /^(Entity|Standard errors|Union intervals|The threshold variable and all regressors)/,
} as const;

const conventionsFor = (table: keyof typeof conventionsAt, { conventions }: ThresholdResult) =>
  conventions.filter((line) => conventionsAt[table].test(line));

/** A bound of a p-value: four digits, 0 and 1 themselves, and never zeros for what is not zero. */
function bound(value: number): string {
  if (value === 0 || value === 1) return String(value);
  return value < 0.0001 ? value.toExponential(1) : value > 0.9999 ? '>0.9999' : value.toFixed(4);
}

function thresholdTable(result: ThresholdResult): Table {
  const { thresholds, searches, variables, fit } = result;
  const rowsOf = (label: string, estimate: number | null, intervals: readonly Interval[]) =>
    intervals.map(
      (interval, i): TableRow => ({
        label: i === 0 ? label : '',
        cells: [
          i === 0 && estimate !== null ? significant(estimate) : null,
          percent(interval.level),
          significant(interval.lower),
          significant(interval.upper),
          count(interval.candidates),
          interval.contiguous ? 'yes' : 'no',
        ],
      }),
    );
  return {
    title: `Threshold estimates, ${variables.threshold}`,
    columns: [
      left('Model'),
      right('Threshold'),
      right('Level'),
      right('Lower'),
      right('Upper'),
      right('Candidates in set'),
      left('Contiguous'),
    ],
    rows: [
      ...searches.flatMap(({ model, estimate, intervals }) => rowsOf(model, estimate, intervals)),
      ...thresholds.flatMap(({ estimate, robust }, t) => {
        if (robust === null) return [];
        const label = `LR/η̂², η̂² = ${robust.etaSquared.toPrecision(3)}`;
        return rowsOf(label, estimate, robust.intervals).map((row, i) => (t + i === 0 ? { ...row, ruleAbove: true } : row));
      }),
    ],
    notes: [
      `Of ${fit.candidates.toLocaleString('en')} candidates among ${fit.distinctValues.toLocaleString('en')} distinct values` +
        (searches.length > 1 ? ' for the last threshold. Th-22 is given Th-1, Th-21 given Th-22, Th-3 given both.' : '.'),
      ...conventionsFor('thresholds', result),
      'Lower and upper are the least and the greatest candidate in a set.',
    ],
  };
}

type Interval = ThresholdResult['thresholds'][number]['intervals'][number];

function testTable(result: ThresholdResult): Table {
  const { tests, linear, fit, timeEffectsCheck } = result;
  return {
    title: 'Threshold tests (bootstrap)',
    columns: [
      left('Test'),
      right('RSS'),
      right('MSE'),
      right('F'),
      right('p'),
      right('99 % interval of p'),
      right('10 %'),
      right('5 %'),
      right('1 %'),
      right('Replications'),
    ],
    rows: tests.flatMap(({ thresholdCount, f, ssr, bootstraps }) =>
      bootstraps.map((bootstrap): TableRow => {
        const { lower, upper } = bootstrap.pValueInterval;
        const critical = bootstrap.criticalValues;
        return {
          label: `${testName(thresholdCount)}, ${methodWords[bootstrap.method]}`,
          cells: [
            significant(ssr),
            significant(ssr / fit.denominator),
            fixed(f, 4),
            p(bootstrap.pValue),
            `[${bound(lower)}, ${bound(upper)}]`,
            critical && fixed(critical['0.10'], 4),
            critical && fixed(critical['0.05'], 4),
            critical && fixed(critical['0.01'], 4),
            count(bootstrap.replications),
          ],
        };
      }),
    ),
    notes: [
      `RSS ${linear.ssr.toPrecision(6)} without a threshold; F divides by MSE = RSS/${fit.denominator}.`,
      ...conventionsFor('tests', result),
      'The interval says how far more replications could move p.',
      ...(timeEffectsCheck === null ? [] : [checkNote(timeEffectsCheck)]),
    ],
  };
}

function checkNote({ f, bootstraps, agrees }: NonNullable<ThresholdResult['timeEffectsCheck']>): string {
  const found = bootstraps.map(({ method, pValue }) => `p = ${bound(pValue)} (${methodWords[method]})`).join(', ');
  return (
    `With period effects the first threshold has F = ${f.toPrecision(4)}, ${found}, in ${bootstraps[0].replications} replications: ` +
    `the verdict ${agrees ? 'is the same' : 'is another'}.`
  );
}

function slopeTable(result: ThresholdResult): Table {
  const rows: TableRow[] = [];
  const united = result.coefficients.some(({ union }) => union !== undefined);
  const unionCells = ({ union }: Partial<ThresholdResult['coefficients'][number]>): Cell[] =>
    united ? [union ? significant(union.lower) : null, union ? significant(union.upper) : null] : [];
  for (const coefficient of result.coefficients) {
    const label = slopeLabel(coefficient, result);
    rows.push({ label, cells: [...slopeCells(coefficient), ...unionCells(coefficient)] });
    for (const { covariance, standardError, statistic, pValue } of coefficient.alternatives ?? []) {
      const cells = [null, significant(standardError), fixed(statistic, 2), p(pValue), ...unionCells({})];
      rows.push({ label: `  ${covariance}`, cells });
    }
  }
  for (const [i, coefficient] of result.linear.coefficients.entries()) {
    const cells = [...slopeCells(coefficient), ...unionCells({})];
    rows.push({ label: `${coefficient.term} (no threshold)`, cells, ...(i === 0 ? { ruleAbove: true } : {}) });
  }
  const { rows: n, entities, periods, effects, balanced } = result.sample;
  return {
    title: `Slopes, outcome ${result.variables.outcome}`,
    columns: [
      left(''),
      right('Coefficient'),
      right('Std. error'),
      right('t'),
      right('p'),
      ...(united ? [right('Union, lower'), right('Union, upper')] : []),
    ],
    rows,
    notes: [
      `${n.toLocaleString('en')} rows, ${entities} entities × ${balanced ? '' : 'at most '}${periods} periods; ` +
        `${effects.length > 1 ? 'entity and period' : 'entity'} effects; within R² ${result.fit.withinR2.toPrecision(4)}; ` +
        `σ² = ${result.fit.sigma2.toPrecision(6)}, ${result.fit.residualDf.toLocaleString('en')} degrees of freedom.`,
      ...result.sample.dropped.map(({ reason, rows: lost }) => `${lost.toLocaleString('en')} rows left out: ${reason}.`),
      ...conventionsFor('slopes', result),
    ],
  };
}

function slopeCells({ estimate, standardError, statistic, pValue }: Coefficient): Cell[] {
  return [significant(estimate), significant(standardError), fixed(statistic, 2), p(pValue)];
}

function slopeLabel({ term, regime }: Coefficient, { thresholds, variables, program }: ThresholdResult): string {
  if (regime === null) return term;
  const [low, high] = program === 'hansen' || program === 'pdr' ? ['≤', '<'] : ['<', '≤'];
  const below = regime === 1 ? '' : `${thresholds[regime - 2].estimate.toPrecision(5)} ${low} `;
  const above = regime === thresholds.length + 1 ? '' : ` ${high} ${thresholds[regime - 1].estimate.toPrecision(5)}`;
  return `${term}, ${below}${variables.threshold}${above}`;
}

function regimeTable({ regimes, switching, switchingEntities, sample }: ThresholdResult): Table {
  const named = switching > 0 && switching <= 40 ? `: ${switchingEntities.join(', ')}` : '';
  return {
    title: 'Regimes',
    columns: [left('Regime'), right('Rows'), right('Share of rows'), right('Entities ever in it')],
    rows: regimes.map(({ regime, rows, entities }) => ({
      label: String(regime),
      cells: [count(rows), fixed(rows / sample.rows, 3), count(entities)],
    })),
    notes: [`${switching} of ${sample.entities} entities are in more than one regime${named}.`],
  };
}

function periodTable({ regimes, regimesByPeriod }: ThresholdResult): Table {
  return {
    title: 'Entities in each regime by period',
    columns: [left('Period'), ...regimes.map(({ regime }) => right(`Regime ${regime}`))],
    rows: regimesByPeriod.map(({ period, entities }) => ({ label: period, cells: entities.map(count) })),
    notes: [],
  };
}
