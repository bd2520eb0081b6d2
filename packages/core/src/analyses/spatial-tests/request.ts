import { EstimationError, type Problem } from '../../errors.js';
import { checkFormula, checkTerm } from '../../formula/names.js';
import { parseFormula, parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import type { Panel } from '../../panel/panel.js';
import type { Cost, InputInfo, Inputs } from '../analysis.js';
import { alignedChoice, weightsMeant, weightsProblems } from '../chosen-weights.js';
import type { SpatialTestsParams } from './params.js';

const tests = 'spatial tests';

/** Everything wrong with a request that shows without the rows; pointers are into params. */
export function checkRequest(params: SpatialTestsParams, { panel, weights }: InputInfo): Problem[] {
  const problems = weightsProblems(params.weights, { panel, weights }, '/weights', tests);
  const terms = [
    ...params.variables.map((text, k) => ({ text, pointer: `/variables/${k}` })),
    ...(params.places ?? []).map((text, k) => ({ text, pointer: `/places/${k}` })),
  ];
  for (const { text, pointer } of terms) {
    const term = parseTerm(text);
    if (term.factors.some(({ kind }) => kind === 'levels')) {
      problems.push({ pointer, code: 'several_columns', message: `${termName(term)} is several columns; one is needed here` });
    }
    problems.push(...checkTerm(term, panel, pointer, weights));
  }
  if (params.formula !== undefined) {
    const formula = parseFormula(params.formula, '/formula');
    problems.push(...checkFormula(formula, panel, weights));
    if (formula.endogenous.length > 0) {
      problems.push({
        pointer: '/formula',
        code: 'endogenous_regressors',
        message: 'these LM tests follow least squares: leave the endogenous part out, or test after gs2sls',
      });
    }
  }
  return problems;
}

/**
 * The chosen weights in the order of the panel's entities, and all of the job's by name for W(…), those aligned alike.
 * @throws EstimationError `weights_needed`, `weights_mismatch`
 */
export function alignedWeights(params: SpatialTestsParams, inputs: Pick<Inputs, 'panel' | 'weights'>) {
  const { name, weights: chosen } = alignedChoice(params.weights, inputs, params.unmatched, tests);
  // the others only when a term names them: one that does not fit the data is no fault of this job
  const named = new Map([...(inputs.weights ?? [])].map(([other, matrix]) => [other, other === name ? chosen : matrix]));
  return { name, chosen, named };
}

/** Seconds of one permutation of every field: shuffles dominate. Measured on one core of a 2.6 GHz server. */
export function permutationSeconds(fields: readonly { units: number; links: number; local: boolean }[]): number {
  return fields.reduce((sum, { units, links, local }) => sum + units * 8e-8 + links * (local ? 4e-8 : 2e-8), 1e-7);
}

export function costOf(params: SpatialTestsParams, { panel, weights }: InputInfo): Cost {
  const name = weightsMeant(params.weights, weights);
  const summary = name === null ? undefined : weights?.get(name);
  const [units, links] = [panel.entity.count, summary?.links ?? panel.entity.count * 6];
  const variables = params.variables.length + (params.formula === undefined ? 0 : 1);
  const periods = panel.time.count;
  const local = params.local.periods === 'all' ? periods : params.local.periods === 'last' ? 1 : params.local.periods.length;
  const one =
    permutationSeconds([{ units, links, local: false }]) * periods + permutationSeconds([{ units, links, local: true }]) * local;
  const cpuSeconds = 0.05 + panel.rows * 2e-6 * (variables + 1) + params.permutations * variables * one;
  return {
    cpuSeconds,
    bytes: 100_000 + variables * periods * (units * 24 + params.permutations * 8) + links * 12 + variables * local * units * 250,
    arithmetic: `${params.permutations} permutations × ${variables} variables × ${periods} periods × (${units} units + ${links} links)`,
  };
}

/** A panel's value of a term for each entity: that of its last row with one. */
export function lastValues(values: Float64Array, panel: Panel): Float64Array {
  const last = new Float64Array(panel.entity.labels.length).fill(Number.NaN);
  for (let row = 0; row < panel.rows; row++) if (!Number.isNaN(values[row])) last[panel.entity.codes[row]] = values[row];
  if (last.every((value) => Number.isNaN(value))) throw new EstimationError('no_places', 'no unit has the coordinates asked for');
  return last;
}
