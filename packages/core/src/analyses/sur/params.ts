import { z } from 'zod';
import { formulaParam } from '../../formula/schema.js';
import { residualDivisors } from '../../seemingly-unrelated/residual-covariance.js';
import { confidenceLevel } from '../fields.js';

/** Stored in params: never rename. */
export const surPrograms = ['spillway', 'stata', 'r'] as const;
export type SurProgram = (typeof surPrograms)[number];

/** More equations than this are no system that a panel's rows can tell apart. */
export const mostEquations = 50;

const name = z.string().min(1).max(200);
const testText = z.string().min(1).max(2_000);

export const surParams = z.strictObject({
  equations: z
    .array(z.union([formulaParam, z.strictObject({ name, formula: formulaParam })]))
    .min(2, 'a system has at least 2 equations')
    .max(mostEquations)
    .optional()
    .describe(
      'One formula an equation, on the same rows of the panel: `["inner ~ d + x | province", "outer ~ d + x + z | province"]`, or ' +
        '`{ "name", "formula" }`; names are the outcomes’ otherwise. Effects must be the same in all. Give this, or formula and by.',
    ),
  formula: formulaParam
    .optional()
    .describe('The one formula of every equation when equations are entities or periods; no effects.'),
  by: z
    .string()
    .min(1)
    .optional()
    .describe('With formula: entity (or its column) for one equation each entity, rows matched by period; time for the reverse.'),
  levels: z
    .array(z.string().min(1))
    .min(2, 'a system has at least 2 equations')
    .max(mostEquations)
    .optional()
    .describe('Which entities (periods) have an equation, in this order. Left out: all.'),
  iterate: z
    .boolean()
    .default(false)
    .describe('Repeat until nothing moves; with the divisor n that is maximum likelihood. false: two steps.'),
  maxIterations: z.int().min(2).max(10_000).default(1_000).describe('Steps of the iteration before it is given up.'),
  program: z
    .enum(surPrograms)
    .default('spillway')
    .describe(
      'Whose conventions. spillway: geomean divisor, t with the equation’s residual degrees of freedom, F. stata (sureg): divisor n, z, χ². ' +
        'r (systemfit): geomean, t, Theil’s F.',
    ),
  residualCovariance: z
    .enum(residualDivisors)
    .optional()
    .describe(
      'Divisor of residual products, p the coefficients of an equation with its effects. n; geomean: √((n − p_i)(n − p_j)) (Stata’s dfk); ' +
        'max: n − max(p_i, p_j); theil: unbiased, not always definite. Left out: the program’s.',
    ),
  tests: z
    .array(z.union([testText, z.strictObject({ name, test: testText })]))
    .max(100)
    .optional()
    .describe(
      'Cross-equation Wald tests: equalities of coefficients joined by `;`, as `[inner]d = [outer]d; [inner]x = 2 * [outer]x`. A bare name ' +
        'is one value in every equation. Left out: each slope that equations share, and all of them.',
    ),
  cluster: z
    .string()
    .min(1)
    .nullable()
    .optional()
    .describe(
      'Column whose levels are clusters of a second set of errors, robust across rows of a cluster and across equations. Left out: entity ' +
        'with equations, none with by. null: none.',
    ),
  level: confidenceLevel.default(0.95).describe('Coverage of the confidence intervals.'),
});

export type SurParams = z.output<typeof surParams>;
