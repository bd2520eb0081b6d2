import { z } from 'zod';
import type { Grouping } from '../effects/grouping.js';
import { type CovarianceChoice, smallSampleRules } from './fit-covariance.js';

const smallSample = z
  .enum(smallSampleRules)
  .default('stata')
  .describe(
    'Whose small-sample factor. stata: G/(G−1)·(n−1)/(n−k), effects nested in a cluster not counted (xtreg, reghdfe; also fixest with ' +
      'one-way clusters), each term of a two-way covariance with its own G. fixest: the smaller G in every term. areg: all effects ' +
      'counted. plm: its sss. linearmodels: n/(n−k). none: CR0.',
  );

const columnName = z.string().min(1);

const choice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['classical', 'hc0', 'hc1', 'hc2', 'hc3']) }),
  z.strictObject({
    kind: z.literal('cluster'),
    by: z
      .array(columnName)
      .min(1)
      .max(2)
      .default(['entity'])
      .describe('One column or two to cluster by; the words entity and time name the panel’s own.'),
    smallSample,
  }),
  z.strictObject({
    kind: z.literal('driscoll-kraay'),
    lag: z.int().min(0).max(200).optional().describe('Left out: ⌊4 (T/100)^(2/9)⌋, as xtscc.'),
    smallSample,
  }),
  z.strictObject({ kind: z.literal('cluster-jackknife'), by: z.array(columnName).length(1).default(['entity']) }),
]);

const bootstrap = z.strictObject({
  kind: z.literal('bootstrap'),
  replications: z
    .int()
    .min(19)
    .max(1_000_000)
    .default(999)
    .describe('Draws B of N entities with replacement; (B + 1)·α/2 a whole number keeps percentile bounds exact.'),
});

const kinds = ['cluster', 'classical', 'hc0', 'hc1', 'hc2', 'hc3', 'driscoll-kraay', 'cluster-jackknife'] as const;
const oneCovariance = z.union([z.enum(kinds).transform((kind) => choice.parse({ kind })), choice]);

/** Covariance estimators of a request: by their names, or as objects with clusters, lag and small-sample rule. */
export const covarianceParam = z
  .union([oneCovariance.transform((one) => [one]), z.array(oneCovariance).min(1).max(16)])
  .default([{ kind: 'cluster', by: ['entity'], smallSample: 'stata' }])
  .describe(
    'Standard errors, one kind or several side by side: cluster, classical, hc0 to hc3, driscoll-kraay, cluster-jackknife (CV3); ' +
      'cluster takes one column or two. The first fills the main cells and decides the stars.',
  );

const regressionKinds = [...kinds, 'bootstrap'] as const;
const regressionChoice = z.discriminatedUnion('kind', [...choice.options, bootstrap]);
const oneOfRegression = z.union([
  z.enum(regressionKinds).transform((kind) => regressionChoice.parse({ kind })),
  regressionChoice,
]);

/** The same with the bootstrap of whole entities, whose draws are shards of the job. */
export const regressionCovarianceParam = z
  .union([oneOfRegression.transform((one) => [one]), z.array(oneOfRegression).min(1).max(16)])
  .default([{ kind: 'cluster', by: ['entity'], smallSample: 'stata' }])
  .refine((all) => all.filter(({ kind }) => kind === 'bootstrap').length <= 1, 'ask for the bootstrap once')
  .describe(
    'Standard errors, one kind or several side by side: cluster, classical, hc0 to hc3, driscoll-kraay, cluster-jackknife (CV3), ' +
      'bootstrap (pairs cluster bootstrap: entities drawn with replacement, the model fitted again; standard errors, percentile ' +
      'intervals); cluster takes one column or two. The first fills the main cells and decides the stars.',
  );

export type BootstrapRequest = z.output<typeof bootstrap>;
export type CovarianceRequest = z.output<typeof choice>;

/** Columns whose levels the request needs. */
export function clusterNames(requests: readonly (CovarianceRequest | BootstrapRequest)[]): string[] {
  return [...new Set(requests.flatMap((request) => ('by' in request ? request.by : [])))];
}

/** The request with its clusters as codes. */
export function covarianceChoice(request: CovarianceRequest, grouping: (name: string) => Grouping): CovarianceChoice {
  switch (request.kind) {
    case 'cluster':
      return { kind: 'cluster', clusters: request.by.map(grouping), smallSample: request.smallSample };
    case 'cluster-jackknife':
      return { kind: 'cluster-jackknife', clusters: [grouping(request.by[0])] };
    default:
      return request;
  }
}

const words: Record<CovarianceRequest['kind'] | 'bootstrap', string> = {
  bootstrap: 'bootstrap of entities',
  classical: 'classical',
  hc0: 'HC0',
  hc1: 'HC1',
  hc2: 'HC2',
  hc3: 'HC3',
  cluster: 'clustered',
  'driscoll-kraay': 'Driscoll–Kraay',
  'cluster-jackknife': 'cluster jackknife CV3',
};

/** `clustered by firm and year`. */
export function covarianceLabel(
  request: CovarianceRequest | BootstrapRequest,
  own: { readonly entity: string; readonly time: string },
): string {
  if (!('by' in request)) return words[request.kind];
  const names = request.by.map((name) => (name === 'entity' ? own.entity : name === 'time' ? own.time : name));
  return `${words[request.kind]} by ${names.join(' and ')}`;
}
