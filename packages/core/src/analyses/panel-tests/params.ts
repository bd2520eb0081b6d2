import { z } from 'zod';
import { formulaParam } from '../../formula/schema.js';
import { varianceComponentsParam } from '../../panel-models/variance-components-param.js';

/** Stored in jobs and results: never rename. In the order of the battery. */
export const panelTestNames = [
  'effects-f',
  'breusch-pagan-lm',
  'hausman',
  'wooldridge',
  'modified-wald',
  'white',
  'breusch-pagan',
  'pesaran-cd',
] as const;
export type PanelTestName = (typeof panelTestNames)[number];

const unique = (items: readonly unknown[]) => new Set(items).size === items.length;

export const panelTestsParams = z.strictObject({
  formula: formulaParam.describe(
    'The model that is questioned: `y ~ x1 + x2`, or with the effects it would have, `y ~ x1 + x2 | firm + year`. Effects may be the ' +
      'entity’s and the period’s; without any, entity effects are taken as the alternative to pooling. With period effects every test ' +
      'but those of effects and of pooled residuals has period dummies.',
  ),
  tests: z
    .union([
      z.enum(panelTestNames).transform((one) => [one]),
      z.array(z.enum(panelTestNames)).min(1).refine(unique, 'name each test once'),
    ])
    .default([...panelTestNames])
    .describe(
      'One test, several, or (left out) the battery: effects-f (F for effects), breusch-pagan-lm (random effects against none), hausman ' +
        '(classic, sigmamore, sigmaless, and Mundlak with clustered errors), wooldridge (serial correlation), modified-wald ' +
        '(variances that differ between entities), white and breusch-pagan (variances that move with regressors), pesaran-cd ' +
        '(dependence between entities).',
    ),
  varianceComponents: varianceComponentsParam.describe('Variance components of the random effects in the Hausman tests.'),
  alpha: z.number().gt(0).lt(0.5).default(0.05).describe('Level that the verdict holds p-values against.'),
});

export type PanelTestsParams = z.output<typeof panelTestsParams>;
