import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import { PhiloxStream } from '../../random/stream.js';
import type { SweepParams } from './params.js';

/** One choice that a specification makes. */
export interface Dimension {
  /** of a param its path after `vary`, so that none is mistaken for a piece of the formula */
  readonly key: 'sample' | 'specification' | 'outcome' | 'effects' | 'treatment' | 'controls' | `vary ${string}`;
  readonly name: string;
  /** of a `subset` the things that may be in it, else what may be chosen */
  readonly options: readonly string[];
  readonly subset: boolean;
  readonly size: number;
  /** choice c of `size`: the place of the option, or of a subset the sum of 2^place */
  readonly choice: (c: number) => number;
}

export interface Grid {
  readonly dimensions: readonly Dimension[];
  /** product of the sizes; may be past what numbers count exactly */
  readonly size: number;
}

/** One specification, before its analysis has looked at it. */
export interface Item {
  readonly choices: readonly number[];
  /** place in `samples` */
  readonly sample: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** of its formula, if formulas are made from pieces */
  readonly pieces: Pieces | null;
}

export interface Pieces {
  readonly outcome: string;
  readonly treatment: string;
  readonly controls: readonly string[];
  readonly effects: readonly string[];
}

const plain = (key: Dimension['key'], options: readonly string[], name: string = key): Dimension => ({
  key,
  name,
  options,
  subset: false,
  size: options.length,
  choice: (c) => c,
});

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const canonical = (text: string) => termName(parseTerm(text));

/** The choices in the order in which items are counted, the first slowest: samples, outcomes, effects, params, treatments, controls. */
export function gridOf({ samples, formulas, vary, list }: SweepParams): Grid {
  const dimensions: Dimension[] = [];
  const add = (dimension: Dimension) => dimensions.push(dimension);
  add(
    plain(
      'sample',
      samples.map(({ name }) => name),
    ),
  );
  if (list !== undefined) add(plain('specification', list.map(shown)));
  if (formulas !== undefined) {
    add(plain('outcome', formulas.outcomes.map(canonical)));
    add(
      plain(
        'effects',
        formulas.effects.map((names) => names.join(' + ') || 'none'),
      ),
    );
  }
  for (const [path, values] of Object.entries(vary)) add(plain(`vary ${path}`, values.map(shown), path));
  if (formulas !== undefined) {
    add(plain('treatment', formulas.treatments.map(canonical)));
    add(controlsOf(formulas.controls));
  }
  return { dimensions, size: dimensions.reduce((product, { size }) => product * size, 1) };
}

function controlsOf(controls: NonNullable<SweepParams['formulas']>['controls']): Dimension {
  if (Array.isArray(controls))
    return plain(
      'controls',
      controls.map((set) => set.map(canonical).join(' + ') || 'none'),
    );
  const { subsetsOf, least = 0, most = subsetsOf.length } = controls;
  const options = subsetsOf.map(canonical);
  const subset = { key: 'controls', name: 'controls', options, subset: true } as const;
  const all = 2 ** options.length;
  if (least === 0 && most >= options.length) return { ...subset, size: all, choice: (c) => c };
  // few enough to hold: `checkSweep` has refused longer lists
  const masks: number[] = [];
  for (let mask = 0; mask < all; mask++) {
    const count = bits(mask);
    if (count >= least && count <= most) masks.push(mask);
  }
  return { ...subset, size: masks.length, choice: (c) => masks[c] };
}

/** Lists of which only subsets of some sizes are wanted may be so long: their subsets are gone through. */
export const mostSizedSubsets = 20;

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
}

/** Item `index` of the grid: the last dimension moves fastest. */
export function itemAt(params: SweepParams, { dimensions }: Grid, index: number): Item {
  const choices = new Array<number>(dimensions.length);
  let rest = index;
  for (let d = dimensions.length - 1; d >= 0; d--) {
    const { size, choice } = dimensions[d];
    choices[d] = choice(rest % size);
    rest = Math.floor(rest / size);
  }
  return itemOf(params, dimensions, choices);
}

/** The specification of these choices, one for each dimension. */
export function itemOf(params: SweepParams, dimensions: readonly Dimension[], choices: readonly number[]): Item {
  const chosen = (key: Dimension['key']) => choices[dimensions.findIndex((dimension) => dimension.key === key)];
  const { formulas, vary, list } = params;
  let built: Record<string, unknown> = { ...params.params };
  if (list !== undefined) built = { ...built, ...list[chosen('specification')] };
  for (const [path, values] of Object.entries(vary)) built = withPath(built, path.split('.'), values[chosen(`vary ${path}`)]);
  if (formulas === undefined) return { choices, sample: choices[0], params: built, pieces: null };
  const pieces = piecesOf(formulas, chosen);
  const { outcome, treatment, controls, effects } = pieces;
  built.formula = { outcome, regressors: [treatment, ...controls], effects };
  return { choices, sample: choices[0], params: built, pieces };
}

function piecesOf(formulas: NonNullable<SweepParams['formulas']>, chosen: (key: Dimension['key']) => number): Pieces {
  const treatment = formulas.treatments[chosen('treatment')];
  const { controls } = formulas;
  const choice = chosen('controls');
  const set = Array.isArray(controls)
    ? controls[choice]
    : [...controls.always, ...controls.subsetsOf.filter((_, k) => Math.floor(choice / 2 ** k) % 2 === 1)];
  return {
    outcome: formulas.outcomes[chosen('outcome')],
    treatment,
    controls: set.filter((term, k) => canonical(term) !== canonical(treatment) && set.indexOf(term) === k),
    effects: formulas.effects[chosen('effects')],
  };
}

/** A copy of an object with one value put where the path leads; objects on the way are copied or made. */
function withPath(object: Record<string, unknown>, [step, ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  if (rest.length === 0) return { ...object, [step]: value };
  const inner = object[step];
  const base = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  const changed = withPath(base, rest, value);
  return { ...object, [step]: Array.isArray(inner) ? Object.values(changed) : changed };
}

/** Stream of the draw of items: apart from those of the analyses. */
const drawStream = 4_000_000_000;

/** The places of the items in the grid, ascending: all, or as many as are drawn. */
export function chosenIndices({ draw }: SweepParams, size: number, seed: number): Float64Array {
  if (draw === undefined || draw.items >= size) return Float64Array.from({ length: size }, (_, k) => k);
  const random = new PhiloxStream(seed, drawStream);
  random.seek(0);
  const found = new Set<number>();
  // Floyd's algorithm: every set equally likely, as many draws as items
  for (let last = size - draw.items; last < size; last++) {
    const one = Math.floor(random.uniform() * (last + 1));
    found.add(found.has(one) ? last : one);
  }
  return Float64Array.from(found).sort();
}
