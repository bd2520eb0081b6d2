import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { type ModelParts, partsOf } from '../../spatial/model-parts.js';
import { momentKinds } from '../../spatial-iv/error-step.js';
import { randomInstruments } from '../../spatial-iv/random-effects.js';
import { panelMomentKinds } from '../../spatial-iv/random-errors.js';
import { confidenceLevel } from '../fields.js';

/** Stored in jobs and results: never rename. */
export const spatialModels = ['iv', 'slx', 'sar', 'sdm', 'sem', 'sdem', 'sarar', 'gns'] as const;
export type SpatialModel = (typeof spatialModels)[number];

/** Stored in params: never rename. */
export const spatialPrograms = ['spillway', 'stata', 'splm', 'spreg', 'spatialreg'] as const;
export type SpatialProgram = (typeof spatialPrograms)[number];

export const spatialCovariances = ['classical', 'robust', 'cluster', 'hac'] as const;
export type SpatialCovariance = (typeof spatialCovariances)[number];

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;
const name = z.string().min(1).max(200);

export const gs2slsParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome ~ exogenous regressors | effects | endogenous ~ instruments, without spatial lags of its own: `log(gsp) ~ log(pc) + unemp | ' +
      'state + year | log(emp) ~ log(hwy)`. The models add Wy, WX and the spatial error. Effects are absorbed (fixed): none, entity, time, or both.',
  ),
  models: z
    .union([
      z.enum(spatialModels).transform((one) => [one]),
      z.array(z.enum(spatialModels)).min(1).refine(unique, 'name each once'),
    ])
    .default(['sar', 'sdm', 'sarar'])
    .describe(
      'One or several side by side. sar: Wy. sdm: Wy and WX. sarar: Wy and spatial errors (GS2SLS). gns: all three. sem: spatial errors. ' +
        'sdem: WX and spatial errors. slx: WX. iv: no spatial term.',
    ),
  weights: name
    .optional()
    .describe(
      'W of Wy and WX among the job’s weights; W or the only one when left out. With the model iv alone: for the Anselin–Kelejian test.',
    ),
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
      'Neighbours without a row in a period: refuse, or take of W the units there are in each period, rows of a row-normalised W ' +
        'normalised anew (models without spatial errors or random effects).',
    ),
  durbin: z
    .union([z.literal('all'), z.array(termParam).min(1).refine(unique, 'name each once')])
    .default('all')
    .describe(
      'Regressors that enter sdm, slx, sdem and gns with their lag too: all, or terms of the formula (exogenous or endogenous).',
    ),
  effects: z
    .enum(['fixed', 'random'])
    .default('fixed')
    .describe(
      'fixed: the formula’s effects are absorbed; without any the periods are pooled. random: entity effects unrelated to the regressors; ' +
        'balanced panels and a formula without effects.',
    ),
  randomInstruments: z
    .enum(randomInstruments)
    .default('ec2sls')
    .describe('Instruments under random effects. ec2sls: their within and between parts apart (Baltagi). g2sls: quasi-demeaned.'),
  panelMoments: z
    .enum(panelMomentKinds)
    .optional()
    .describe(
      'Moments of a spatial error with random effects (Kapoor, Kelejian & Prucha). initial: three, unweighted (splm). weights: six, by their ' +
        'variances (spreg). fullweights: by their covariance. Left out: weights, and initial with splm.',
    ),
  instruments: z
    .strictObject({
      order: z
        .int()
        .min(1)
        .max(6)
        .optional()
        .describe(
          'Highest power of W on exogenous regressors: 2 is X, WX, W²X. Left out: 2, and 3 with WX in the model (W²X, W³X), where lower ' +
            'powers are regressors.',
        ),
      outsideOrder: z
        .int()
        .min(0)
        .max(6)
        .optional()
        .describe('The same on outside instruments Z: 2 when left out, which is Z, WZ, W²Z.'),
      lagConstant: z
        .boolean()
        .optional()
        .describe('W1, W²1, … too. Left out: when rows of W differ in their sum, for then they are instruments.'),
      optimal: z
        .boolean()
        .default(false)
        .describe(
          'A second step with the estimated best instrument of Wy, W(I − ρ̂W)⁻¹(Xβ̂ + WXθ̂), in place of powers of W (Lee 2003); models sar and sdm.',
        ),
    })
    .prefault({})
    .describe('Instruments of Wy and of endogenous regressors.'),
  covariance: z
    .enum(spatialCovariances)
    .optional()
    .describe(
      'Errors of the coefficients and of the diagnostics: classical, robust (heteroskedastic), cluster, hac (a kernel over space). Left out: ' +
        'cluster in a panel, robust in one period; classical with another program.',
    ),
  cluster: name.default('entity').describe('Column whose levels are the clusters, or the words entity and time.'),
  kernel: name
    .optional()
    .describe(
      'For hac: weights of the job that are a kernel of distance, not normalised; within periods. Diagnostics are then robust.',
    ),
  moments: z
    .enum(momentKinds)
    .optional()
    .describe(
      'Moments of the spatial error. heteroskedastic: Kelejian & Prucha 2010 (Arraiz et al. 2010). homoskedastic: Drukker, Egger & Prucha 2013. ' +
        'kelejian-prucha-1999: with the variance, no standard error of λ; after fixed effects Mutl & Pfaffermayr 2011. Left out: homoskedastic ' +
        'with classical errors, else heteroskedastic; with fixed effects that of 1999.',
    ),
  step1c: z
    .boolean()
    .default(false)
    .describe('With heteroskedastic moments: a weighted moment step before the filter (Arraiz et al. 2010, step 1c).'),
  smallSample: z
    .boolean()
    .optional()
    .describe(
      'Small-sample factors and Student’s t; false: large samples and the normal. Left out: true, or what the program does.',
    ),
  draws: z
    .int()
    .min(0)
    .max(100_000)
    .default(1_000)
    .describe(
      'Draws of the coefficients for simulated errors and percentile intervals of the effects; 0 for the delta method alone.',
    ),
  bootstrap: z
    .strictObject({
      replications: z
        .int()
        .min(0)
        .max(100_000)
        .default(0)
        .describe('Bootstrap replications of every model with a lag; 0 for none.'),
      method: z
        .enum(['wild', 'blocks'])
        .default('wild')
        .describe(
          'wild: all residuals of an entity times one draw. blocks: residuals of whole entities drawn with replacement; for homoskedastic entities.',
        ),
      draws: z
        .enum(['rademacher', 'webb', 'mammen'])
        .default('rademacher')
        .describe('Draws of the wild bootstrap; webb for few entities.'),
    })
    .prefault({})
    .describe(
      'Bootstrap by entity with X and W held: residuals of whole entities, and of endogenous regressors’ first stages with them, make new outcomes.',
    ),
  program: z
    .enum(spatialPrograms)
    .default('spillway')
    .describe(
      'Whose conventions where programs differ (instruments, σ², small samples, moments): stata (spregress gs2sls), splm (spgm), spreg (GM_Lag, ' +
        'GM_Combo), spatialreg (stsls, gstsls, GMerrorsar).',
    ),
  level: confidenceLevel.default(0.95).describe('Level of intervals.'),
});

export type Gs2slsParams = z.output<typeof gs2slsParams>;

const { none, ...spatial } = partsOf;
/** The parts that a model has. */
export const modelParts: Readonly<Record<SpatialModel, ModelParts>> = { iv: none, ...spatial };
