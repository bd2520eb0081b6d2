import { cutUnits, wholeJob } from '../../job/layout.js';
import { summarizeWeights } from '../../weights/summary.js';
import type { Weights } from '../../weights/weights.js';
import { defineAnalysis, type Inputs } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { globalResults, localResults } from './estimate.js';
import { type Fields, spatialFields, termColumns } from './fields.js';
import { type SpatialTestsParams, spatialTestsParams } from './params.js';
import { joinParts, type PermutationPart, permuteFields } from './permute.js';
import { regressionTests } from './regression.js';
import { spatialTestsReport } from './report.js';
import { alignedWeights, checkRequest, costOf, lastValues, permutationSeconds } from './request.js';
import { type SpatialTestsResult, spatialTestsResult } from './result.js';
import { conventionsOf, verdictOf } from './verdict.js';

interface SpatialContext {
  readonly fields: Fields;
  /** everything of the result but what permutations tell */
  readonly rest: Pick<SpatialTestsResult, 'weights' | 'regression' | 'places' | 'warnings'>;
}

/**
 * Tests of spatial association: of variables, period by period, and of a regression's residuals.
 *
 * A unit of work is one permutation of every variable in every period.
 */
export const spatialTests = defineAnalysis<SpatialTestsParams, SpatialContext, PermutationPart, SpatialTestsResult>({
  name: 'spatial-tests',
  version: 1,
  title: 'Spatial association and LM tests',
  about:
    'Are neighbours alike, where, and which spatial model does a regression ask for? Moran’s I and Geary’s C in every period under ' +
    'normality, randomisation and permutation; local Moran statistics with permutation p-values and their classes; after a pooled, within ' +
    'or two-way regression Moran’s I of the residuals, the LM tests of lag and error with their robust forms, and those of WX and the ' +
    'spatial Durbin model. Local p-values are many tests at once: adjust them before a single unit is called a cluster.',
  sources: [
    'Cliff, A. D. & Ord, J. K. (1981). Spatial Processes: §1.5 (I and C), §8.3 (residuals)',
    'Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27, 93–115',
    'Anselin, L., Bera, A. K., Florax, R. & Yoon, M. J. (1996). Simple diagnostic tests for spatial dependence. Regional Science and Urban Economics 26, 77–104',
    'Koley, M. & Bera, A. K. (2024). To use, or not to use the spatial Durbin model? Spatial Economic Analysis 19, 30–56',
    'Benjamini, Y. & Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57, 289–300: adjustment of local p-values',
  ],
  params: spatialTestsParams,
  result: spatialTestsResult,
  example: {
    dataset: 'produc.csv',
    weights: { file: 'usa48_queen_edges.csv', options: { kind: 'edge-list' } },
    params: { variables: ['unemp'], formula: 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state' },
  },

  check: checkRequest,
  cost: costOf,

  plan(params, inputs) {
    const context = contextOf(params, inputs);
    if (params.permutations === 0 || context.fields.fields.length === 0) return { context, unit: 'data sets', shards: wholeJob };
    const { fields, matrices } = context.fields;
    const sizes = fields.map(({ matrix, local }) => ({
      units: matrices[matrix].units.length,
      links: matrices[matrix].columns.length,
      local,
    }));
    return { context, unit: 'permutations', shards: cutUnits(params.permutations, permutationSeconds(sizes)) };
  },

  run({ permutations }, _inputs, { fields }, shard, progress, seed) {
    if (permutations > 0 && fields.fields.length > 0) return permuteFields(fields, shard, seed, progress);
    progress(1);
    return joinParts([], fields.fields);
  },

  combine(params, { panel }, { fields, rest }, parts) {
    const joined = joinParts(parts, fields.fields);
    const global = globalResults(fields, joined, params.permutations);
    return {
      weights: rest.weights,
      global,
      local: localResults(fields, joined, panel.entity.labels, params),
      regression: rest.regression,
      places: rest.places,
      level: params.local.level,
      verdict: verdictOf(global, rest.regression),
      conventions: conventionsOf(params, rest.regression),
      warnings: rest.warnings,
    };
  },

  report: spatialTestsReport,
});

function contextOf(params: SpatialTestsParams, inputs: Inputs): SpatialContext {
  const { panel } = inputs;
  const { name, chosen, named } = alignedWeights(params, inputs);
  return asEstimation(() => {
    const regression = params.formula === undefined ? null : regressionTests(params.formula, panel, named, chosen);
    const columns = [...termColumns(params.variables, panel, named), ...(regression === null ? [] : [regression.residuals])];
    const fields = spatialFields(columns, panel, chosen, params.local.periods);
    const [x, y] = termColumns(params.places ?? [], panel, named).map(({ values }) => lastValues(values, panel));
    const { kind, normalisation, units, links, islands, components, notes } = summarizeWeights(chosen);
    const warnings = [...fields.skipped, ...(regression?.notes ?? []), ...warningsOf(params, chosen)];
    return {
      fields,
      rest: {
        weights: {
          name,
          kind,
          normalisation,
          units,
          links,
          islands: { ...islands, labels: [...islands.labels] },
          components,
          notes: [...notes],
        },
        regression: regression?.result ?? null,
        places: x === undefined ? null : panel.entity.labels.map((label, e) => ({ label, x: x[e], y: y[e] })),
        warnings,
      },
    };
  });
}

function warningsOf({ permutations, local }: SpatialTestsParams, { labels, about }: Weights): string[] {
  const least = (local.p === 'two-sided' ? 2 : 1) / (permutations + 1);
  const sharpest = local.adjust === 'none' ? local.level : local.level / labels.length;
  return [
    ...(labels.length < 30
      ? [`${labels.length} units: moments under normality are rough below 30; read the permutation p.`]
      : []),
    ...(permutations > 0 && least > sharpest
      ? [
          `${permutations} permutations cannot give a p below ${least.toPrecision(2)}: with ${labels.length} units adjusted by ${local.adjust} take more.`,
        ]
      : []),
    ...(about.normalisation === 'none' ? ['The weights are not normalised: the slope of the Moran scatter is not I.'] : []),
  ];
}
