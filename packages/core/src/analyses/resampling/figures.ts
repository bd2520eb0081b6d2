import { vegaLite } from '../../report/cells.js';
import type { Figure } from '../../report/report.js';
import type {
  LeaveOneOutResult,
  PlaceboInTimeResult,
  PlaceboResult,
  RandomizationResult,
  ResamplingResult,
  WildBootstrapResult,
} from './result.js';
import { listOf, percent, short } from './words.js';

const [red, dark, grey] = ['#c0392b', '#2c3e50', '#95a5a6'];
/** Refits that can be told apart in one list. */
const mostDots = 80;

/** Dots with intervals in the order of the estimates, the full sample as a rule. */
export function leaveOneOutFigure({ estimate, treatment, level }: ResamplingResult, { label, each }: LeaveOneOutResult): Figure {
  const sorted = [...each].sort((a, b) => a.estimate - b.estimate);
  const shown = sorted.length <= mostDots ? sorted : [...sorted.slice(0, mostDots / 2), ...sorted.slice(-mostDots / 2)];
  return dotList(
    label,
    `Estimates of ${treatment} with ${percent(level)} intervals, clustered errors; the red rule is the full sample, ${short(estimate.value)}.` +
      (shown.length < sorted.length ? ` The ${mostDots / 2} least and greatest of ${sorted.length}.` : ''),
    'Left out',
    estimate.value,
    shown.map(({ leftOut, estimate: b, clustered }) => ({
      label: listOf(leftOut),
      b,
      lower: clustered.lower,
      upper: clustered.upper,
    })),
  );
}

/** The same by how far the start was moved. */
export function placeboInTimeFigure({ estimate, treatment, level }: ResamplingResult, { shifts }: PlaceboInTimeResult): Figure {
  return dotList(
    'Placebo in time',
    `Effects of fake starts of ${treatment} with ${percent(level)} intervals, clustered errors; the red rule is the estimate of the true start, ${short(estimate.value)}.`,
    'Moved back by',
    estimate.value,
    shifts.map(({ shift, estimate: b, clustered }) => ({
      label: String(shift),
      b,
      lower: clustered.lower,
      upper: clustered.upper,
    })),
  );
}

interface Dot {
  readonly label: string;
  readonly b: number;
  readonly lower: number;
  readonly upper: number;
}

function dotList(title: string, caption: string, axis: string, rule: number, dots: readonly Dot[]): Figure {
  const y = { field: 'label', type: 'nominal', sort: null, title: axis };
  const values = dots.map(({ label, b, lower, upper }) =>
    Number.isFinite(lower) && Number.isFinite(upper) ? { label, b, lower, upper } : { label, b, lower: b, upper: b },
  );
  const zero = {
    mark: { type: 'rule', color: grey },
    data: { values: [{ x: 0 }] },
    encoding: { x: { field: 'x', type: 'quantitative' } },
  };
  return {
    title,
    caption,
    spec: {
      $schema: vegaLite,
      width: 460,
      height: { step: 14 },
      data: { values },
      layer: [
        {
          mark: { type: 'rule', color: dark },
          encoding: {
            y,
            x: { field: 'lower', type: 'quantitative', title: 'Estimate', scale: { zero: false } },
            x2: { field: 'upper' },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 36, color: dark },
          encoding: { y, x: { field: 'b', type: 'quantitative' } },
        },
        zero,
        {
          mark: { type: 'rule', color: red, strokeDash: [4, 3] },
          data: { values: [{ x: rule }] },
          encoding: { x: { field: 'x', type: 'quantitative' } },
        },
      ],
    },
  };
}

/** Density of the placebo estimates, their p on a second axis, the estimate as a vertical and p = .1 as a horizontal rule. */
export function placeboFigure(
  { estimate, treatment }: ResamplingResult,
  { label, density, points, draws, exact }: PlaceboResult,
): Figure {
  const x = (field: string) => ({ field, type: 'quantitative', title: 'Placebo estimate', scale: { zero: false } });
  const p = { field: 'pValue', type: 'quantitative', title: 'p (clustered)', scale: { domain: [0, 1] } };
  return {
    title: label,
    caption:
      `Density of ${exact ? `all ${draws.toLocaleString('en')}` : draws.toLocaleString('en')} placebo estimates of ${treatment}; points are estimates with their clustered p` +
      `${points.length < draws ? ` (${points.length} of them, at even ranks)` : ''}; the red rule is the estimate, ${short(estimate.value)}, the dashed one p = .1.`,
    spec: {
      $schema: vegaLite,
      width: 480,
      height: 280,
      layer: [
        {
          data: { values: density },
          mark: { type: 'area', color: grey, opacity: 0.5, line: { color: dark } },
          encoding: { x: x('x'), y: { field: 'density', type: 'quantitative', title: 'Density' } },
        },
        {
          layer: [
            {
              data: { values: points },
              mark: { type: 'point', size: 10, color: dark, opacity: 0.5 },
              encoding: { x: x('estimate'), y: p },
            },
            { data: { values: [{ pValue: 0.1 }] }, mark: { type: 'rule', strokeDash: [4, 4], color: dark }, encoding: { y: p } },
          ],
        },
        {
          data: { values: [{ at: estimate.value }] },
          mark: { type: 'rule', color: red, strokeWidth: 1.5 },
          encoding: { x: x('at') },
        },
      ],
      resolve: { scale: { y: 'independent' } },
    },
  };
}

/** The draws of the statistic, its own value and its mirror image as rules. */
export function statisticFigure(method: WildBootstrapResult | RandomizationResult): Figure {
  const { label, distribution, statistic, draws } = method;
  const { from, width, counts, below, beyond } = distribution;
  const coefficient = method.method === 'randomization-inference' && method.statisticUsed === 'coefficient';
  const outside = below + beyond;
  return {
    title: label,
    caption:
      `${draws.toLocaleString('en')} draws of the ${coefficient ? 'coefficient less the null' : 't statistic'}; the red rules are ±${short(Math.abs(statistic))}.` +
      (outside > 0 ? ` ${outside.toLocaleString('en')} lie outside the picture.` : ''),
    spec: {
      $schema: vegaLite,
      width: 480,
      height: 240,
      layer: [
        {
          data: { values: counts.map((drawn, bin) => ({ from: from + bin * width, to: from + (bin + 1) * width, drawn })) },
          mark: { type: 'bar', color: grey },
          encoding: {
            x: { field: 'from', type: 'quantitative', title: coefficient ? 'b*' : 't*', bin: { binned: true } },
            x2: { field: 'to' },
            y: { field: 'drawn', type: 'quantitative', title: 'Draws' },
          },
        },
        {
          data: { values: [{ at: statistic }, { at: -statistic }] },
          mark: { type: 'rule', color: red, strokeWidth: 1.5 },
          encoding: { x: { field: 'at', type: 'quantitative' } },
        },
      ],
    },
  };
}
