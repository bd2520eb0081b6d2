import { houseStars, starsOf, vegaLite } from '../../report/cells.js';
import type { Figure } from '../../report/report.js';
import type { MediationPart, MediationResult, ModerationResult, RhoSensitivity } from './result.js';
import { percent, short } from './words.js';

const [dark, red, grey, pale] = ['#2c3e50', '#c0392b', '#95a5a6', '#d6dbdf'];

export function mediationFigures(result: MediationResult): Figure[] {
  const { mediation, moderation } = result;
  return [
    ...(mediation === null ? [] : [pathFigure(result, mediation), effectsFigure(result, mediation)]),
    ...(mediation?.sensitivity ? [rhoFigure(result, mediation.sensitivity)] : []),
    ...(moderation === null ? [] : [moderationFigure(result, moderation)]),
  ];
}

interface Node {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Treatment left, outcome right, mediators above; arrows of the paths with their coefficients. */
function pathsOf({ treatment, outcome, mediators }: MediationResult, mediation: MediationPart) {
  const J = mediators.length;
  const from: Node = { name: treatment, x: 0, y: 0 };
  const to: Node = { name: outcome, x: 1, y: 0 };
  const serial = mediation.kind === 'serial';
  const through = mediators.map(
    (name, j): Node => ({
      name,
      x: serial ? (j + 1) / (J + 1) : 0.5,
      y: serial ? 0.7 + 0.5 * Math.sin((Math.PI * (j + 0.5)) / J) : 0.6 + (0.9 * (j + 1)) / J,
    }),
  );
  const slope = (equation: MediationPart['total'], term: string) => equation.coefficients.find((row) => row.term === term)!;
  const arrow = (start: Node, end: Node, equation: MediationPart['total'], at = 0.5) => {
    const { estimate, pValue } = slope(equation, start.name);
    const label = `${short(estimate)}${'*'.repeat(starsOf(pValue, houseStars))}`;
    return {
      x: start.x,
      y: start.y,
      x2: end.x,
      y2: end.y,
      labelX: start.x + at * (end.x - start.x),
      labelY: start.y + at * (end.y - start.y),
      label,
    };
  };
  // names stand above the mediators
  const below = (found: ReturnType<typeof arrow>) => ({ ...found, labelY: found.labelY - 0.18 });
  const arrows = [
    ...through.map((node, j) => arrow(from, node, mediation.mediators[j], serial ? 0.62 - 0.4 * (j / J) : 0.55)),
    ...(serial
      ? through.flatMap((end, j) => through.slice(0, j).map((start) => below(arrow(start, end, mediation.mediators[j]))))
      : []),
    ...through.map((node, j) => arrow(node, to, mediation.outcome, serial ? 0.38 + 0.4 * ((J - 1 - j) / J) : 0.45)),
    arrow(from, to, mediation.outcome),
  ];
  return { from, through, to, arrows };
}

function pathFigure(result: MediationResult, mediation: MediationPart): Figure {
  const { treatment, outcome } = result;
  const { from, through, to, arrows } = pathsOf(result, mediation);
  const serial = mediation.kind === 'serial';
  const scale = (domain: readonly [number, number]) => ({ domain, nice: false, zero: false });
  const x = { type: 'quantitative', axis: null, scale: scale([-0.18, 1.18]) };
  const y = { type: 'quantitative', axis: null, scale: scale([-0.35, 1.75]) };
  return {
    title: 'Paths',
    caption: `Slopes of each equation, all arrows from left to right${serial ? '' : ', the mediators side by side'}; from ${treatment} to ${outcome} the direct effect c′. *** p < 0.01, ** p < 0.05, * p < 0.1, the first covariance.`,
    spec: {
      $schema: vegaLite,
      width: 460,
      height: 240,
      layer: [
        {
          data: { values: arrows },
          mark: { type: 'rule', color: grey, strokeWidth: 1.5 },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, x2: { field: 'x2' }, y2: { field: 'y2' } },
        },
        {
          data: { values: arrows },
          mark: { type: 'text', dy: -8, fontSize: 12, color: dark },
          encoding: {
            x: { field: 'labelX', ...x },
            y: { field: 'labelY', ...y },
            text: { field: 'label', type: 'nominal' },
          },
        },
        {
          data: { values: [from, ...through, to] },
          mark: { type: 'point', filled: true, size: 160, color: dark, opacity: 1 },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
        },
        {
          data: { values: through },
          mark: { type: 'text', dy: -16, fontSize: 12, fontWeight: 'bold', color: dark },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, text: { field: 'name', type: 'nominal' } },
        },
        {
          data: { values: [from, to] },
          mark: { type: 'text', dy: 18, fontSize: 12, fontWeight: 'bold', color: dark },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y }, text: { field: 'name', type: 'nominal' } },
        },
      ],
    },
  };
}

