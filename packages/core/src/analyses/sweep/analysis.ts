import { cutUnits } from '../../job/layout.js';
import { defineAnalysis, type Estimate, type Inputs, type Shard, type Watch } from '../analysis.js';
import { type AnyAnalysis, makeRegistry, type Registry } from '../registry.js';
import { checkSweep, itemAnalysis } from './check.js';
import { sweepCost } from './cost.js';
import { Families, haveFamilies } from './families.js';
import { chosenIndices, gridOf, type Item, itemAt } from './grid.js';
import { attempt, type Failure, failed, lostItem, OneItem } from './one-item.js';
import { type SweepParams, sweepParams } from './params.js';
import { fields, joinParts, type SweepPart } from './part.js';
import { sweepReport } from './report.js';
import { type SweepResult, sweepResult } from './result.js';
import { summaryOf } from './summary.js';

export interface SweepContext {
  /** place of each item in the grid */
  readonly indices: Float64Array;
  /** the first item that is the same specification; itself if there is none before it */
  readonly equalTo: Uint32Array;
  /** items that are computed whole: units 0 … light.length − 1 */
  readonly light: Uint32Array;
  /** shards of heavy items: a unit each, after the light ones */
  readonly pieces: { readonly item: Uint32Array; readonly first: Uint32Array; readonly count: Uint32Array };
}

/** An item above this is cut into its own shards, so that it delays nobody and many threads share it. */
const heavySeconds = 2;

const unwatched: Watch = { progress: () => {}, lost: new Map() };

const conventions = {
  name: 'sweep',
  version: 1,
  title: 'A sweep of specifications',
  about:
    'One question asked in many ways: every combination of outcomes, treatments, subsets of controls, effects, samples and any params of ' +
    'an analysis, a list of specifications, or a random draw of them, up to 100,000, in one table. Equal specifications are computed ' +
    'once, one that fails fails alone, and each row is what a job of its own would print. The table describes how an estimate moves with ' +
    'choices; which choices are sound is not a matter of counting: a median over bad specifications is bad.',
  sources: [
    'Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, 1208–1214',
    'Steegen, S., Tuerlinckx, F., Gelman, A. & Vanpaemel, W. (2016). Increasing transparency through a multiverse analysis. Perspectives on Psychological Science 11, 702–712',
  ],
} as const;

/**
 * The sweep over these analyses.
 *
 * A unit is a specification; one that takes long is as many units as its own job has shards, each computed where there is a thread free.
 */
export const makeSweep = (analyses: readonly AnyAnalysis[]) => {
  const registry = makeRegistry(analyses);
  return defineAnalysis<SweepParams, SweepContext, SweepPart, SweepResult>({
    ...conventions,
    params: sweepParams,
    result: sweepResult,
    example: {
      dataset: 'produc.csv',
      params: {
        formulas: {
          outcomes: ['log(gsp)'],
          treatments: ['log(pcap)'],
          controls: { always: ['log(pc)'], subsetsOf: ['log(emp)', 'unemp', 'L.unemp'] },
          effects: [[], ['state'], ['state', 'year']],
        },
        samples: [{ name: 'all years' }, { name: 'from 1978', keep: [{ column: 'year', min: 1978 }] }],
        vary: { covariance: ['classical', 'cluster'] },
      },
    },
    check: (params, info) => checkSweep(registry, params, info),
    cost: (params, info) => sweepCost(analysisOf(registry, params), params, info),
    plan: (params, inputs, seed, watch = unwatched) => planSweep(analysisOf(registry, params), params, inputs, seed, watch),
    run: (params, inputs, context, shard, progress, seed, lost = new Map()) =>
      runItems(makeItems(analysisOf(registry, params), params, inputs, seed), context, shard, { progress, lost }),
    join: joinParts,
    partial: (params, context, prefix) => partialOf(params, context, prefix),
    combine: (params, inputs, context, parts, seed, watch = unwatched) =>
      combineSweep(makeItems(analysisOf(registry, params), params, inputs, seed), params, context, parts, seed, watch),
    report: sweepReport,
  });
};

function analysisOf(registry: Registry, { analysis: name }: SweepParams): AnyAnalysis {
  const found = itemAnalysis(registry, name);
  if ('pointer' in found) throw new TypeError(found.message); // `check` has refused it
  return found;
}

