import { z } from 'zod';
import { adequacyFields } from '../fields.js';
import { bootstrapMethods } from './params.js';
import { programs } from './programs.js';
import { covarianceKinds } from './slopes.js';
import { wildWeights } from './weights.js';

const count = z.int().min(0);
const finite = z.number();

const interval = z.object({
  level: finite,
  lower: finite.describe('least candidate in the set'),
  upper: finite.describe('greatest candidate in the set'),
  candidates: count.describe('candidates in the set'),
  contiguous: z.boolean().describe('every candidate between the bounds is in the set'),
});

const slopeError = z.object({
  covariance: z.enum(covarianceKinds),
  standardError: finite,
  statistic: finite,
  pValue: finite,
});

const coefficient = z.object({
  term: z.string(),
  regime: z.int().min(1).nullable().describe('counts from 1, ascending in the threshold variable; null in all regimes'),
  estimate: finite,
  standardError: finite.describe('of the first covariance asked for; conditional on the estimated threshold'),
  statistic: finite,
  pValue: finite.describe('two-sided'),
  alternatives: z.array(slopeError).optional().describe('further covariances asked for'),
  union: z
    .object({ level: finite, lower: finite, upper: finite })
    .optional()
    .describe('union of the slope’s intervals over the confidence set of each threshold, when asked for'),
});

const bootstrapResult = z.object({
  method: z.enum(bootstrapMethods),
  residuals: z.enum(['restricted', 'unrestricted']),
  weights: z.enum(wildWeights).nullable().describe('of wild-entity'),
  replications: count,
  stoppedEarly: z.boolean(),
  exceeding: count.describe('k: replications with F* ≥ F'),
  pValue: finite.describe('(1 + k)/(B + 1)'),
  pValueInterval: z
    .object({ level: finite, lower: finite, upper: finite })
    .describe('Clopper–Pearson interval of the p-value that endless replications would give'),
  criticalValues: z
    .object({ '0.10': finite, '0.05': finite, '0.01': finite })
    .nullable()
    .describe('order statistic ⌈(1 − α)B⌉ of F*; null when an early stop was asked for'),
  distribution: z
    .object({ width: finite, counts: z.array(count), beyond: count })
    .describe('F* in bins [j·width, (j + 1)·width), and how many lie past the last'),
});

const profile = z.object({ values: z.array(finite), ratios: z.array(finite), thinned: z.boolean() });

const search = z.object({
  model: z.string().describe('Th-1; Th-21 and Th-22; Th-3: the names that xthreg gives'),
  thresholdCount: z.int().min(1),
  fixed: z.array(finite).describe('thresholds held fixed'),
  estimate: finite,
  intervals: z.array(interval),
  candidates: count,
  ssr: finite,
});

/** What the analysis answers: public, fields are added and never renamed. */
export const thresholdResult = z.object({
  thresholds: z
    .array(
      z.object({
        estimate: finite,
        stage: z.int().min(1).describe('at which stage it was found'),
        intervals: z.array(interval).describe('LR sets; they assume equal error variances'),
        robust: z
          .object({ etaSquared: finite, intervals: z.array(interval) })
          .nullable()
          .describe('sets of LR/η̂² (Hansen 2000); null where a period is dropped'),
      }),
    )
    .describe('thresholds of the model, ascending'),
  searches: z.array(search).describe('every search in its order: each threshold alone, then given others'),
  tests: z.array(
    z.object({
      thresholdCount: z.int().min(1).describe('thresholds under the alternative; one fewer under the null'),
      f: finite,
      ssr: finite,
      bootstraps: z.array(bootstrapResult),
      decision: z
        .enum(['supported', 'disputed', 'not-supported', 'not-tested'])
        .describe('at 5 %; disputed when bootstraps disagree; not-tested after a test that did not support its threshold'),
      verdict: z.string(),
    }),
  ),
  regimes: z.array(z.object({ regime: z.int().min(1), rows: count, entities: count })),
  regimesByPeriod: z
    .array(z.object({ period: z.string(), entities: z.array(count) }))
    .describe('entities in each regime in each period'),
  switching: count.describe('entities with rows in more than one regime'),
  switchingEntities: z.array(z.string()).describe('their names, the first 200'),
  timeEffectsCheck: z
    .object({
      estimate: finite,
      f: finite,
      bootstraps: z.array(z.object({ method: z.enum(bootstrapMethods), replications: count, pValue: finite })),
      decision: z.enum(['supported', 'disputed', 'not-supported']),
      agrees: z.boolean(),
    })
    .nullable()
    .describe('the first threshold tested with period effects as well'),
  coefficients: z.array(coefficient),
  linear: z.object({ coefficients: z.array(coefficient), ssr: finite }),
  fit: z.object({
    ssrNull: finite.describe('sum of squared residuals with one threshold fewer'),
    ssr: finite,
    residualDf: count.describe('rows − effects − slopes'),
    slopeDf: count.describe('degrees of freedom of t for the slopes: entities − 1 under cluster, else residualDf'),
    sigma2: finite.describe('ssr / residualDf'),
    candidates: count,
    distinctValues: count.describe('distinct values of the threshold variable, candidates or not'),
    denominator: count.describe('ssr / denominator is σ̂² in F and LR'),
    withinR2: finite.describe('1 − ssr / sum of squares of the outcome without its effects'),
    constant: finite.describe('mean of the outcome less the slopes times the means of their regressors'),
    sigmaU: finite.describe('standard deviation of the entity effects'),
  }),
  sample: z.object({
    rows: count,
    entities: count,
    periods: count,
    balanced: z.boolean(),
    effects: z.array(z.string()),
    dropped: z.array(z.object({ reason: z.string(), rows: count })),
  }),
  profiles: z
    .array(profile)
    .describe(
      'LR at the candidates of each threshold; when there are many, the least and greatest of each run of neighbours and a small set',
    ),
  variables: z.object({ outcome: z.string(), threshold: z.string() }),
  program: z.enum(programs),
  adequacy: z.array(adequacyFields).describe('what the tests, the set and the errors need of the data, and what there is'),
  conventions: z.array(z.string()).describe('which rule each number follows, in words'),
  warnings: z.array(z.string()).describe('what these data are too small or too uneven for'),
});

export type ThresholdResult = z.output<typeof thresholdResult>;
export type BootstrapResult = z.output<typeof bootstrapResult>;
