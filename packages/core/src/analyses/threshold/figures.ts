import type { Figure } from '../../report/report.js';
import { likelihoodRatioCutoff } from './confidence-set.js';
import type { BootstrapResult, ThresholdResult } from './result.js';
import { methodWords } from './verdict.js';

export const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
export const testName = (thresholdCount: number) =>
  ['Single', 'Double', 'Triple'][thresholdCount - 1] ?? `${thresholdCount} thresholds`;

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';

/** LR(γ) with the cut-off of each level; what lies under the line is the confidence set. */
export function ratioFigure({ profiles, thresholds, variables }: ThresholdResult, t: number): Figure {
  const { values, ratios, thinned } = profiles[t];
  const { estimate, intervals } = thresholds[t];
  const cutoffs = intervals.map(({ level }) => ({ cutoff: likelihoodRatioCutoff(level), label: percent(level) }));
  const lowest = cutoffs[0].cutoff;
  const x = { field: 'value', type: 'quantitative', title: variables.threshold, scale: { zero: false } };
  return {
    title:
      thresholds.length === 1
        ? 'Likelihood ratio of each candidate threshold'
        : `Likelihood ratio of each candidate for threshold ${t + 1}, the others held`,
    caption:
      `LR is zero at the estimate, ${estimate.toPrecision(5)}; candidates under a line are in the set of that level, ` +
      `those of the ${cutoffs[0].label} set in red.` +
      (thinned
        ? ' Of each run of neighbouring candidates the least and the greatest LR are drawn, and all of a set of up to 500.'
        : ''),
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
export function distributionFigure(
  { thresholdCount, f }: ThresholdResult['tests'][number],
  { method, distribution, criticalValues, replications }: BootstrapResult,
): Figure {
  const { width, counts, beyond } = distribution;
  const marks = [
    { value: f, label: `F = ${f.toPrecision(4)}`, kind: 'F' },
    ...(criticalValues === null ? [] : (['0.10', '0.05', '0.01'] as const)).map((level) => ({
      value: criticalValues![level],
      label: `${Number(level) * 100} %`,
      kind: 'critical value',
    })),
  ];
  return {
    title: `Bootstrap distribution of F, ${testName(thresholdCount).toLowerCase()} threshold, ${methodWords[method]}`,
    caption:
      `${replications.toLocaleString('en')} replications without ${thresholdCount === 1 ? 'a' : 'this'} threshold` +
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
