import { z } from 'zod';
import { mediationKinds } from '../../mediation/paths.js';
import { adequacyFields, count, numeric, sampleFields } from '../fields.js';
import { mediationParams } from './params.js';

const test = z.object({
  standardError: numeric,
  statistic: numeric,
  df: numeric.describe('of t; infinite is the normal'),
  pValue: numeric.describe('two-sided'),
  lower: numeric,
  upper: numeric,
});
export type TestNumbers = z.output<typeof test>;

const interval = z.object({ lower: numeric, upper: numeric });

const coefficient = z.object({
  term: z.string(),
  estimate: numeric,
  ...test.shape,
  alternatives: z.array(z.object({ covariance: z.int().min(1).describe('place in covariances'), ...test.shape })),
});

const equation = z.object({
  outcome: z.string(),
  coefficients: z.array(coefficient),
  collinear: z.array(z.string()).describe('controls without a coefficient'),
  residualDf: numeric,
  sigma: numeric.describe('√(SSR/df)'),
  rSquared: z.object({
    model: numeric.describe('within effects, where there are any'),
    lsdv: numeric.describe('with the dummies; null without effects'),
  }),
  covariances: z.array(z.object({ label: z.string(), rule: z.string(), clusters: z.array(count) })),
});
export type EquationResult = z.output<typeof equation>;

const effect = z.object({
  name: z.string(),
  role: z.enum(['total', 'direct', 'indirect', 'total-indirect', 'contrast']),
  through: z.array(z.string()).describe('mediators passed, in order'),
  estimate: numeric,
  tests: z.array(
    z.object({
      covariance: z.int().min(0).describe('place in covariances'),
      method: z.enum(['wald', 'sobel', 'aroian', 'goodman', 'delta']),
      ...test.shape,
    }),
  ),
  bootstrap: z
    .object({
      mean: numeric,
      standardError: numeric,
      percentile: interval,
      bca: interval.nullable().describe('null where it cannot be had: see bootstrap.bca'),
      pValue: numeric.describe('two-sided, (1 + k)/(B + 1)'),
    })
    .nullable(),
  monteCarlo: z.object({ standardError: numeric, ...interval.shape }).nullable(),
});
export type EffectResult = z.output<typeof effect>;

const sensitivity = z.object({
  correlationAtZero: numeric.describe('ρ̃ at which the indirect effect is zero'),
  notSignificant: z
    .object({ from: numeric, to: numeric })
    .nullable()
    .describe('ρ at which its interval covers zero, about ρ̃; null when it does so nowhere in (−.95, .95)'),
  shareOfResidual: numeric.describe('R²*_M R²*_Y = ρ̃²: of what is left of mediator and outcome'),
  shareOfTotal: numeric.describe('(1 − R²_M)(1 − R²_Y) ρ̃²'),
  curve: z.array(z.object({ rho: numeric, estimate: numeric, lower: numeric, upper: numeric })),
});
export type RhoSensitivity = z.output<typeof sensitivity>;

const moderation = z.object({
  moderator: z.string(),
  interaction: z.string(),
  equation,
  slopes: z.array(z.object({ at: z.string(), value: numeric, estimate: numeric, ...test.shape })),
  johnsonNeyman: z.object({
    bounds: z.array(numeric),
    ranges: z.array(
      z.object({
        from: numeric.describe('infinite: open'),
        to: numeric,
        sign: z.literal([-1, 1]),
        rows: count.describe('rows with w in it'),
      }),
    ),
  }),
  range: z.object({ min: numeric, max: numeric }).describe('of the moderator'),
  curve: z.array(z.object({ value: numeric, estimate: numeric, lower: numeric, upper: numeric })),
});
export type ModerationResult = z.output<typeof moderation>;

const mediation = z.object({
  kind: z.enum(mediationKinds),
  total: equation,
  mechanism: z.array(equation).describe('mediators on the treatment alone'),
  mediators: z.array(equation).describe('equations of the paths to mediators'),
  outcome: equation,
  effects: z.array(effect),
  interactions: z
    .array(z.object({ term: z.string(), estimate: numeric, ...test.shape }))
    .describe(
      'treatment × mediator added to the outcome’s equation, one mediator at a time: direct and indirect effects assume none',
    ),
  identity: z.object({
    total: numeric,
    sum: numeric.describe('c′ + Σ indirect'),
    gap: numeric,
    holds: z.boolean().describe('to rounding; false only where the mediators’ equations have other controls'),
  }),
  share: z.object({
    ratio: numeric.describe('indirect / total, whatever it means'),
    value: numeric.nullable().describe('share mediated; null where why says so'),
    why: z.string().nullable(),
  }),
  classification: z.enum(['complementary', 'competitive', 'indirect-only', 'direct-only', 'none']),
  bootstrap: z
    .object({
      replications: count,
      unidentified: count.describe('draws that do not identify every path: passed over'),
      entities: count,
      bca: z.string().nullable().describe('why there are no BCa intervals; null where there are'),
    })
    .nullable(),
  noBootstrap: z.string().nullable().describe('why there is none though it was asked for'),
  sensitivity: sensitivity.nullable(),
  noSensitivity: z.string().nullable(),
});
export type MediationPart = z.output<typeof mediation>;

export const mediationResult = z.object({
  outcome: z.string(),
  treatment: z.string(),
  mediators: z.array(z.string()),
  controls: z.array(z.string()),
  mediatorControls: z.array(z.string()).nullable(),
  effects: z.array(z.string()),
  covariances: z.array(z.object({ kind: z.string(), label: z.string() })),
  mediation: mediation.nullable(),
  moderation: moderation.nullable(),
  level: z.number(),
  sample: sampleFields,
  singletons: count,
  binary: z.array(z.string()).describe('outcome and mediators that take two values: linear probability models'),
  adequacy: z.array(adequacyFields),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
  panel: z.object({ entity: z.string(), time: z.string() }),
  table: mediationParams.shape.table,
});
export type MediationResult = z.output<typeof mediationResult>;
