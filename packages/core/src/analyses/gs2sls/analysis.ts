import { parseFormula } from '../../formula/parse.js';
import { cutUnits, wholeJob } from '../../job/layout.js';
import { type Cost, defineAnalysis, type InputInfo } from '../analysis.js';
import { weightsMeant } from '../chosen-weights.js';
import { type BootstrapPart, bootstrapReplications, bootstrapSummary, replicationSeconds } from './bootstrap.js';
import { spatialEstimates } from './estimate.js';
import { type Gs2slsParams, gs2slsParams, modelParts } from './params.js';
import { gs2slsReport } from './report.js';
import { checkRequest } from './request.js';
import { type Gs2slsResult, gs2slsResult } from './result.js';
import { spatialSample } from './sample.js';

/** The answer of a job without a bootstrap, or a range of its replications. */
type Gs2slsPart = { readonly result: Gs2slsResult } | { readonly replications: BootstrapPart };

/**
 * Generalised spatial two-stage least squares.
 *
 *   y = ρWy + Xβ + WXθ + Dδ + effects + u,   u = λMu + ε
 */
export const gs2sls = defineAnalysis<Gs2slsParams, null, Gs2slsPart, Gs2slsResult>({
  name: 'gs2sls',
  version: 1,
  title: 'Spatial two-stage least squares',
  about:
    'How much of an effect stays at home and how much spills over to neighbours: spatial lag, Durbin, error and SARAR models by (generalised) ' +
    'spatial two-stage least squares, in one period or a panel with fixed or random effects, with further endogenous regressors and their ' +
    'outside instruments. Direct, indirect and total effects come first, with delta-method and simulated errors; a bootstrap by entity is the heavy ' +
    'form. First stages, effective F, Kleibergen–Paap, Sargan or Hansen, Anderson–Rubin sets and the Anselin–Kelejian test stand beside the ' +
    'columns. Only lags of regressors instrument Wy: when regressors are smooth over space they are weak, most of all with WX in the equation.',
  sources: [
    'Kelejian, H. H. & Prucha, I. R. (1998). A generalized spatial two-stage least squares procedure. Journal of Real Estate Finance and Economics 17, 99–121',
    'Kelejian, H. H. & Prucha, I. R. (1999). A generalized moments estimator for the autoregressive parameter in a spatial model. International Economic Review 40, 509–533',
    'Kelejian, H. H. & Prucha, I. R. (2010). Specification and estimation of spatial autoregressive models with autoregressive and heteroskedastic disturbances. Journal of Econometrics 157, 53–67',
    'Arraiz, I., Drukker, D. M., Kelejian, H. H. & Prucha, I. R. (2010). A spatial Cliff-Ord-type model with heteroskedastic innovations. Journal of Regional Science 50, 592–614',
    'Drukker, D. M., Egger, P. & Prucha, I. R. (2013). On two-step estimation of a spatial autoregressive model with autoregressive disturbances and endogenous regressors. Econometric Reviews 32, 686–733',
    'Mutl, J. & Pfaffermayr, M. (2011). The Hausman test in a Cliff and Ord panel model. Econometrics Journal 14, 48–76: fixed effects',
    'Kapoor, M., Kelejian, H. H. & Prucha, I. R. (2007). Panel data models with spatially correlated error components. Journal of Econometrics 140, 97–130: random effects',
    'LeSage, J. & Pace, R. K. (2009). Introduction to Spatial Econometrics: §2.7 and §5.6 on effects',
    'Kelejian, H. H. & Prucha, I. R. (2007). HAC estimation in a spatial framework. Journal of Econometrics 140, 131–154',
    'Anselin, L. & Kelejian, H. H. (1997). Testing for spatial error autocorrelation in the presence of endogenous regressors. International Regional Science Review 20, 153–182',
  ],
  params: gs2slsParams,
  result: gs2slsResult,
  example: {
    dataset: 'produc.csv',
    weights: { file: 'usa48_queen_edges.csv', options: { kind: 'edge-list' } },
    params: { formula: 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state + year' },
  },

  check: checkRequest,
  cost: costOf,
  plan({ bootstrap: { replications }, models }, { panel }) {
    if (replications === 0) return { context: null, unit: 'models', shards: wholeJob };
    return { context: null, unit: 'replications', shards: cutUnits(replications, replicationSeconds(panel.rows, models)) };
  },
  run(params, inputs, _context, shard, progress, seed) {
    const sample = spatialSample(params, inputs);
    if (params.bootstrap.replications > 0) return { replications: bootstrapReplications(params, sample, shard, seed, progress) };
    const result = spatialEstimates(params, sample, seed);
    progress(1);
    return { result };
  },
  combine(params, inputs, _context, parts, seed) {
    const [first] = parts;
    if ('result' in first) return first.result;
    const result = spatialEstimates(params, spatialSample(params, inputs), seed);
    const drawn = parts.flatMap((part) => ('replications' in part ? [part.replications] : []));
    return { ...result, models: bootstrapSummary(result.models, drawn, params.level) };
  },
  report: gs2slsReport,

  estimates: ({ models: [first], sample: { rows } }) => [
    ...first.coefficients.map(({ term, role: _, ...numbers }) => ({ name: term, ...numbers, rows })),
    ...(first.effects?.variables ?? []).flatMap(({ variable, ...kinds }) =>
      (['direct', 'indirect', 'total'] as const).map((kind) => {
        const { estimate, standardError, statistic, pValue, lower, upper } = kinds[kind];
        return { name: `${kind} effect of ${variable}`, estimate, standardError, statistic, pValue, lower, upper, rows };
      }),
    ),
  ],
});

/** Measured on one core of a 2.6 GHz server. */
function costOf(params: Gs2slsParams, { panel, weights }: InputInfo): Cost {
  const { regressors, endogenous, instruments } = parseFormula(params.formula, '/formula');
  const meant = weightsMeant(params.weights, weights);
  const summary = meant === null ? undefined : weights?.get(meant);
  const perRow = (summary?.links ?? panel.entity.count * 6) / Math.max(1, summary?.units ?? panel.entity.count);
  const columns = 3 * (regressors.length + endogenous.length) + 3 * instruments.length + 2;
  const one = panel.rows * (columns * columns * 1.5e-7 + columns * perRow * 1e-8) + 0.05;
  const errors = params.models.filter((model) => modelParts[model].error).length;
  const estimates = one * (params.models.length + 2 * errors);
  const bootstrap = params.bootstrap.replications * replicationSeconds(panel.rows, params.models);
  const effects = panel.entity.count > 400 ? panel.entity.count * perRow * 2e-6 + 1 : (panel.entity.count / 400) ** 3 * 2;
  const cpuSeconds = estimates + bootstrap + effects + params.draws * params.models.length * 2e-5;
  return {
    cpuSeconds,
    bytes:
      200_000 + 2_000 * columns * params.models.length + params.bootstrap.replications * params.models.length * 8 * 5 * columns,
    arithmetic:
      `${params.models.length} models × ${panel.rows.toLocaleString('en')} rows × ${columns} columns, ${Math.round(perRow * panel.entity.count).toLocaleString('en')} links` +
      `${params.bootstrap.replications > 0 ? `, ${params.bootstrap.replications} replications` : ''} ≈ ${Number(cpuSeconds.toPrecision(2)).toLocaleString('en')} CPU seconds`,
  };
}
