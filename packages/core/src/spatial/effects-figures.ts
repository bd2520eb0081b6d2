import { vegaLite } from '../report/cells.js';
import type { Figure } from '../report/report.js';
import { effectKinds as kinds } from '../spatial-iv/effects.js';
import type { EffectsResult } from './effects-result.js';
import type { LabelledEffects } from './effects-table.js';

/** Effects as sorted dots with their intervals: weights keep no geometry to draw a map on. */
export function effectsFigure(outcome: string, { label, effects }: LabelledEffects, level: number): Figure {
  const values = effects.variables.flatMap(({ variable, ...of }) =>
    kinds.map((kind) => ({ variable, effect: kind, estimate: of[kind].estimate, lower: of[kind].lower, upper: of[kind].upper })),
  );
  const order = [...effects.variables]
    .sort((a, b) => Math.abs(b.total.estimate) - Math.abs(a.total.estimate))
    .map(({ variable }) => variable);
  const y = { field: 'variable', type: 'nominal', sort: order, title: null };
  const offset = { field: 'effect', type: 'nominal', sort: [...kinds] };
  const color = {
    field: 'effect',
    type: 'nominal',
    sort: [...kinds],
    title: null,
    scale: { domain: [...kinds], range: ['#2c7bb6', '#d7191c', '#555555'] },
  };
  return {
    title: `Effects on ${outcome}, ${label}`,
    caption: `Points: effects at the estimates, the largest total effect first. Lines: ${level * 100} % intervals by the delta method.`,
    spec: {
      $schema: vegaLite,
      width: 480,
      height: { step: 14 },
      data: { values },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 1.5 },
          encoding: {
            y,
            yOffset: offset,
            x: { field: 'lower', type: 'quantitative', title: 'effect' },
            x2: { field: 'upper' },
            color,
          },
        },
        {
          mark: { type: 'point', filled: true, size: 45 },
          encoding: { y, yOffset: offset, x: { field: 'estimate', type: 'quantitative', title: 'effect' }, color },
        },
        { mark: { type: 'rule', color: '#999', strokeDash: [3, 3] }, encoding: { x: { datum: 0 } } },
      ],
    },
  };
}

/** More units than this are not read one by one: those at both ends are shown. */
const mostUnits = 60;

/** Who passes on how much: a dot a unit, sorted, in place of a map. */
export function unitsFigure(label: string, units: NonNullable<EffectsResult['units']>): Figure {
  const sorted = [...units].sort((a, b) => b.sent - a.sent);
  const shown = sorted.length <= mostUnits ? sorted : [...sorted.slice(0, mostUnits / 2), ...sorted.slice(-mostUnits / 2)];
  const values = shown.flatMap(({ label, sent, received }) => [
    { unit: label, multiplier: 'sent', value: sent },
    { unit: label, multiplier: 'received', value: received },
  ]);
  const domain = ['sent', 'received'];
  return {
    title: `Multiplier of each unit, ${label}`,
    caption:
      'Of (I − ρW)⁻¹: what all others receive when the unit’s outcome is moved by one (sent), and what it receives when all others are (received). ' +
      `Weights keep no geometry to draw a map on.${sorted.length > shown.length ? ` The ${mostUnits / 2} at either end of ${sorted.length}.` : ''}`,
    spec: {
      $schema: vegaLite,
      width: 420,
      height: { step: 13 },
      data: { values },
      mark: { type: 'point', filled: true, size: 40 },
      encoding: {
        y: { field: 'unit', type: 'nominal', sort: shown.map(({ label }) => label), title: null },
        x: { field: 'value', type: 'quantitative', title: 'multiplier', scale: { zero: false } },
        color: { field: 'multiplier', type: 'nominal', title: null, scale: { domain, range: ['#d7191c', '#2c7bb6'] } },
      },
    },
  };
}
