import { cutUnits, wholeJob } from '../../job/layout.js';
import type { Panel, PanelSummary } from '../../panel/panel.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { mediationOutcome, noBootstrap } from './estimate.js';
import { estimatesOf } from './estimates.js';
import type { Refitted } from './intervals.js';
import { readModel } from './model.js';
import { type MediationParams, mediationParams } from './params.js';
import { pathRefits } from './refits.js';
import { mediationReport } from './report.js';
import { checkRequest, readRequest } from './request.js';
import { type MediationResult, mediationResult } from './result.js';
import { fitSystem } from './system.js';

interface MediationContext {
  /** path coefficients of one refit; 0 without a bootstrap */
  readonly width: number;
  /** draws, then entities to leave out */
  readonly draws: number;
  readonly entities: number;
}

/** Path coefficients of consecutive units by rows. */
type MediationShard = Float64Array;

/** Units between two looks at whether the job is still wanted. */
const together = 64;

/**
 * Mediation and moderation by least squares on one sample. Units are the bootstrap's draws, then the jackknife's entities.
 */
export const mediation = defineAnalysis<MediationParams, MediationContext, MediationShard, MediationResult>({
  name: 'mediation',
  version: 1,
  title: 'Mediation and moderation',
  about:
    'How much of the effect of a treatment passes through one or several mediators, side by side or in a chain: total effect c, paths a and b, ' +
    'direct effect c′, indirect effects a·b, with Sobel, Aroian and Goodman tests, a bootstrap of whole entities (percentile and BCa) and Monte Carlo ' +
    'intervals; pooled or with fixed effects, all equations on the same rows. c = c′ + Σ a·b is asserted. Indirect effects are causal only ' +
    'under sequential ignorability: nothing unobserved moves treatment and outcome, or mediator and outcome, and the second is not granted even by an ' +
    'experiment; the correlation of errors that would undo the effect is given. Beside it the two-step mechanism table, x → m only. Moderation: ' +
    'the slope along a moderator, simple slopes and the Johnson–Neyman region.',
  sources: [
    'Baron, R. M. & Kenny, D. A. (1986). The moderator–mediator variable distinction. Journal of Personality and Social Psychology 51, 1173–1182: the three equations',
    'Sobel, M. E. (1982). Sociological Methodology 13, 290–312; Aroian, L. A. (1947). Annals of Mathematical Statistics 18, 265–271; Goodman, L. A. (1960). JASA 55, 708–713',
    'Preacher, K. J. & Hayes, A. F. (2008). Asymptotic and resampling strategies for assessing and comparing indirect effects. Behavior Research Methods 40, 879–891',
    'Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, §14.3: BCa',
    'MacKinnon, D. P., Lockwood, C. M. & Williams, J. (2004). Multivariate Behavioral Research 39, 99–128: Monte Carlo intervals',
    'Imai, K., Keele, L. & Yamamoto, T. (2010). Identification, inference and sensitivity analysis for causal mediation effects. Statistical Science 25, 51–71, theorem 4',
    'Zhao, X., Lynch, J. G. & Chen, Q. (2010). Reconsidering Baron and Kenny. Journal of Consumer Research 37, 197–206',
    'Jiang, T. (江艇) (2022). Mediating effects and moderating effects in causal inference. China Industrial Economics 5, 100–120: the two-step table',
    'Bauer, D. J. & Curran, P. J. (2005). Probing interactions in fixed and multilevel regression. Multivariate Behavioral Research 40, 373–400: Johnson–Neyman',
  ],
  params: mediationParams,
  result: mediationResult,
  example: {
    dataset: 'produc.csv',
    params: {
      formula: 'log(gsp) ~ log(pcap) + unemp | state + year',
      mediators: ['log(emp)'],
      moderation: { moderator: 'unemp' },
    },
  },

  check: checkRequest,

  cost(params, { panel }) {
    const units = unitsOf(params, panel.entity.count);
    const draws = Math.min(units, params.bootstrap.replications);
    const fits = 3 + 2 * params.mediators.length;
    return {
      cpuSeconds:
        0.05 +
        monteCarloSeconds(params, panel) +
        fits * fitSeconds(params, panel) +
        draws * unitSeconds(params, panel) +
        (units - draws) * leaveOutSeconds(params, panel),
      bytes: 100_000 + units * 8 * (2 + 3 * params.mediators.length + params.mediators.length ** 2),
      arithmetic: `${fits} equations of ${panel.rows.toLocaleString('en')} rows${units > 0 ? ` + ${units.toLocaleString('en')} refits of ${panel.entity.count.toLocaleString('en')} entities` : ''}`,
    };
  },

  plan(params, { panel }) {
    const none = { context: { width: 0, draws: 0, entities: 0 }, unit: 'analysis', shards: wholeJob };
    if (unitsOf(params, panel.entity.labels.length) === 0) return none;
    const { system, model } = readSystem(params, panel);
    const entities = model.named.sample.entity.levels;
    if (noBootstrap(params, entities) !== null) return none;
    const draws = params.bootstrap.replications;
    const sizes = { rows: panel.rows, entity: { count: entities }, time: { count: panel.time.labels.length } };
    // a shard reads the data and fits once before it draws: it should draw for longer than that takes
    const seconds = Math.max(0.5, 3 * (3 + 2 * params.mediators.length) * fitSeconds(params, sizes));
    return {
      context: { width: system.structure.width, draws, entities },
      unit: 'refits',
      shards: [
        ...cutUnits(draws, unitSeconds(params, sizes), seconds),
        ...cutUnits(entities, leaveOutSeconds(params, sizes), seconds).map(({ first, count }) => ({
          first: draws + first,
          count,
        })),
      ],
    };
  },

  run(params, { panel }, { width, draws }, { first, count }, progress, seed) {
    if (width === 0) {
      progress(count);
      return new Float64Array(0);
    }
    const { model, system } = readSystem(params, panel);
    const refits = pathRefits(model, system, seed);
    const numbers = new Float64Array(count * width).fill(Number.NaN);
    for (let unit = first; unit < first + count; unit++) {
      const found = unit < draws ? refits.draw(unit) : refits.without(unit - draws);
      if (found !== null) numbers.set(found, (unit - first) * width);
      if ((unit - first + 1) % together === 0) progress(together);
    }
    progress(count % together);
    return numbers;
  },

  combine(params, { panel }, { width, draws }, parts, seed) {
    let refitted: Refitted | null = null;
    if (width > 0) {
      const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      refitted = { draws: all.subarray(0, draws * width), leftOut: all.subarray(draws * width) };
    }
    return asEstimation(() => mediationOutcome(params, panel, refitted, seed));
  },

  report: mediationReport,

  estimates: estimatesOf,
});

