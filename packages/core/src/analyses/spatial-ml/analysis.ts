import { parseFormula } from '../../formula/parse.js';
import { wholeJob } from '../../job/layout.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { mlEstimates } from './estimate.js';
import { mlParts, type SpatialMlParams, spatialMlParams } from './params.js';
import { spatialMlReport } from './report.js';
import { checkRequest } from './request.js';
import { type SpatialMlResult, spatialMlResult } from './result.js';
import { mlSample } from './sample.js';

/**
 * Spatial panel and cross-section models by (quasi) maximum likelihood.
 *
 *   y = ρWy + Xβ + WXθ + effects + u,   u = λMu + ε
 */
export const spatialMl = defineAnalysis<SpatialMlParams, null, SpatialMlResult, SpatialMlResult>({
  name: 'spatial-ml',
  version: 1,
  title: 'Spatial panel models by maximum likelihood',
  about:
    'How much of an effect stays at home and how much spills over to neighbours: spatial lag (SAR), Durbin (SDM), error (SEM, SDEM) and SARAR models ' +
    'by maximum likelihood, in one period or a panel with entity, time or both effects, which are transformed out as Lee & Yu (2010) show, for ' +
    'direct estimates are biased in short panels. Direct, indirect and total effects come first, with delta-method and simulated errors; then the ' +
    'columns beside the model without spatial terms, and the likelihood-ratio and Wald tests of SDM against SAR and SEM. Errors are taken to be alike ' +
    'in all units: gs2sls has robust errors, endogenous regressors and any number of units. Random entity effects, gaps by submatrix and clustered ' +
    'errors are options.',
  sources: [
    'Ord, K. (1975). Estimation methods for models of spatial interaction. Journal of the American Statistical Association 70, 120–126: log|I − ρW| by eigenvalues',
    'Anselin, L. (1988). Spatial Econometrics: Methods and Models, ch. 6: the information matrix',
    'Lee, L. & Yu, J. (2010). Estimation of spatial autoregressive panel data models with fixed effects. Journal of Econometrics 154, 165–185: the transformations and the bias correction',
    'Elhorst, J. P. (2014). Spatial Econometrics: From Cross-Sectional Data to Spatial Panels, chs. 2–3',
    'LeSage, J. & Pace, R. K. (2009). Introduction to Spatial Econometrics: §2.7 and §5.6 on effects',
    'Breusch, T. S. (1987). Maximum likelihood estimation of random effects models. Journal of Econometrics 36, 383–389',
    'Burridge, P. (1981). Testing for a common factor in a spatial autoregression model. Environment and Planning A 13, 795–800',
  ],
  params: spatialMlParams,
  result: spatialMlResult,
  example: {
    dataset: 'produc.csv',
    weights: { file: 'usa48_queen_edges.csv', options: { kind: 'edge-list' } },
    params: { formula: 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state + year' },
  },

  check: checkRequest,
  cost: costOf,
  plan: () => ({ context: null, unit: 'models', shards: wholeJob }),
  run(params, inputs, _context, _shard, progress, seed) {
    const result = mlEstimates(params, mlSample(params, inputs), seed);
    progress(1);
    return result;
  },
  combine: (_params, _inputs, _context, [result]) => result,
  report: spatialMlReport,

  estimates: ({ models: [first], sample: { rows } }) => [
    ...first.coefficients.map(({ term, role: _, ...numbers }) => ({ name: term, ...numbers, rows })),
    ...(first.lambda === null ? [] : [{ name: 'λ (spatial error)', ...first.lambda, rows }]),
    ...(first.effects?.variables ?? []).flatMap(({ variable, ...kinds }) =>
      (['direct', 'indirect', 'total'] as const).map((kind) => {
        const { simulated: _, ...numbers } = kinds[kind];
        return { name: `${kind} effect of ${variable}`, ...numbers, rows };
      }),
    ),
  ],
});

/**
 * Eigenvalues for the effects up to 400 units; above 200, and with units that come and go, factors of I − ρW and solutions for each unit.
 * Measured on one core of a 2.6 GHz server.
 */
function costOf(params: SpatialMlParams, { panel }: InputInfo): Cost {
  const { regressors } = parseFormula(params.formula, '/formula');
  const units = panel.balanced ? panel.entity.count : panel.rows;
  const spatial = params.models.filter((model) => mlParts[model].lag || mlParts[model].error).length;
  const random = params.effects === 'random' ? 10 : 1;
  const columns = 4 * (regressors.length + 1) + 2;
  const likelihoods = spatial * random * 4 * (units / 3_000) ** 2;
  const effects = 1.2 * (Math.min(units, 400) / 400) ** 3;
  const cpuSeconds =
    0.05 + likelihoods + effects + params.models.length * (random * panel.rows * columns * columns * 2e-8 + params.draws * 2e-5);
  return {
    cpuSeconds,
    bytes: 100_000 + 3_000 * columns * params.models.length + 200 * panel.entity.count * params.models.length,
    arithmetic: `${params.models.length} models × ${panel.rows.toLocaleString('en')} rows × ${columns} columns, factors of ${units.toLocaleString('en')} units ≈ ${Number(cpuSeconds.toPrecision(2)).toLocaleString('en')} CPU seconds`,
  };
}
