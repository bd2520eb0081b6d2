import { EstimationError } from '../../errors.js';
import { parseFormula } from '../../formula/parse.js';
import { defineAnalysis } from '../analysis.js';
import { conventions } from './conventions.js';
import { estimatesOf } from './estimates.js';
import { methodOf } from './methods/index.js';
import { type ResamplingParams, resamplingParams } from './params.js';
import { attempt, joined, planResampling, type ResamplingContext, type ResamplingPart, readGiven, runUnits } from './plan.js';
import { resamplingReport } from './report.js';
import { checkRequest } from './request.js';
import { type MethodResult, type ResamplingResult, resamplingResult } from './result.js';
import { warningsFor } from './warnings.js';

/**
 * How far a coefficient rests on single entities or periods, on chance, and on asymptotics: leave-one-out, placebo, wild cluster
 * bootstrap, randomisation inference.
 *
 * A unit is one refit or draw.
 */
export const resampling = defineAnalysis<ResamplingParams, ResamplingContext, ResamplingPart, ResamplingResult>({
  name: 'resampling',
  version: 1,
  title: 'Resampling: leave-one-out, placebo, wild cluster bootstrap, randomisation inference',
  about:
    'One coefficient of a pooled or fixed-effects regression, held against other samples and other treatments. leave-one-out: the estimate ' +
    'without each entity, period or region, with the cluster jackknife. placebo-in-space, -in-time, -mixed: fake treatments where there was ' +
    'none, whole paths of entities, as Stata’s didplacebo. wild-bootstrap: p and interval for few clusters. randomization-inference: Fisher’s ' +
    'exact test by permuting whole treatment paths, studentised. Few assignments or vectors of weights are all taken and p is exact. A placebo ' +
    'that finds nothing is no proof: it has the power of the test that it repeats.',
  sources: [
    'Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered errors. Review of Economics and Statistics 90, 414–427',
    'Roodman, D., MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2019). Fast and wild: Bootstrap inference in Stata using boottest. Stata Journal 19, 4–60',
    'Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. Canadian Journal of Economics 56, 839–858',
    'MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for cluster-robust inference. Journal of Applied Econometrics 38: CV3',
    'Chen, Q., Qi, J. & Yan, G. (2025). Placebo tests for difference-in-differences. Management World 2; Stata’s didplacebo 2.0',
    'Young, A. (2019). Channeling Fisher: Randomization tests and the statistical insignificance of seemingly significant experimental results. Quarterly Journal of Economics 134, 557–598',
    'DiCiccio, C. J. & Romano, J. P. (2017). Robust permutation tests for correlation and regression coefficients. JASA 112, 1211–1220',
    'Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular Biology 9(1), 39',
  ],
  params: resamplingParams,
  result: resamplingResult,
  example: {
    dataset: 'grunfeld.csv',
    params: {
      formula: 'log(inv) ~ log(capital) + log(value) | firm + year',
      methods: ['leave-one-out', { method: 'wild-bootstrap', weights: 'webb' }, 'placebo-in-space', 'randomization-inference'],
    },
  },

  check: checkRequest,

  cost(params, { panel }) {
    const formula = parseFormula(params.formula);
    const foreseen = params.methods.map((request) => methodOf(request).foresee(request, panel, params));
    const units = foreseen.reduce((sum, one) => sum + one.units, 0);
    const kernel = panel.entity.count * Math.min(panel.entity.count, formula.regressors.length + panel.time.count);
    return {
      cpuSeconds: 0.05 + foreseen.reduce((sum, one) => sum + one.units * one.seconds, 0),
      bytes: 100_000 + units * 120 + kernel * 24,
      arithmetic: `${units.toLocaleString('en')} refits of ${panel.rows.toLocaleString('en')} rows × ${formula.regressors.length} regressors by ${params.methods.length} ${params.methods.length === 1 ? 'method' : 'methods'}`,
    };
  },

  plan: (params, { panel }) => planResampling(params, panel),

  run: (params, { panel }, context, shard, progress, seed) => runUnits(params, panel, context, shard, progress, seed),

  combine(params, { panel }, context, parts) {
    const given = readGiven(params, panel);
    const { model, full } = given;
    const results: MethodResult[] = [];
    const failures: ResamplingResult['failures'] = [];
    for (const [m, planned] of context.methods.entries()) {
      const request = params.methods[m];
      const found =
        planned.failure !== null
          ? { failure: planned.failure }
          : attempt(() => {
              const { numbers, failures: units } = joined(parts, m);
              return methodOf(request).combine(request, planned.context, given, numbers, units);
            });
      if (found.failure === null) results.push(found.value);
      else failures.push({ number: m + 1, method: request.method, ...found.failure });
    }
    if (results.length === 0) throw new EstimationError(failures[0].code, failures[0].message);
    const { standardError, statistic, df, pValue, lower, upper, clusters, rule } = full.clustered;
    return {
      outcome: model.outcomeName,
      treatment: model.treatmentName,
      controls: [...model.controlNames],
      effects: [...model.effectNames],
      entity: model.entityName,
      time: model.timeName,
      estimate: {
        value: full.estimate,
        clustered: { standardError, statistic, df, pValue, lower, upper, by: model.clusterName, clusters, rule },
        classical: full.classical,
      },
      methods: results,
      failures,
      level: params.level,
      singletons: model.singletons,
      collinear: full.collinear.map((j) => model.controlNames[j]),
      sample: {
        rows: model.sample.rows,
        entities: model.sample.entity.levels,
        periods: model.sample.time.levels,
        dropped: [...model.dropped],
      },
      conventions: conventions(given),
      warnings: warningsFor(given, results, failures),
    };
  },

  report: resamplingReport,

  estimates: estimatesOf,
});