const readSystem = (params: MediationParams, panel: Panel) =>
  asEstimation(() => {
    const model = readModel(params, panel);
    return { model, system: fitSystem(params, model) };
  });

/** Draws, and entities to leave out. */
function unitsOf({ mediators, bootstrap: { replications } }: MediationParams, entities: number): number {
  return mediators.length === 0 || replications === 0 ? 0 : replications + entities;
}

type Sizes = Pick<PanelSummary, 'rows'> & {
  readonly entity: { readonly count: number };
  readonly time: { readonly count: number };
};

/** CPU seconds of one equation; measured on one core at 2.6 GHz. */
function fitSeconds(params: MediationParams, { rows }: Sizes): number {
  const { controls, mediators, formula } = readRequest(params);
  const k = controls.length + mediators.length + 2;
  return 5e-4 + rows * (1.5e-7 * k + 6e-8 * k * formula.effects.length ** 2 + 4e-9 * k * k * (2 + params.covariance.length));
}

/** CPU seconds of the Monte Carlo draws: so many normals, with few entities those of χ² too. */
function monteCarloSeconds({ mediators, monteCarlo: { draws } }: MediationParams, { entity }: Sizes): number {
  const paths = 1 + 2 * mediators.length + mediators.length ** 2 / 2;
  return mediators.length === 0 ? 0 : draws * (paths + (entity.count <= 200 ? entity.count : 0)) * 1.2e-7;
}

/** CPU seconds of one draw: of all equations sums over entities and a factorisation. */
function unitSeconds(params: MediationParams, sizes: Sizes): number {
  const { columns, width, periods } = widths(params, sizes);
  const sums = periods > 0 ? columns * (columns / 2 + periods) : ((width + 1) * (width + 2)) / 2;
  const { count } = sizes.entity;
  return count * (4e-8 + (params.mediators.length + 1) * sums * 2e-9) + leaveOutSeconds(params, sizes);
}

/** The same without the sums over entities. */
function leaveOutSeconds(params: MediationParams, sizes: Sizes): number {
  const { columns, width, periods } = widths(params, sizes);
  return 1e-6 + (params.mediators.length + 1) * (2e-6 + width ** 3 * 1e-9 + columns * columns * periods * 2e-9);
}

/** Columns of an equation, with dummies of periods where they move with the draw; `periods` where these go by means. */
function widths(params: MediationParams, { rows, entity, time }: Sizes) {
  const { controls, mediators, formula } = readRequest(params);
  const columns = controls.length + mediators.length + 2;
  if (formula.effects.length < 2) return { columns, width: columns, periods: 0 };
  const balanced = rows === entity.count * time.count;
  return balanced
    ? { columns, width: columns, periods: time.count }
    : { columns, width: columns + Math.min(400, time.count), periods: 0 };
}
