import { InputError, type Problem } from '../../errors.js';
import { escapeToken } from '../../job/wire.js';
import { conditionProblems } from '../../panel/keep.js';
import { didYouMean } from '../../suggest.js';
import type { InputInfo } from '../analysis.js';
import type { AnyAnalysis, Registry } from '../registry.js';
import { extremesOf } from './extremes.js';
import { type Dimension, type Grid, gridOf, type Item, itemOf, mostSizedSubsets } from './grid.js';
import { mostItems, type SweepParams } from './params.js';

/** The analysis that each item runs, or why none can be. */
export function itemAnalysis(registry: Registry, name: string): AnyAnalysis | Problem {
  const analysis = registry.get(name);
  const able = [...registry.values()].filter(({ estimates }) => estimates !== undefined).map((one) => one.name);
  if (analysis?.estimates !== undefined) return analysis;
  const message =
    analysis === undefined
      ? `no analysis named "${name}"${didYouMean(name, able) || `; a sweep can run ${able.join(', ')}`}`
      : `${name} has no one estimate to tabulate; a sweep can run ${able.join(', ')}`;
  return { pointer: '/analysis', code: analysis === undefined ? 'unknown_analysis' : 'no_estimates', message };
}

/** Everything wrong with a sweep that shows without the rows: its size, and each choice tried once with the first of all others. */
export function checkSweep(registry: Registry, params: SweepParams, info: InputInfo): Problem[] {
  const analysis = itemAnalysis(registry, params.analysis);
  if ('pointer' in analysis) return [analysis];
  const problems = [...shapeProblems(params), ...sampleProblems(params, info)];
  if (problems.length > 0) return problems;
  const grid = gridOf(params);
  const count = params.draw === undefined ? grid.size : Math.min(grid.size, params.draw.items);
  if (grid.size === 0)
    return [{ pointer: '/formulas/controls', code: 'no_items', message: `no combination is left: ${sizesOf(grid)}` }];
  if (count > mostItems) {
    const message = `${sizesOf(grid)} = ${grid.size.toLocaleString('en')} specifications, at most ${mostItems.toLocaleString('en')} are run: draw some (draw), or vary less`;
    return [{ pointer: '', code: 'too_many_items', message }];
  }
  return variationProblems(analysis, params, grid, info);
}

const sizesOf = ({ dimensions }: Grid) => dimensions.map(({ name, size }) => `${size.toLocaleString('en')} ${name}`).join(' × ');

function shapeProblems(params: SweepParams): Problem[] {
  const problems: Problem[] = [];
  const { formulas, list, vary } = params;
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  if (formulas !== undefined && ('formula' in params.params || 'formula' in vary || list?.some((one) => 'formula' in one)))
    add('/formulas', 'two_formulas', 'formulas are made from pieces here, and a formula is given too: leave one of them out');
  if (formulas !== undefined && !Array.isArray(formulas.controls)) {
    const { subsetsOf, least = 0, most = subsetsOf.length } = formulas.controls;
    const sized = least > 0 || most < subsetsOf.length;
    if (sized && subsetsOf.length > mostSizedSubsets)
      add(
        '/formulas/controls/subsetsOf',
        'too_many_controls',
        `subsets of some sizes are taken of at most ${mostSizedSubsets} controls, got ${subsetsOf.length}`,
      );
  }
  for (const path of Object.keys(vary)) {
    if (path.split('.').some((step) => step === '' || step === '__proto__'))
      add(`/vary/${escapeToken(path)}`, 'bad_path', `"${path}" is no path to a param: write bootstrap.replications`);
  }
  const names = params.samples.map(({ name }) => name);
  const twice = names.findIndex((name, k) => names.indexOf(name) < k);
  if (twice >= 0) add(`/samples/${twice}/name`, 'same_name', `two samples are called "${names[twice]}"`);
  return problems;
}

