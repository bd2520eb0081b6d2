import { z } from 'zod';
import { bootstrapMethods } from './params.js';
import { covarianceKinds } from './slopes.js';

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
});

const bootstrapResult = z.object({
  method: z.enum(bootstrapMethods),
  residuals: z.enum(['restricted', 'unrestricted']),
  replications: count,
  exceeding: count.describe('k: replications with F* ≥ F'),
  pValue: finite.describe('(1 + k)/(B + 1)'),
  pValueInterval: z
    .object({ level: finite, lower: finite, upper: finite })
    .describe('Clopper–Pearson interval of the p-value that endless replications would give'),
  criticalValues: z.object({ '0.10': finite, '0.05': finite, '0.01': finite }).describe('order statistic ⌈(1 − α)B⌉ of F*'),
  distribution: z
    .object({ width: finite, counts: z.array(count), beyond: count })
    .describe('F* in bins [j·width, (j + 1)·width), and how many lie past the last'),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const thresholdResult = z.object({
  thresholds: z.array(z.object({ estimate: finite, intervals: z.array(interval) })),
  tests: z.array(
    z.object({
      thresholdCount: z.int().min(1).describe('thresholds under the alternative; one fewer under the null'),
      f: finite,
      bootstraps: z.array(bootstrapResult),
      verdict: z.string(),
    }),
  ),
  regimes: z.array(z.object({ regime: z.int().min(1), rows: count, entities: count })),
  switching: count.describe('entities with rows in more than one regime'),
  coefficients: z.array(coefficient),
  linear: z.object({ coefficients: z.array(coefficient), ssr: finite }),
  fit: z.object({
    ssrNull: finite.describe('sum of squared residuals with one threshold fewer'),
    ssr: finite,
    residualDf: count.describe('rows − entities − slopes'),
    sigma2: finite.describe('ssr / residualDf'),
    candidates: count,
    distinctValues: count.describe('distinct values of the threshold variable, candidates or not'),
    denominator: count.describe('rows − entities: ssr / denominator is σ̂² in F and LR'),
  }),
  sample: z.object({
    rows: count,
    entities: count,
    periods: count,
    dropped: z.array(z.object({ reason: z.string(), rows: count })),
  }),
  profiles: z
    .array(z.object({ values: z.array(finite), ratios: z.array(finite), thinned: z.boolean() }))
    .describe('LR at the candidates of each threshold; when there are many, the least and greatest of each run of neighbours'),
  variables: z.object({ outcome: z.string(), threshold: z.string() }),
  conventions: z.array(z.string()).describe('which rule each number follows, in words'),
  warnings: z.array(z.string()).describe('what these data are too small or too uneven for'),
});

export type ThresholdResult = z.output<typeof thresholdResult>;
export type BootstrapResult = z.output<typeof bootstrapResult>;
