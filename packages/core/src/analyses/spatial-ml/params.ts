import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { type ModelParts, partsOf } from '../../spatial/model-parts.js';
import { approaches, demeanings } from '../../spatial-ml/equation.js';
import { confidenceLevel } from '../fields.js';

/** Stored in jobs and results: never rename. */
export const mlModels = ['sdm', 'sar', 'sem', 'none', 'slx', 'sdem', 'sarar', 'gns'] as const;
export type MlModel = (typeof mlModels)[number];

export const mlCovariances = ['expected', 'observed', 'cluster'] as const;
export type MlCovariance = (typeof mlCovariances)[number];

/** Up to so many units the expected information, which takes solutions for each of them, is what is meant. */
const expectedUnits = 5_000;

export const covarianceKind = (covariance: MlCovariance | undefined, units: number): MlCovariance =>
  covariance ?? (units <= expectedUnits ? 'expected' : 'observed');

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;
const name = z.string().min(1).max(200);

export const spatialMlParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome ~ regressors | effects, without spatial lags of its own: `log(gsp) ~ log(pc) + unemp | state + year`. The models add Wy, WX and ' +
      'the spatial error. Effects are the panel’s own, concentrated out: none, entity, time, or both.',
  ),
  models: z
    .union([z.enum(mlModels).transform((one) => [one]), z.array(z.enum(mlModels)).min(1).refine(unique, 'name each once')])
    .default(['sdm', 'sar', 'sem', 'none'])
    .describe(
      'One or several side by side. sar: Wy. sdm: Wy and WX. sem: spatial errors. sarar: Wy and spatial errors. slx: WX. sdem: WX and spatial ' +
        'errors. gns: all three. none: no spatial term. Likelihood-ratio tests fit the smaller models that they need.',
    ),
  weights: name.optional().describe('W of Wy and WX among the job’s weights; W or the only one when left out.'),
  errorWeights: name.optional().describe('M of the spatial errors; that of the lag when left out.'),
  unmatched: z
    .enum(['refuse', 'cut'])
    .default('refuse')
    .describe(
      'Units of the weights that the data do not have: refuse names them; cut takes them out, and says how many links went.',
    ),
  unbalanced: z
    .enum(['refuse', 'submatrix'])
    .default('refuse')
    .describe(
      'Units without a row in a period: refuse, or take of W the units there are in each period, rows of a row-normalised W normalised anew ' +
        '(models without spatial errors; direct or bias-corrected).',
    ),
  durbin: z
    .union([z.literal('all'), z.array(termParam).min(1).refine(unique, 'name each once')])
    .default('all')
    .describe('Regressors that enter sdm, slx, sdem and gns with their lag too: all, or terms of the formula.'),
  effects: z
    .enum(['fixed', 'random'])
    .default('fixed')
    .describe(
      'fixed: the formula’s effects; without any the periods are pooled. random: entity effects unrelated to the regressors, filtered with the errors in ' +
        'models with spatial errors (Kapoor, Kelejian & Prucha); balanced panels and a formula without effects.',
    ),
  approach: z
    .enum(approaches)
    .optional()
    .describe(
      'What is done about the effects, which make direct estimates of σ² (entity) and of all parameters (time) biased when T or N is small (Lee & Yu ' +
        '2010). transformation: N(T − 1), (N − 1)T or (N − 1)(T − 1) transformed observations. bias-corrected: direct estimates and their first-order ' +
        'correction. direct: neither, as with dummies. Left out: transformation; bias-corrected with time effects and weights whose rows differ in their sum.',
    ),
  demeaning: z
    .enum(demeanings)
    .default('after-lag')
    .describe(
      'With time effects. after-lag: Wy is formed and its effects are then taken out, as with dummies: the maximum of the likelihood. before-lag: y ' +
        'without its effects is lagged and not demeaned again, as splm, SDPDmod and Elhorst’s programs do; direct or bias-corrected.',
    ),
  covariance: z
    .enum(mlCovariances)
    .optional()
    .describe(
      'Standard errors from the expected information; from the observed one, which needs no solution for every unit; or cluster: robust to ' +
        'serial correlation within units and to errors that are not normal, with Student’s t of units less one. Left out: expected up to 5,000 units, observed above.',
    ),
  draws: z
    .int()
    .min(0)
    .max(100_000)
    .default(1_000)
    .describe(
      'Draws of the parameters for simulated errors and percentile intervals of the effects; 0 for the delta method alone.',
    ),
  level: confidenceLevel.default(0.95).describe('Level of intervals.'),
});

export type SpatialMlParams = z.output<typeof spatialMlParams>;

/** The parts that a model has. */
export const mlParts: Readonly<Record<MlModel, ModelParts>> = partsOf;

export const mlWords: Readonly<Record<MlModel, string>> = {
  none: 'no spatial term',
  slx: 'SLX',
  sar: 'SAR',
  sdm: 'SDM',
  sem: 'SEM',
  sdem: 'SDEM',
  sarar: 'SARAR',
  gns: 'GNS',
};
