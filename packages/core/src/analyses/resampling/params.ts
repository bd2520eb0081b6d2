import { z } from 'zod';
import { formulaParam, termParam } from '../../formula/schema.js';
import { smallSampleRules } from '../../panel-models/fit-covariance.js';
import { wildWeights } from '../../resampling/wild-weights.js';

/** Stored in params: never rename. */
export const methodNames = [
  'leave-one-out',
  'placebo-in-time',
  'placebo-in-space',
  'placebo-mixed',
  'wild-bootstrap',
  'randomization-inference',
] as const;
export type MethodName = (typeof methodNames)[number];

/** Assignments that are all looked at instead of drawn, however few draws were asked for. */
export const mostEnumerated = 20_000;
/** Sets of left-out levels that are refitted. */
export const mostLeftOut = 20_000;

const columnName = z.string().min(1);
const replications = z.int().min(19).max(999_999);
const drawn = (otherwise: number) =>
  replications
    .default(otherwise)
    .describe(
      'Random draws. α(B + 1) should be whole: 999, 1,999, 9,999. Where there are few assignments all are taken instead.',
    );
const ties = z
  .enum(['counted', 'strict'])
  .default('counted')
  .describe(
    'Which p decides and makes the interval. counted: draws as large as the statistic count against it, (1 + k)/(B + 1), or k/B when ' +
      'all are enumerated. strict: the share of larger draws, as boottest and fwildclusterboot. Both are in the result.',
  );
const interval = z.boolean().default(true).describe('An interval for the coefficient by inversion of the test.');
const nullValue = z.number().default(0).describe('The coefficient under the null hypothesis.');

const leaveOneOut = z.strictObject({
  method: z.literal('leave-one-out'),
  by: columnName.default('entity').describe('What is left out, a level at a time: entity, time, or a column such as a region.'),
  size: z
    .int()
    .min(1)
    .max(50)
    .default(1)
    .describe(
      `Levels left out together: by time every run of so many consecutive periods, else every set (at most ${mostLeftOut.toLocaleString('en')}).`,
    ),
});

const placeboInTime = z.strictObject({
  method: z.literal('placebo-in-time'),
  shifts: z
    .array(z.int().min(1).max(10_000))
    .min(1)
    .max(200)
    .default([1, 2, 3])
    .describe('By how many periods the start of the treatment is moved back, one regression each.'),
  controls: z
    .enum(['before', 'all'])
    .default('before')
    .describe(
      'Treated rows are dropped. Rows of the never treated: before keeps those before the last start (didplacebo), all keeps all (its nodrop).',
    ),
});

const placeboInSpace = z.strictObject({
  method: z.literal('placebo-in-space'),
  replications: drawn(999),
  shuffle: z
    .enum(['paths', 'rows'])
    .default('paths')
    .describe(
      'paths: entities get whole treatment paths of others. rows: single values are shuffled, which breaks serial correlation and is far too sure.',
    ),
});

const placeboMixed = z.strictObject({
  method: z.literal('placebo-mixed'),
  replications: drawn(999),
  timing: z
    .enum(['common', 'free', 'cohorts'])
    .optional()
    .describe(
      'Fake starts. common: one random start for all fake treated entities (didplacebo 1). free: each its own (2). cohorts: as many entities ' +
        'start together as in the data, at distinct random times (3). Left out: common if there is one start, else cohorts.',
    ),
  treated: z.int().min(1).optional().describe('Fake treated entities of common and free. Left out: as many as are treated.'),
  periods: z
    .tuple([z.string().min(1), z.string().min(1)])
    .optional()
    .describe(
      'First and last period that a fake start may be. Left out: the second to the last; of staggered starts the earliest to the latest.',
    ),
});

const wildBootstrap = z.strictObject({
  method: z.literal('wild-bootstrap'),
  replications: replications
    .default(9_999)
    .describe('Draws; when there are no more vectors of weights (2^G of Rademacher, 6^G of Webb), each is taken once instead.'),
  weights: z
    .enum(wildWeights)
    .default('rademacher')
    .describe('rademacher: ±1. webb: six points, for few clusters. mammen: two points with third moment 1.'),
  imposeNull: z
    .boolean()
    .default(true)
    .describe(
      'true: residuals with the null imposed (WCR). false: unrestricted residuals (WCU), with b in the place of the null.',
    ),
  null: nullValue,
  ties,
  interval,
});

const randomizationInference = z.strictObject({
  method: z.literal('randomization-inference'),
  replications: drawn(999),
  statistic: z
    .enum(['studentised', 'coefficient'])
    .default('studentised')
    .describe(
      'Which p decides: of t with clustered errors (holds up when variances differ), or of the coefficient. Both are in the result.',
    ),
  strata: columnName
    .optional()
    .describe('Treatment paths move only among entities of the same level, as when it was assigned within regions.'),
  null: nullValue,
  ties,
  interval,
});

const methodOptions = z.discriminatedUnion('method', [
  leaveOneOut,
  placeboInTime,
  placeboInSpace,
  placeboMixed,
  wildBootstrap,
  randomizationInference,
]);

const oneMethod = z.union([z.enum(methodNames).transform((method) => methodOptions.parse({ method })), methodOptions]);

export type MethodRequest = z.output<typeof methodOptions>;
export type MethodOf<Name extends MethodName> = Extract<MethodRequest, { method: Name }>;

export const resamplingParams = z.strictObject({
  formula: formulaParam.describe(
    'Outcome ~ treatment + controls | effects: `y ~ d + x1 + x2 | firm + year`. Pooled least squares without effects, else any fixed effects.',
  ),
  treatment: termParam.optional().describe('The regressor whose coefficient is in question. Left out: the first of the formula.'),
  methods: z
    .union([oneMethod.transform((one) => [one]), z.array(oneMethod).min(1).max(12)])
    .describe(
      'One or several, by name or with options: leave-one-out { by, size }; placebo-in-time { shifts, controls }; placebo-in-space ' +
        '{ replications, shuffle }; placebo-mixed { replications, timing, treated, periods }; wild-bootstrap { replications, weights, ' +
        'imposeNull, null, ties, interval }; randomization-inference { replications, statistic, strata, null, ties, interval }: ' +
        '`{ "method": "wild-bootstrap", "weights": "webb" }`.',
    ),
  cluster: columnName
    .default('entity')
    .describe('The column whose levels standard errors and the wild bootstrap are clustered by.'),
  smallSample: z
    .enum(smallSampleRules)
    .default('stata')
    .describe(
      'Whose small-sample factor clustered errors carry. stata, also fixest’s: effects nested in the clusters are not counted. areg: all ' +
        'dummies are. It scales every t of a bootstrap alike, so p-values and inverted intervals are the same under each.',
    ),
  singletons: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe(
      'Rows alone in a level of an absorbed effect: dropped (reghdfe) or kept (xtreg), in the full sample and every refit.',
    ),
  level: z.number().gt(0).lt(1).default(0.95).describe('Coverage of intervals; tests are at 1 − level.'),
});

export type ResamplingParams = z.output<typeof resamplingParams>;