const sampleProblems = ({ samples }: SweepParams, { panel }: InputInfo): Problem[] =>
  samples.flatMap(({ keep }, s) =>
    keep.flatMap((condition, c) => conditionProblems(panel, condition, `/samples/${s}/keep/${c}`)),
  );

/** At most so many problems are listed. */
const mostProblems = 20;
/**
 * At most so many choices are tried at the door, which has others to serve, and of those beyond the ones with the largest and smallest
 * numbers, so that none is past a limit; what else is wrong with them fails alone, as items, and says why.
 */
const mostTried = 1_000;

function variationProblems(analysis: AnyAnalysis, params: SweepParams, { dimensions }: Grid, info: InputInfo): Problem[] {
  const base = dimensions.map(({ choice }) => choice(0));
  const problems: Problem[] = itemProblems(analysis, itemOf(params, dimensions, base), info).map((problem) =>
    pointed(params, problem),
  );
  for (const [d, dimension] of dimensions.entries()) {
    if (dimension.key === 'sample' || problems.length > 0) continue;
    for (const { choice, pointer } of variationsOf(dimension, params, Math.ceil(mostTried / dimensions.length))) {
      const choices = base.map((one, at) => (at === d ? choice : one));
      const found = itemProblems(analysis, itemOf(params, dimensions, choices), info);
      problems.push(...found.map(({ code, message }) => ({ pointer, code, message })));
      if (problems.length >= mostProblems) return problems.slice(0, mostProblems);
    }
  }
  return problems;
}

/** Each choice of a dimension but the first, as far as they are tried, and of a subset each of its members alone, with where it stands in the request. */
function variationsOf({ key, options, subset, choice, size }: Dimension, params: SweepParams, most: number) {
  const path =
    {
      sample: '/samples',
      specification: '/list',
      outcome: '/formulas/outcomes',
      effects: '/formulas/effects',
      treatment: '/formulas/treatments',
      controls: subset ? '/formulas/controls/subsetsOf' : '/formulas/controls',
    }[key as string] ?? `/vary/${escapeToken(key.slice('vary '.length))}`;
  const count = Math.min(subset ? options.length : size, most);
  const places = Array.from({ length: count }, (_, k) => k);
  const values = key === 'specification' ? params.list : key.startsWith('vary ') ? params.vary[key.slice('vary '.length)] : [];
  places.push(...extremesOf(values ?? []).filter((k) => k >= count));
  const choices = places.map((k) => ({ choice: subset ? 2 ** k : choice(k), pointer: `${path}/${k}` }));
  return subset && params.formulas !== undefined ? choices : choices.slice(1);
}

function itemProblems(analysis: AnyAnalysis, { params }: Item, info: InputInfo): Problem[] {
  const parsed = analysis.params.safeParse(params);
  if (!parsed.success) {
    return parsed.error.issues.flatMap((issue) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : null;
      const pointer = issue.path.map((step) => `/${String(step)}`).join('');
      if (unknown === null) return [{ pointer, code: 'invalid_params', message: issue.message }];
      return unknown.map((key) => ({
        pointer: `${pointer}/${escapeToken(key)}`,
        code: 'unknown_param',
        message: `${analysis.name} has no param "${key}"`,
      }));
    });
  }
  try {
    return [...analysis.check(parsed.data, info)];
  } catch (error) {
    if (error instanceof InputError) return [...error.problems];
    throw error;
  }
}

/** Where the base item's problem stands in the request of the sweep. */
function pointed(params: SweepParams, { pointer, code, message }: Problem): Problem {
  const name = pointer.split('/')[1] ?? '';
  const varied = Object.keys(params.vary).find((path) => path.split('.')[0] === name);
  if (varied !== undefined) return { pointer: `/vary/${escapeToken(varied)}/0`, code, message };
  if (name === 'formula' && params.formulas !== undefined) return { pointer: '/formulas', code, message };
  if (params.list?.[0] !== undefined && name in params.list[0]) return { pointer: `/list/0${pointer}`, code, message };
  return { pointer: `/params${pointer}`, code, message };
}
