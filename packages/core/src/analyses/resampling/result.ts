import { z } from 'zod';
import { count, numeric, sampleFields } from '../fields.js';

const errorFields = z.object({
  standardError: numeric,
  statistic: numeric,
  df: numeric,
  pValue: numeric,
  lower: numeric,
  upper: numeric,
});
const refit = z.object({ estimate: numeric, rows: count, clustered: errorFields, classical: errorFields });
const extreme = z.object({ leftOut: z.array(z.string()), estimate: numeric });
const tail = z.object({
  exceeding: count.describe('draws at least as far out, ties counted'),
  share: numeric.describe('of the draws: the p that didplacebo and most papers print'),
  pValue: numeric.describe('(1 + k)/(B + 1), or the share when all assignments are taken'),
});
const histogramFields = z.object({
  from: numeric,
  width: numeric,
  counts: z.array(count),
  below: count,
  beyond: count,
});

const leaveOneOut = z.object({
  method: z.literal('leave-one-out'),
  label: z.string(),
  by: z.string(),
  size: count,
  refits: count.describe('sets of levels left out, those without an estimate among them'),
  min: extreme,
  max: extreme,
  mean: numeric,
  largestChange: z.object({ leftOut: z.array(z.string()), share: numeric.describe('|b₋g − b| / |b|') }),
  otherSign: count,
  significant: z.object({
    level: numeric,
    clustered: numeric.describe('share of refits with p ≤ 1 − level'),
    classical: numeric,
  }),
  jackknife: z
    .object({
      standardError: numeric.describe('CV3, √((G−1)/G Σ(b₋g − b)²)'),
      aroundMean: numeric.describe('CV3J, around the mean of b₋g'),
      ...errorFields.omit({ standardError: true }).shape,
    })
    .nullable()
    .describe('null unless single levels are left out and each refit has an estimate'),
  each: z.array(z.object({ leftOut: z.array(z.string()), ...refit.shape })),
  failures: z.array(z.object({ leftOut: z.array(z.string()), message: z.string() })),
});

const placeboInTime = z.object({
  method: z.literal('placebo-in-time'),
  label: z.string(),
  controls: z.string(),
  starts: z.array(z.object({ period: z.string(), entities: count })).describe('true starts'),
  shifts: z.array(z.object({ shift: count, periods: z.array(z.string()).describe('fake starts'), ...refit.shape })),
  failures: z.array(z.object({ shift: count, message: z.string() })),
});

const placebo = z.object({
  method: z.enum(['placebo-in-space', 'placebo-mixed']),
  label: z.string(),
  rule: z.string().describe('what is drawn'),
  draws: count.describe('placebo estimates'),
  unidentified: count.describe('draws in which controls and effects hold the fake treatment: passed over'),
  exact: z.boolean().describe('every assignment was taken once'),
  assignments: numeric.describe('assignments there are; infinite when a double cannot count them'),
  movable: count.nullable().describe('entities that can take another path; null where single rows or starts are drawn'),
  mean: numeric,
  sd: numeric,
  min: numeric,
  max: numeric,
  quantiles: z.array(z.object({ share: numeric, value: numeric })),
  pValues: z.object({ twoSided: tail, left: tail, right: tail }).describe('of the estimate among the placebo estimates'),
  studentised: tail.describe('|t*| ≥ |t| with clustered errors'),
  rejecting: z
    .object({ level: numeric, clustered: numeric, classical: numeric })
    .describe('share of placebo estimates that their own t test calls significant: 1 − level if it keeps its size'),
  density: z.array(z.object({ x: numeric, density: numeric })),
  points: z
    .array(z.object({ estimate: numeric, pValue: numeric }))
    .describe('placebo estimates and their clustered p, at even ranks when there are many'),
});

const inverted = z.object({
  level: numeric,
  lower: numeric,
  upper: numeric,
  connected: z.boolean().describe('no value between the two is rejected'),
});
const testFields = {
  null: numeric,
  statistic: numeric,
  draws: count,
  exceeding: z.object({ ties: count.describe('as large or larger'), strict: count.describe('larger') }),
  pValue: numeric.describe('by the rule for ties that was asked for'),
  pCounted: numeric,
  pStrict: numeric,
  interval: inverted.nullable(),
};

const wildBootstrap = z.object({
  method: z.literal('wild-bootstrap'),
  label: z.string(),
  weights: z.string(),
  imposeNull: z.boolean(),
  ties: z.string(),
  clusters: count,
  enumerated: z.boolean().describe('every vector of weights was taken once'),
  vectors: numeric.describe('vectors of weights there are; infinite for Mammen’s, which are not equally likely'),
  smallestPValue: numeric.describe('that so few clusters allow'),
  ...testFields,
  distribution: histogramFields.describe('of t*'),
});

const randomization = z.object({
  method: z.literal('randomization-inference'),
  label: z.string(),
  statisticUsed: z.string(),
  ties: z.string(),
  strata: z.string().nullable(),
  exact: z.boolean(),
  assignments: numeric,
  unidentified: count,
  movable: count.describe('entities that can take another path'),
  ...testFields,
  other: z.object({ statisticUsed: z.string(), statistic: numeric, pCounted: numeric, pStrict: numeric }),
  distribution: histogramFields.describe('of the statistic'),
});

export const methodResult = z.discriminatedUnion('method', [leaveOneOut, placeboInTime, placebo, wildBootstrap, randomization]);

/** What the analysis answers: public, fields are added and never renamed. */
export const resamplingResult = z.object({
  outcome: z.string(),
  treatment: z.string(),
  controls: z.array(z.string()),
  effects: z.array(z.string()),
  entity: z.string(),
  time: z.string(),
  estimate: z.object({
    value: numeric,
    clustered: z.object({ ...errorFields.shape, by: z.string(), clusters: count, rule: z.string() }),
    classical: errorFields,
  }),
  methods: z.array(methodResult).describe('in the order asked for, those that failed left out'),
  failures: z.array(z.object({ number: count, method: z.string(), code: z.string(), message: z.string() })),
  level: numeric,
  singletons: count,
  collinear: z.array(z.string()),
  sample: sampleFields,
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type ResamplingResult = z.output<typeof resamplingResult>;
export type MethodResult = z.output<typeof methodResult>;
export type ResultOf<Name extends MethodResult['method']> = Extract<MethodResult, { method: Name }>;
export type LeaveOneOutResult = z.output<typeof leaveOneOut>;
export type PlaceboInTimeResult = z.output<typeof placeboInTime>;
export type PlaceboResult = z.output<typeof placebo>;
export type WildBootstrapResult = z.output<typeof wildBootstrap>;
export type RandomizationResult = z.output<typeof randomization>;
