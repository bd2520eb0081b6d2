import { z } from 'zod';
import { count, numeric } from '../fields.js';

const spread = z.object({ sd: numeric, min: numeric, max: numeric });

const variable = z.object({
  name: z.string(),
  n: count,
  missing: count.describe('rows without a value'),
  entities: count,
  periodsPerEntity: numeric.describe('n / entities'),
  mean: numeric,
  median: numeric,
  sd: numeric.describe('divisor n − 1'),
  min: numeric,
  max: numeric,
  sum: numeric,
  sumOfSquares: numeric.describe('Σ (x − x̄)²'),
  quantiles: z.array(z.object({ share: z.number(), value: numeric })),
  skewness: numeric.describe('m₃ / m₂^1.5, divisor n'),
  kurtosis: numeric.describe('m₄ / m₂², divisor n; 3 for the normal'),
  jarqueBera: z.object({ statistic: numeric, pValue: numeric }),
  overall: spread,
  between: spread.describe('of entity means'),
  within: spread.describe('of x − x̄_i + x̄'),
  histogram: z.object({ from: numeric, width: numeric, counts: z.array(count) }),
});

/** What the analysis answers: public, fields are added and never renamed. */
export const describeResult = z.object({
  variables: z.array(variable),
  pattern: z.object({
    entities: count,
    periods: z.array(z.string()),
    balanced: z.boolean(),
    perEntity: z.object({ min: count, median: numeric, max: count }),
    perPeriod: z.array(count).describe('entities observed in each period'),
    patterns: z
      .array(z.object({ pattern: z.string(), entities: count, examples: z.array(z.string()) }))
      .describe('the most frequent'),
    otherPatterns: count.describe('patterns not listed'),
    cells: z
      .array(z.object({ entity: z.string(), pattern: z.string() }))
      .describe('entities with their periods, for the picture; empty when there are too many to see'),
  }),
  conventions: z.array(z.string()),
  warnings: z.array(z.string()),
});

export type DescribeResult = z.output<typeof describeResult>;
export type DescribedVariable = DescribeResult['variables'][number];
