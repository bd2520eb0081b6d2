import { z } from 'zod';
import { covarianceParam } from '../../panel-models/covariance-param.js';
import { formulasParam, samplesParam } from '../sweep/params.js';

/** More specifications than this make no curve that anybody could read; the joint tests fit each of them again in every draw. */
export const mostSpecifications = 20_000;

const draws = z.int().min(0).max(100_000);

export const specCurveParams = z.strictObject({
  formulas: formulasParam,
  samples: samplesParam,
  covariance: covarianceParam,
  singletons: z.enum(['drop', 'keep']).default('drop').describe('As in panel-regression.'),
  main: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Choices of the specification to mark in the curve: `{ "effects": "state + year", "controls": "log(pc) + unemp" }`.',
    ),
  level: z.number().gt(0).lt(1).default(0.05).describe('A p-value below this counts as significant.'),
  inference: z
    .strictObject({
      permutations: draws
        .default(499)
        .describe('Curves with the treatment’s paths handed to other entities (to other rows, with one period).'),
      bootstrap: draws
        .default(499)
        .describe('Curves with an outcome on which the treatment has no effect by construction (wild, by entity).'),
    })
    .default({ permutations: 499, bootstrap: 499 })
    .describe('Draws of the joint tests that no specification has an effect; 0 leaves one out.'),
});

export type SpecCurveParams = z.output<typeof specCurveParams>;