/** How items are computed: in families where they have one, else as jobs of their own. */
function makeItems(analysis: AnyAnalysis, params: SweepParams, inputs: Inputs, seed: number) {
  const grid = gridOf(params);
  const one = new OneItem(analysis, params, inputs, seed);
  const families = haveFamilies(params) ? new Families(params, inputs.panel) : null;
  return {
    one,
    at: (index: number): Item => itemAt(params, grid, index),
    estimate: (item: Item, stopped: () => void): Estimate | Failure => families?.estimate(item) ?? one.estimate(item, stopped),
  };
}
type Items = ReturnType<typeof makeItems>;

function planSweep(analysis: AnyAnalysis, params: SweepParams, inputs: Inputs, seed: number, { progress, lost }: Watch) {
  const items = makeItems(analysis, params, inputs, seed);
  const indices = chosenIndices(params, gridOf(params).size, seed);
  const equalTo = new Uint32Array(indices.length);
  const first = new Map<string, number>();
  const light: number[] = [];
  const pieces = { item: [] as number[], first: [] as number[], count: [] as number[] };
  const { unitSeconds, each } = sweepCost(analysis, params, items.one.info);
  for (let k = 0; k < indices.length; k++) {
    progress(1); // so items are 1, 2, …, and what comes before them is none
    const item = items.at(indices[k]);
    const key = JSON.stringify([item.sample, item.params]);
    const known = first.get(key);
    equalTo[k] = known ?? k;
    if (known !== undefined) continue;
    first.set(key, k);
    const shards = each > heavySeconds && !lost.has(k + 1) ? attempt(() => shardsOf(items.one, item)) : null;
    // an item that cannot even be planned is light: it will say why when it is its turn
    if (shards === null || 'code' in shards || shards.length < 2) light.push(k);
    else {
      for (const shard of shards) {
        pieces.item.push(k);
        pieces.first.push(shard.first);
        pieces.count.push(shard.count);
      }
    }
  }
  const context: SweepContext = {
    indices,
    equalTo,
    light: Uint32Array.from(light),
    pieces: {
      item: Uint32Array.from(pieces.item),
      first: Uint32Array.from(pieces.first),
      count: Uint32Array.from(pieces.count),
    },
  };
  const apart = pieces.item.map((_, p) => ({ first: light.length + p, count: 1 }));
  const unit = pieces.item.length === 0 ? 'specifications' : 'specifications and parts of them';
  return { context, unit, shards: [...cutUnits(light.length, unitSeconds), ...apart] };
}

const shardsOf = (one: OneItem, item: Item): readonly Shard[] | null =>
  one.cpuSeconds(item) > heavySeconds ? one.plan(item).plan.shards : null;

function runItems(items: Items, context: SweepContext, { first, count }: Shard, { progress, lost }: Watch): SweepPart {
  const { indices, light, pieces } = context;
  const whole = Math.max(0, Math.min(count, light.length - first));
  const numbers = new Float64Array(whole * fields.length).fill(Number.NaN);
  const names: string[] = [];
  const part = { numbers, names, failures: [] as SweepPart['failures'][number][], pieces: [] as SweepPart['pieces'][number][] };
  const stopped = () => progress(0);
  for (let u = first; u < first + count; u++) {
    const kind = lost.get(u);
    if (u < light.length) {
      const found = kind === undefined ? items.estimate(items.at(indices[light[u]]), stopped) : lostItem(kind);
      names.push(failed(found) ? '' : found.name);
      if (failed(found)) part.failures.push({ item: light[u], ...found });
      else for (const [f, field] of fields.entries()) numbers[(u - first) * fields.length + f] = found[field];
    } else {
      const p = u - light.length;
      const item = pieces.item[p];
      const shard = { first: pieces.first[p], count: pieces.count[p] };
      const found =
        kind === undefined ? attempt(() => ({ part: items.one.shard(items.at(indices[item]), shard, stopped) })) : lostItem(kind);
      part.pieces.push('code' in found ? { item, part: null, failure: found } : { item, part: found.part, failure: null });
    }
    progress(1);
  }
  return part;
}