/** Every effect with its best interval. */
function effectsFigure({ level }: MediationResult, { effects }: MediationPart): Figure {
  const values = effects
    .filter(({ role }) => role !== 'contrast')
    .map(({ name, estimate, bootstrap, tests }) => {
      const { lower, upper } = bootstrap?.percentile ?? tests[0];
      return { name, estimate, lower, upper };
    });
  const drawn = effects.every(({ bootstrap }) => bootstrap !== null);
  return {
    title: 'Effects',
    caption: `Estimates with ${percent(level)} intervals, ${drawn ? 'percentiles of the bootstrap' : 'from the first covariance where there is no bootstrap'}.`,
    spec: {
      $schema: vegaLite,
      width: 460,
      height: { step: 30 },
      data: { values },
      encoding: { y: { field: 'name', type: 'nominal', sort: null, title: null } },
      layer: [
        { mark: { type: 'rule', strokeDash: [4, 4], color: grey }, encoding: { x: { datum: 0 }, y: null } },
        {
          mark: { type: 'rule', color: dark },
          encoding: { x: { field: 'lower', type: 'quantitative', title: 'Effect' }, x2: { field: 'upper' } },
        },
        {
          mark: { type: 'point', filled: true, size: 60, color: dark, opacity: 1 },
          encoding: { x: { field: 'estimate', type: 'quantitative' } },
        },
      ],
    },
  };
}

function rhoFigure({ level, mediators, outcome }: MediationResult, { curve, correlationAtZero }: RhoSensitivity): Figure {
  return band({
    title: 'Indirect effect if errors were correlated',
    caption: `The indirect effect at each correlation ρ of the errors of ${mediators[0]} and ${outcome}, with ${percent(level)} intervals; zero at ρ = ${short(correlationAtZero)} (red). At ρ = 0 sequential ignorability holds.`,
    x: 'ρ',
    y: 'Indirect effect',
    values: curve.map(({ rho, ...rest }) => ({ at: rho, ...rest })),
    marks: [correlationAtZero],
  });
}

function moderationFigure({ level, treatment }: MediationResult, moderation: ModerationResult): Figure {
  const { moderator, curve, johnsonNeyman, range } = moderation;
  const bounds = johnsonNeyman.bounds.filter((bound) => bound >= range.min && bound <= range.max);
  return band({
    title: `Slope of ${treatment} along ${moderator}`,
    caption: `The slope with its ${percent(level)} interval over the values that occur${bounds.length > 0 ? `; red: where its significance changes (Johnson–Neyman), ${bounds.map(short).join(' and ')}` : ''}.`,
    x: moderator,
    y: `Slope of ${treatment}`,
    values: curve.map(({ value, ...rest }) => ({ at: value, ...rest })),
    marks: bounds,
  });
}

interface Band {
  readonly title: string;
  readonly caption: string;
  readonly x: string;
  readonly y: string;
  readonly values: readonly { readonly at: number; readonly estimate: number; readonly lower: number; readonly upper: number }[];
  /** red rules */
  readonly marks: readonly number[];
}

function band({ title, caption, x: xTitle, y: yTitle, values, marks }: Band): Figure {
  const x = { field: 'at', type: 'quantitative', title: xTitle, scale: { zero: false } };
  return {
    title,
    caption,
    spec: {
      $schema: vegaLite,
      width: 460,
      height: 260,
      layer: [
        {
          data: { values },
          mark: { type: 'area', color: pale },
          encoding: { x, y: { field: 'lower', type: 'quantitative', title: yTitle }, y2: { field: 'upper' } },
        },
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: 'rule', color: grey },
          encoding: { y: { field: 'zero', type: 'quantitative' } },
        },
        {
          data: { values: marks.map((at) => ({ at })) },
          mark: { type: 'rule', color: red, strokeDash: [5, 4] },
          encoding: { x },
        },
        {
          data: { values },
          mark: { type: 'line', color: dark },
          encoding: { x, y: { field: 'estimate', type: 'quantitative' } },
        },
      ],
    },
  };
}
