import type { Cell, Figure, NumberCell, Report, Table, TableRow } from '../../report/report.js';
import { likelihoodRatioCutoff } from './confidence-set.js';
import type { BootstrapResult, ThresholdResult } from './result.js';
import type { Coefficient } from './slopes.js';
import { methodWords } from './verdict.js';

/** Tables in the layout that users of xthreg know, and the two pictures that go with them. */
export function thresholdReport(result: ThresholdResult): Report {
  return {
    title: 'Panel threshold regression',
    verdict: result.tests.map(({ verdict }) => verdict),
    tables: [
      thresholdTable(result),
      ...(result.tests.some(({ bootstraps }) => bootstraps.length > 0) ? [testTable(result)] : []),
      slopeTable(result),
      regimeTable(result),
    ],
    figures: [
      ...result.profiles.map((_, t) => ratioFigure(result, t)),
      ...result.tests.flatMap((test) => test.bootstraps.map((bootstrap) => distributionFigure(test.f, bootstrap))),
    ],
  };
}

const significant = (value: number, digits = 6): NumberCell => ({ value, format: 'significant', digits });
const fixed = (value: number, digits: number): NumberCell => ({ value, format: 'fixed', digits });
const count = (value: number): NumberCell => ({ value, format: 'count' });
const p = (value: number): NumberCell => ({ value, format: 'p', digits: 4 });

const left = (label: string) => ({ label, align: 'left' as const });
const right = (label: string) => ({ label, align: 'right' as const });
const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;

function thresholdTable({ thresholds, variables, fit }: ThresholdResult): Table {
  return {
    title: 'Threshold estimate',
    columns: [
      left('Threshold'),
      right('Estimate'),
      right('Level'),
      right('Lower'),
      right('Upper'),
      right('Candidates in set'),
      left('Contiguous'),
    ],
    rows: thresholds.flatMap(({ estimate, intervals }, t) =>
      intervals.map(
        (interval, i): TableRow => ({
          label: i === 0 ? `γ${thresholds.length > 1 ? t + 1 : ''} in ${variables.threshold}` : '',
          cells: [
            i === 0 ? significant(estimate) : null,
            percent(interval.level),
            significant(interval.lower),
            significant(interval.upper),
            count(interval.candidates),
            interval.contiguous ? 'yes' : 'no',
          ],
        }),
      ),
    ),
    notes: [
      `Of ${fit.candidates.toLocaleString('en')} candidates among ${fit.distinctValues.toLocaleString('en')} distinct values.`,
      'The set is {γ: LR(γ) ≤ c}; lower and upper are its least and greatest candidates. It assumes equal error variances.',
    ],
  };
}

function testTable({ tests, fit }: ThresholdResult): Table {
  return {
    title: 'Threshold test (bootstrap)',
    columns: [
      left('Test'),
      right('F'),
      right('p'),
      right('99 % interval of p'),
      right('10 %'),
      right('5 %'),
      right('1 %'),
      right('Replications'),
    ],
    rows: tests.flatMap(({ thresholdCount, f, bootstraps }) =>
      bootstraps.map((bootstrap): TableRow => {
        const { lower, upper } = bootstrap.pValueInterval;
        return {
          label: `${testName(thresholdCount)}, ${methodWords[bootstrap.method]}`,
          cells: [
            fixed(f, 4),
            p(bootstrap.pValue),
            `[${lower.toFixed(4)}, ${upper.toFixed(4)}]`,
            fixed(bootstrap.criticalValues['0.10'], 4),
            fixed(bootstrap.criticalValues['0.05'], 4),
            fixed(bootstrap.criticalValues['0.01'], 4),
            count(bootstrap.replications),
          ],
        };
      }),
    ),
    notes: [
      `RSS ${fit.ssrNull.toPrecision(8)} without the threshold, ${fit.ssr.toPrecision(8)} with it; F divides by RSS/${fit.denominator}.`,
      'p = (1 + k)/(B + 1). The interval says how far more replications could move p.',
    ],
  };
}

const testName = (thresholdCount: number) => ['Single', 'Double', 'Triple'][thresholdCount - 1] ?? `${thresholdCount} thresholds`;

function slopeTable(result: ThresholdResult): Table {
  const rows: TableRow[] = [];
  for (const coefficient of result.coefficients) {
    rows.push({ label: slopeLabel(coefficient, result.variables.threshold, result), cells: slopeCells(coefficient) });
    for (const { covariance, standardError, statistic, pValue } of coefficient.alternatives ?? []) {
      rows.push({ label: `  ${covariance}`, cells: [null, significant(standardError), fixed(statistic, 2), p(pValue)] });
    }
  }
  for (const [i, coefficient] of result.linear.coefficients.entries()) {
    const label = `${coefficient.term} (no threshold)`;
    rows.push({ label, cells: slopeCells(coefficient), ...(i === 0 ? { ruleAbove: true } : {}) });
  }
  const { rows: n, entities, periods } = result.sample;
  return {
    title: `Slopes, outcome ${result.variables.outcome}`,
    columns: [left(''), right('Coefficient'), right('Std. error'), right('t'), right('p')],
    rows,
    notes: [
      `${n.toLocaleString('en')} rows, ${entities} entities × ${periods} periods; entity effects; σ² = ${result.fit.sigma2.toPrecision(6)}, ` +
        `${result.fit.residualDf.toLocaleString('en')} degrees of freedom.`,
      ...result.conventions.filter((line) => line.startsWith('Standard errors')),
    ],
  };
}