/** What the parts say of the items so far, in columns. */
function tabulate(context: SweepContext, parts: readonly SweepPart[]) {
  const { indices, light } = context;
  const values = fields.map(() => new Array<number | null>(indices.length).fill(null));
  const names = new Array<string | null>(indices.length).fill(null);
  let unit = 0;
  for (const { numbers, names: found } of parts) {
    for (let u = 0; u * fields.length < numbers.length; u++, unit++) {
      if (found[u] === '') continue;
      const item = light[unit];
      names[item] = found[u];
      for (let f = 0; f < fields.length; f++) {
        const value = numbers[u * fields.length + f];
        values[f][item] = Number.isFinite(value) ? value : null;
      }
    }
  }
  return { values, names, failures: parts.flatMap(({ failures }) => failures), done: unit };
}

function partialOf(params: SweepParams, context: SweepContext, parts: readonly SweepPart[]) {
  const { values, failures, done } = tabulate(context, parts);
  const summary = summaryOf(values[0], values[3], params.level);
  return { fitted: done - failures.length, failed: failures.length, median: summary?.quartiles[1] ?? null };
}

function combineSweep(
  items: Items,
  params: SweepParams,
  context: SweepContext,
  parts: readonly SweepPart[],
  seed: number,
  watch: Watch,
): SweepResult {
  const { indices, equalTo } = context;
  const { values, names, failures } = tabulate(context, parts);
  for (const [item, found] of heavyItems(items, context, parts, watch)) {
    if (failed(found)) failures.push({ item, ...found });
    else {
      names[item] = found.name;
      for (const [f, field] of fields.entries()) values[f][item] = Number.isFinite(found[field]) ? found[field] : null;
    }
  }
  const failureOf = new Map(failures.map((failure) => [failure.item, failure]));
  for (let k = 0; k < indices.length; k++) {
    const same = equalTo[k];
    if (same === k) continue;
    names[k] = names[same];
    for (const column of values) column[k] = column[same];
    const failure = failureOf.get(same);
    if (failure !== undefined) failures.push({ ...failure, item: k });
  }
  failures.sort((a, b) => a.item - b.item);
  const grid = gridOf(params);
  const choices = grid.dimensions.map(() => new Array<number>(indices.length));
  for (let k = 0; k < indices.length; k++)
    for (const [d, choice] of items.at(indices[k]).choices.entries()) choices[d][k] = choice;
  const [estimate, standardError, statistic, pValue, lower, upper, rows] = values;
  return {
    analysis: params.analysis,
    dimensions: grid.dimensions.map(({ name, options, subset }) => ({ name, options: [...options], subset })),
    items: {
      ...{ choices, term: names, estimate, standardError, statistic, pValue, lower, upper, rows },
      equalTo: Array.from(equalTo, (same, k) => (same === k ? null : same)),
    },
    failures,
    counts: {
      items: indices.length,
      combinations: grid.size,
      distinct: equalTo.reduce((sum, same, k) => sum + (same === k ? 1 : 0), 0),
      fitted: estimate.reduce<number>((sum, value) => sum + (value === null ? 0 : 1), 0),
      failed: failures.length,
    },
    summary: summaryOf(estimate, pValue, params.level),
    seed,
  };
}

/** Items that were computed in pieces, put together. */
function* heavyItems(
  items: Items,
  { indices, pieces: all }: SweepContext,
  parts: readonly SweepPart[],
  { progress, lost }: Watch,
): Generator<[number, Estimate | Failure]> {
  const pieces = new Map<number, SweepPart['pieces'][number][]>();
  for (const piece of parts.flatMap((part) => part.pieces)) {
    const others = pieces.get(piece.item);
    if (others === undefined) pieces.set(piece.item, [piece]);
    else others.push(piece);
  }
  const needed = new Map<number, number>();
  for (const item of all.item) needed.set(item, (needed.get(item) ?? 0) + 1);
  for (const [place, [item, found]] of [...pieces].entries()) {
    progress(1); // so they are 1, 2, …, and what comes before them is none
    if (found.length < needed.get(item)!) continue; // of a sweep under way: not all of its pieces are there
    const kind = lost.get(place + 1);
    const failure = kind === undefined ? found.find((piece) => piece.failure !== null)?.failure : lostItem(kind);
    yield [
      item,
      failure ??
        items.one.combine(
          items.at(indices[item]),
          found.map(({ part }) => part),
        ),
    ];
  }
}
