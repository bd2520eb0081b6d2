import { z } from 'zod';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';

const failure = z.object({ code: z.string(), message: z.string() }).nullable();

const errorOfEstimate = z.object({
  kind: z.string(),
  label: z.string(),
  rule: z.string().describe('the small-sample factor'),
  clusters: z.array(count),
  standardError: numeric,
  statistic: numeric,
  df: numeric,
  pValue: numeric,
  lower: numeric,
  upper: numeric,
});

const statistics = z.object({
  partialR2: numeric.describe('of treatment with outcome: t²/(t² + df)'),
  partialF2: numeric.describe('t²/df'),
  robustnessValue: numeric.describe('RV_q: share of both residuals that moves the estimate by q'),
  robustnessValueAlpha: numeric.describe('RV_qα: share that leaves it not significantly different from b(1 ∓ q)'),
  extremeRobustnessValue: numeric.describe('XRV_q: share of the treatment, all of the outcome explained'),
  extremeRobustnessValueAlpha: numeric,
  invertedRobustnessValue: numeric.describe('share that would make an estimate significant that is not; 0 if it is'),
});

const bound = z.object({
  benchmark: z.string(),
  label: z.string().describe('as sensemakr: 2x female, 2/1x female with ky = 1'),
  kd: numeric,
  ky: numeric,
  treatmentShare: numeric.describe('R²(D ~ Z | X), the bound'),
  outcomeShare: numeric.describe('R²(Y ~ Z | D, X), the bound'),
  capped: z
    .boolean()
    .describe('the outcome’s share came out above 1 and was cut: the benchmark is too strong for such a multiple'),
  estimate: numeric.describe('adjusted'),
  standardError: numeric.describe('adjusted; 0 when capped'),
  statistic: numeric.describe('adjusted, against b(1 ∓ q): 0 for q = 1; none when capped'),
  lower: numeric.describe('t with df − 1'),
  upper: numeric,
  lowerFullDf: numeric.describe('t with df, as sensemakr’s table of bounds'),
  upperFullDf: numeric,
  criticalStatistic: numeric.describe('t†: |t of h₀| must exceed this to stay significant whatever a weaker confounder does'),
  keepsSign: z.boolean().nullable().describe('the adjusted estimate has the sign of the estimate'),
  staysBeyond: z.boolean().nullable().describe('it is on the estimate’s side of b(1 ∓ q); the same as keepsSign for q = 1'),
  staysSignificant: z.boolean().nullable().describe('and differs significantly from that; null when capped'),
  failure: failure.describe('why this row has no numbers'),
});

const oster = z.object({
  r2: z
    .enum(['overall', 'within'])
    .describe('which R²: of all variation, or of what constant, effects and unrelated controls leave'),
  rMax: numeric,
  shortR2: numeric,
  longR2: numeric,
  outcomeVariance: numeric,
  treatmentVariance: numeric,
  residualVariance: numeric,
  deltaStar: numeric,
  betaStar: numeric,
  betaSolutions: z.array(numeric),
  betaDirection: z.boolean().describe('β* lies on from b₁ in the direction in which the controls moved it'),
  betaApproximate: numeric,
  identifiedSet: z.tuple([numeric, numeric]),
  failure,
});

/** What the analysis answers: public, fields are added and never renamed. */
export const sensitivityResult = z.object({
  treatment: z.object({
    term: z.string(),
    estimate: numeric,
    standardError: numeric.describe('classical'),
    statistic: numeric,
    df: numeric.describe('rows − coefficients − effects'),
    pValue: numeric,
    lower: numeric,
    upper: numeric,
    hypothesis: numeric.describe('h₀ = b(1 ∓ q)'),
    statisticOfHypothesis: numeric.describe('(b − h₀)/standard error'),
    significant: z.boolean().describe('classical, H₀ h₀'),
  }),
  statistics,
  errors: z.array(errorOfEstimate).describe('other standard errors of the same estimate'),
  benchmarks: z
    .array(z.object({ name: z.string(), terms: z.array(z.string()), treatment: numeric, outcome: numeric }))
    .describe('partial R² of each benchmark with treatment and outcome'),
  bounds: z.array(bound),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })).describe('controls that cannot be benchmarks'),
  oster: z.array(oster),
  osterRequest: z.object({ delta: numeric, beta: numeric, shortEstimate: numeric, unrelated: z.array(z.string()) }),
  altonjiElderTaber: numeric,
  withoutControls: z.boolean().describe('there is nothing to compare a short regression with'),
  impactThreshold: z.object({
    impact: numeric,
    componentCorrelation: numeric,
    correlation: numeric,
    criticalCorrelation: numeric,
  }),
  replacement: z.object({ threshold: numeric, share: numeric, rows: count }),
  eValue: z.object({
    contrast: numeric,
    outcomeSd: numeric,
    standardised: numeric,
    ratio: numeric,
    lower: numeric,
    upper: numeric,
    estimate: numeric,
    limit: numeric,
  }),
  scenarios: z.array(
    z.object({ outcomeShare: numeric, treatmentShare: numeric.describe('at which the adjusted estimate reaches b(1 ∓ q)') }),
  ),
  request: z.object({ q: numeric, reduce: z.boolean(), level: numeric }),
  variables: z.object({
    outcome: z.string(),
    controls: z.array(z.string()),
    effects: z.array(z.string()),
    collinear: z.array(z.string()),
  }),
  sample: sampleFields.extend({ absorbed: count.describe('degrees of freedom of the effects'), singletons: count }),
  adequacy: z.array(adequacyFields).describe('what the formulas and the errors beside them need, and what there is'),
  verdict: z.array(z.string()),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type SensitivityResult = z.output<typeof sensitivityResult>;
/** The numbers, before they are put in words. */
export type Answers = Omit<SensitivityResult, 'verdict' | 'conventions' | 'warnings'>;
export type SensitivityBound = SensitivityResult['bounds'][number];
export type OsterResult = SensitivityResult['oster'][number];