function slopeCells({ estimate, standardError, statistic, pValue }: Coefficient): Cell[] {
  return [significant(estimate), significant(standardError), fixed(statistic, 2), p(pValue)];
}

function slopeLabel({ term, regime }: Coefficient, q: string, { thresholds }: ThresholdResult): string {
  if (regime === null) return term;
  const below = regime === 1 ? '' : `${thresholds[regime - 2].estimate.toPrecision(5)} < `;
  const above = regime === thresholds.length + 1 ? '' : ` ≤ ${thresholds[regime - 1].estimate.toPrecision(5)}`;
  return `${term}, ${below}${q}${above}`;
}

function regimeTable({ regimes, switching, sample }: ThresholdResult): Table {
  return {
    title: 'Regimes',
    columns: [left('Regime'), right('Rows'), right('Share of rows'), right('Entities ever in it')],
    rows: regimes.map(({ regime, rows, entities }) => ({
      label: String(regime),
      cells: [count(rows), fixed(rows / sample.rows, 3), count(entities)],
    })),
    notes: [`${switching} of ${sample.entities} entities are in more than one regime.`],
  };
}

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';

/** LR(γ) with the cut-off of each level; what lies under the line is the confidence set. */
function ratioFigure({ profiles, thresholds, variables }: ThresholdResult, t: number): Figure {
  const { values, ratios, thinned } = profiles[t];
  const { estimate, intervals } = thresholds[t];
  const cutoffs = intervals.map(({ level }) => ({ cutoff: likelihoodRatioCutoff(level), label: percent(level) }));
  const lowest = cutoffs[0].cutoff;
  const x = { field: 'value', type: 'quantitative', title: variables.threshold, scale: { zero: false } };
  return {
    title: 'Likelihood ratio of each candidate threshold',
    caption:
      `LR is zero at the estimate, ${estimate.toPrecision(5)}; candidates under a line are in the set of that level, ` +
      `those of the ${cutoffs[0].label} set in red.` +
      (thinned ? ' Of each run of neighbouring candidates the least and the greatest LR are drawn.' : ''),
    spec: {
      $schema: schema,
      width: 560,
      height: 300,
      layer: [
        {
          data: { values: values.map((value, c) => ({ value, ratio: ratios[c] })) },
          layer: [
            { mark: { type: 'line', strokeWidth: 1 }, encoding: { x, y: { field: 'ratio', type: 'quantitative', title: 'LR' } } },
            {
              transform: [{ filter: `datum.ratio <= ${lowest}` }],
              mark: { type: 'point', filled: true, size: 12, color: '#c0392b' },
              encoding: { x, y: { field: 'ratio', type: 'quantitative' } },
            },
          ],
        },
        {
          data: { values: cutoffs },
          layer: [
            {
              mark: { type: 'rule', strokeDash: [4, 4], color: '#c0392b' },
              encoding: { y: { field: 'cutoff', type: 'quantitative' } },
            },
            {
              mark: { type: 'text', align: 'left', dy: -6, x: 4, color: '#c0392b' },
              encoding: { y: { field: 'cutoff', type: 'quantitative' }, text: { field: 'label' } },
            },
          ],
        },
      ],
    },
  };
}

/** The replications of F by one method, with F and the critical values. */
function distributionFigure(f: number, { method, distribution, criticalValues, replications }: BootstrapResult): Figure {
  const { width, counts, beyond } = distribution;
  const marks = [
    { value: f, label: `F = ${f.toPrecision(4)}`, kind: 'F' },
    ...(['0.10', '0.05', '0.01'] as const).map((level) => ({
      value: criticalValues[level],
      label: `${Number(level) * 100} %`,
      kind: 'critical value',
    })),
  ];
  return {
    title: `Bootstrap distribution of F, ${methodWords[method]}`,
    caption:
      `${replications.toLocaleString('en')} replications without a threshold` +
      (beyond > 0 ? `; ${beyond.toLocaleString('en')} lie beyond the right edge.` : '.'),
    spec: {
      $schema: schema,
      width: 560,
      height: 260,
      layer: [
        {
          data: {
            values: counts.map((replicationsIn, bin) => ({
              from: bin * width,
              to: (bin + 1) * width,
              replications: replicationsIn,
            })),
          },
          mark: { type: 'bar', color: '#95a5a6' },
          encoding: {
            x: { field: 'from', type: 'quantitative', title: 'F', bin: { binned: true } },
            x2: { field: 'to' },
            y: { field: 'replications', type: 'quantitative', title: 'Replications' },
          },
        },
        {
          data: { values: marks },
          layer: [
            {
              mark: { type: 'rule', strokeWidth: 1.5 },
              encoding: {
                x: { field: 'value', type: 'quantitative' },
                color: {
                  field: 'kind',
                  type: 'nominal',
                  legend: null,
                  scale: { domain: ['F', 'critical value'], range: ['#c0392b', '#2c3e50'] },
                },
              },
            },
            {
              mark: { type: 'text', align: 'right', angle: 270, dx: -4, dy: -6, y: 0 },
              encoding: { x: { field: 'value', type: 'quantitative' }, text: { field: 'label' } },
            },
          ],
        },
      ],
    },
  };
}
