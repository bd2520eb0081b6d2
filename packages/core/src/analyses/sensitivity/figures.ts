import { studentTQuantile } from '../../distributions/student-t.js';
import { vegaLite } from '../../report/cells.js';
import type { Figure } from '../../report/report.js';
import { estimateContour, roundLevels, statisticContour } from '../../sensitivity/contours.js';
import { adjustFor, type ClassicalEstimate } from '../../sensitivity/omitted-variable-bias.js';
import { contourFigure, red } from './contour-figure.js';
import type { SensitivityBound, SensitivityResult } from './result.js';
import { percent, show } from './words.js';

const levels = 10;

/** Both axes go to .4, or a fifth past the largest bound; never past 1. */
function limitOf(rows: readonly SensitivityBound[]): number {
  const largest = Math.max(0, ...rows.flatMap(({ treatmentShare, outcomeShare }) => [treatmentShare, outcomeShare]));
  return Math.min(1, Math.max(0.4, 1.2 * largest));
}

/** Round levels, but those that would run into the red line. */
function levelsBeside(threshold: number, from: number, to: number): number[] {
  const found = roundLevels(from, to, levels);
  const step = found.length > 1 ? found[1] - found[0] : 0;
  return found.filter((level) => Math.abs(level - threshold) > 0.3 * step);
}

const drawn = ({ bounds }: SensitivityResult) => bounds.filter(({ failure }) => failure === null);

/** Lines of equal adjusted estimate over the strength of the confounder. */
export function estimateContourFigure(result: SensitivityResult): Figure {
  const { treatment, request } = result;
  const of: ClassicalEstimate = treatment;
  const rows = drawn(result);
  const limit = limitOf(rows);
  const corner = Math.min(limit, 0.999);
  const far = adjustFor(of, { treatment: corner, outcome: limit }, request).estimate;
  const lines = levelsBeside(treatment.hypothesis, far, treatment.estimate).map((level) =>
    estimateContour(of, level, limit, request),
  );
  const threshold = estimateContour(of, treatment.hypothesis, limit, request);
  return contourFigure(result, {
    title: `Adjusted estimate of ${treatment.term}`,
    caption:
      `What the estimate would be with a confounder in the regression that explains these shares of what is left of treatment and outcome. ` +
      `Red dashes: ${show(treatment.hypothesis)}. Diamonds: as strong as the benchmarks.`,
    lines,
    threshold: [threshold],
    limit,
    points: rows.map((row) => ({ ...pointOf(row), text: `${row.label} (${show(row.estimate)})` })),
    origin: show(treatment.estimate),
  });
}

/** Lines of equal adjusted t. */
export function statisticContourFigure(result: SensitivityResult): Figure {
  const { treatment, request } = result;
  const of: ClassicalEstimate = treatment;
  const rows = drawn(result);
  const limit = limitOf(rows);
  const { statistic: far } = adjustFor(of, { treatment: Math.min(limit, 0.999), outcome: Math.min(limit, 0.95) }, request);
  const start = treatment.statisticOfHypothesis;
  const critical = -studentTQuantile((1 - request.level) / 2, treatment.df - 1);
  const sign = start < 0 ? -1 : 1;
  const lines = levelsBeside(sign * critical, Math.max(-40, Math.min(40, far)), start).flatMap((level) =>
    statisticContour(of, level, limit, request),
  );
  return contourFigure(result, {
    title: `Adjusted t of ${treatment.term}`,
    caption:
      `t of H₀: τ = ${show(treatment.hypothesis)} with such a confounder, from the classical error. Red dashes: ${show(sign * critical)}, significant at ` +
      `${percent(1 - request.level)} with ${treatment.df - 1} degrees of freedom. Diamonds: as strong as the benchmarks.`,
    lines,
    threshold: statisticContour(of, sign * critical, limit, request),
    limit,
    points: rows
      .filter(({ capped }) => !capped)
      .map((row) => ({ ...pointOf(row), text: `${row.label} (${row.statistic.toFixed(2)})` })),
    origin: start.toFixed(2),
  });
}

const pointOf = ({ label, treatmentShare: x, outcomeShare: y }: SensitivityBound) => ({ label, x, y });

/** Line patterns of up to six scenarios, in their order. */
const dashes = [
  [1, 0],
  [6, 4],
  [2, 3],
  [8, 3, 2, 3],
  [10, 5],
  [1, 3],
];

function scenarioLines({ treatment, scenarios, request }: SensitivityResult, limit: number) {
  const steps = 100;
  return scenarios.flatMap(({ outcomeShare }) =>
    Array.from({ length: steps + 1 }, (_, i) => {
      const x = limit * (i / steps) ** 2;
      const { estimate } = adjustFor(treatment, { treatment: x, outcome: outcomeShare }, request);
      return { x: Number(x.toPrecision(6)), estimate, scenario: percent(outcomeShare) };
    }),
  );
}

/** The adjusted estimate as the confounder takes more of the treatment, when it takes most or all of the outcome. */
export function scenarioFigure(result: SensitivityResult): Figure {
  const { treatment, scenarios } = result;
  const rows = drawn(result);
  const limit = Math.min(0.99, Math.max(0, ...rows.map(({ treatmentShare }) => treatmentShare)) + 0.1);
  const values = scenarioLines(result, limit);
  const x = {
    field: 'x',
    type: 'quantitative',
    title: `Share of what is left of ${treatment.term} that the confounder explains (partial R²)`,
    scale: { domain: [0, limit], nice: false },
  };
  const y = {
    field: 'estimate',
    type: 'quantitative',
    title: 'Adjusted estimate',
    scale: { zero: false, reverse: treatment.estimate < 0 },
  };
  const shares = scenarios.map(({ outcomeShare }) => percent(outcomeShare));
  return {
    title: 'Extreme scenarios',
    caption:
      `The confounder explains ${shares.join(', ')} of what is left of ${result.variables.outcome}. Red dashes: ${show(treatment.hypothesis)}; ` +
      'red marks on the axis: the treatment shares of the benchmarks.',
    spec: {
      $schema: vegaLite,
      width: 520,
      height: 340,
      layer: [
        {
          data: { values },
          mark: { type: 'line', color: 'black' },
          encoding: {
            x,
            y,
            strokeDash: {
              field: 'scenario',
              type: 'nominal',
              title: 'Share of the outcome',
              scale: { domain: shares, range: dashes.slice(0, shares.length) },
              legend: { orient: 'top' },
            },
          },
        },
        {
          data: { values: [{ estimate: treatment.hypothesis }] },
          mark: { type: 'rule', color: red, strokeDash: [6, 4] },
          encoding: { y },
        },
        {
          data: { values: rows.map(({ treatmentShare, label }) => ({ x: treatmentShare, label })) },
          mark: { type: 'tick', color: red, thickness: 2, size: 14 },
          encoding: { x, y: { value: 340 } },
        },
      ],
    },
  };
}
