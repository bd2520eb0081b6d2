import type { Problem } from '../../errors.js';
import { checkFormula, meanings } from '../../formula/names.js';
import { parseFormula } from '../../formula/parse.js';
import { cutUnits, wholeJob } from '../../job/layout.js';
import type { PanelSummary } from '../../panel/panel.js';
import { PhiloxStream } from '../../random/stream.js';
import { didYouMean } from '../../suggest.js';
import { defineAnalysis } from '../analysis.js';
import { asEstimation } from '../as-estimation.js';
import { estimatorOf } from './group-model.js';
import { type GroupDifferenceParams, type GroupEstimator, groupDifferenceParams, mostEnumerated } from './params.js';
import { drawLabeling, labelingOfRank, statisticsOf } from './permutation.js';
import { type GroupDifferenceContext, planDifference } from './plan.js';
import { makePermuter, type Permutable, type PermutationContext } from './prepare-permutation.js';
import { groupDifferenceReport } from './report.js';
import { type GroupDifferenceResult, groupDifferenceResult } from './result.js';

/** Statistics of the shard's labelings, one after another. */
interface PermutationPart {
  readonly statistics: Float64Array;
}

/** Ties and rounding: a statistic this near the observed one counts as equal to it. */
const tie = 1e-9;

/**
 * Do slopes differ between two groups? Interactions, Chow, errors across both regressions, and a permutation test.
 *
 * A unit is one labeling.
 */
export const groupDifference = defineAnalysis<
  GroupDifferenceParams,
  GroupDifferenceContext,
  PermutationPart,
  GroupDifferenceResult
>({
  name: 'group-difference',
  version: 1,
  title: 'Differences of slopes between groups',
  about:
    'Whether slopes of a linear model (pooled, any fixed effects, between, first differences, random effects, two-stage least squares) ' +
    'differ between two groups of rows, by five roads: separate regressions ' +
    'with Clogg’s z, interactions with any covariance, Chow’s F, errors clustered across both regressions (suest), and Fisher’s ' +
    'permutation of whole entities with studentised differences, exact when all labelings can be enumerated. A slope that is ' +
    'significant in one group and not in the other is no evidence of a difference; these tests are.',
  sources: [
    'Clogg, C. C., Petkova, E. & Haritou, A. (1995). Statistical methods for comparing regression coefficients between models. American Journal of Sociology 100, 1261–1293',
    'Chow, G. C. (1960). Tests of equality between sets of coefficients in two linear regressions. Econometrica 28, 591–605',
    'Weesie, J. (1999). Seemingly unrelated estimation and the cluster-adjusted sandwich estimator. Stata Technical Bulletin 52',
    'DiCiccio, C. J. & Romano, J. P. (2017). Robust permutation tests for correlation and regression coefficients. JASA 112, 1211–1220',
  ],
  params: groupDifferenceParams,
  result: groupDifferenceResult,
  example: {
    dataset: 'produc.csv',
    params: { formula: 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state', group: 'region', levels: ['1', '5'] },
  },

  check: (params, { panel, limits }) => checkRequest(params, panel, limits?.replications),

  cost(params, { panel }) {
    const formula = parseFormula(params.formula);
    const estimator = estimatorOf(params, formula);
    const k = formula.regressors.length + formula.endogenous.length;
    const labelings = params.permutation.replications === 0 ? 0 : Math.max(params.permutation.replications, mostEnumerated);
    const width = k + (formula.effects.length > 1 ? panel.time.count : 1);
    const instruments = formula.instruments.length === 0 ? 0 : width + formula.instruments.length;
    const seconds = labelingSeconds({ estimator, width, instruments, entities: panel.entity.count, rows: panel.rows });
    return {
      cpuSeconds: 0.05 + panel.rows * 4e-6 * (k + 1) + labelings * seconds,
      bytes:
        50_000 +
        panel.entity.count * (width + 2 + instruments) ** 2 * 8 +
        labelings * (2 * k + 1) * 8 +
        (estimator === 'random-effects' ? panel.rows * (k + 1) * 8 : 0),
      arithmetic: `up to ${labelings.toLocaleString('en')} labelings of ${panel.entity.count.toLocaleString('en')} entities × ${k} slopes`,
    };
  },

  plan(params, { panel }) {
    const context = asEstimation(() => planDifference(params, panel));
    const { permutation } = context;
    const shards =
      permutation === null ? wholeJob : cutUnits(permutation.units, labelingSeconds(sizesOf(permutation.permutable)));
    return { context, unit: 'labelings', shards };
  },

  run(_params, _inputs, { permutation }, { first, count }, progress, seed) {
    if (permutation === null) return { statistics: new Float64Array(0) };
    const { permutable, ones, exact } = permutation;
    const permute = makePermuter(permutable);
    const width = statisticsOf(permutable.slopes);
    const statistics = new Float64Array(count * width);
    const labels = new Uint8Array(permutable.entities);
    const order = new Uint32Array(permutable.entities);
    const random = new PhiloxStream(seed, 0);
    for (let u = 0; u < count; u++) {
      if (exact) labelingOfRank(permutable.entities, ones, first + u, labels);
      else {
        random.seek(first + u);
        drawLabeling(random, order, ones, labels);
      }
      permute(labels, statistics.subarray(u * width, (u + 1) * width));
      progress(1);
    }
    return { statistics };
  },

  combine(_params, _inputs, { base, permutation }, parts) {
    if (permutation === null) return { ...base, permutation: null };
    const draws = join(parts);
    const k = permutation.permutable.slopes;
    const width = statisticsOf(k);
    const column = (c: number) =>
      Float64Array.from({ length: draws.length / width }, (_, u) => draws[u * width + c]).filter((value) => !Number.isNaN(value));
    const wald = column(2 * k);
    const exceedingWald = countAtLeast(wald, permutation.observed[2 * k]);
    return {
      ...base,
      differences: base.differences.map((difference, j) => ({
        ...difference,
        permutation: permutedOf(permutation, column(j), column(k + j), j),
      })),
      permutation: {
        replications: draws.length / width,
        exact: permutation.exact,
        labelings: permutation.labelings,
        wald: {
          statistic: permutation.observed[2 * k],
          exceeding: exceedingWald,
          pValue: pValueOf(exceedingWald, wald.length, permutation.exact),
        },
        unidentified: draws.length / width - column(0).length,
      },
    };
  },

  report: groupDifferenceReport,
});

function join(parts: readonly PermutationPart[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { statistics }) => sum + statistics.length, 0));
  let at = 0;
  for (const { statistics } of parts) {
    all.set(statistics, at);
    at += statistics.length;
  }
  return all;
}

const countAtLeast = (values: Float64Array, observed: number) =>
  values.reduce((count, value) => count + (value >= observed - tie * Math.abs(observed) ? 1 : 0), 0);

/** All labelings hold the observed one; drawn ones get it added. */
const pValueOf = (exceeding: number, draws: number, exact: boolean) =>
  exact ? exceeding / draws : (1 + exceeding) / (draws + 1);

function permutedOf({ observed, permutable, exact }: PermutationContext, t: Float64Array, d: Float64Array, j: number) {
  const exceeding = countAtLeast(t.map(Math.abs), Math.abs(observed[j]));
  const raw = observed[permutable.slopes + j];
  const atLeast = countAtLeast(d, raw);
  const atMost = countAtLeast(
    d.map((value) => -value),
    -raw,
  );
  const mean = d.reduce((sum, value) => sum + value, 0) / d.length;
  const sd = Math.sqrt(d.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (d.length - 1));
  const both = countAtLeast(d.map(Math.abs), Math.abs(raw));
  return {
    studentised: { exceeding, pValue: pValueOf(exceeding, t.length, exact) },
    raw: {
      atLeast,
      pOneSided: pValueOf(Math.min(atLeast, atMost), d.length, exact),
      pTwoSided: pValueOf(both, d.length, exact),
      sd,
    },
  };
}

interface LabelingSizes {
  readonly estimator: GroupEstimator;
  /** columns of a refit */
  readonly width: number;
  /** all instruments, 0 without */
  readonly instruments: number;
  readonly entities: number;
  readonly rows: number;
}

function sizesOf(of: Permutable): LabelingSizes {
  const { width, entities } = of;
  switch (of.kind) {
    case 'least-squares':
      return { estimator: 'pooled', width, entities, instruments: 0, rows: 0 };
    case 'two-stage':
      return { estimator: '2sls', width, entities, instruments: of.instruments, rows: 0 };
    case 'random-effects':
      return { estimator: 'random-effects', width, entities, instruments: 0, rows: of.outcome.length };
  }
}

/** CPU seconds of one labeling: sums of products, factorisations, a score an entity; or two fits on rows. On one core at 2.6 GHz. */
function labelingSeconds({ estimator, width, instruments: L, entities, rows }: LabelingSizes): number {
  if (estimator === 'random-effects') return 2e-4 + rows * (width + 2) ** 2 * 1e-7;
  const products = L > 0 ? L * (L + width + 1) : (width + 1) ** 2;
  return 2e-6 + entities * products * 3e-9 + 2 * (width + L) ** 3 * 1e-9;
}

function checkRequest(
  params: GroupDifferenceParams,
  panel: PanelSummary,
  mostReplications = Number.POSITIVE_INFINITY,
): Problem[] {
  const formula = parseFormula(params.formula, '/formula');
  const known = meanings(panel);
  const problems: Problem[] = [...checkFormula(formula, panel)];
  const add = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const names = [
    [params.group, '/group'] as const,
    ...params.covariance.flatMap((one, c) =>
      'by' in one ? one.by.map((name, k) => [name, `/covariance/${c}/by/${k}`] as const) : [],
    ),
  ];
  for (const [name, pointer] of names)
    if (!known.has(name)) add(pointer, 'unknown_column', `there is no column "${name}"${didYouMean(name, known.keys())}`);
  const estimator = estimatorOf(params, formula);
  if (formula.endogenous.length > 0 && estimator !== '2sls')
    add('/estimator', 'unsupported_instruments', `${estimator} takes no instruments: leave the estimator out, or ask for 2sls`);
  if (formula.endogenous.length === 0 && estimator === '2sls')
    add('/formula', 'no_endogenous', '2sls needs an endogenous regressor and its instruments: end the formula with | d ~ z');
  if (formula.instruments.length < formula.endogenous.length)
    add(
      '/formula',
      'too_few_instruments',
      `${formula.endogenous.length} endogenous regressors need as many instruments, got ${formula.instruments.length}`,
    );
  if (estimator === 'within' && formula.effects.length === 0)
    add('/formula', 'effects_needed', `the within model needs effects: end the formula with | ${panel.entity.name}`);
  if (formula.effects.length > 0 && estimator !== 'within' && estimator !== '2sls')
    add('/formula', 'effects_unused', `${estimator} absorbs no effects: leave out | ${formula.effects.join(' + ')}`);
  if (formula.regressors.length + formula.endogenous.length === 0)
    add('/formula', 'no_regressors', 'there is no slope to compare');
  if (!formula.intercept && formula.effects.length === 0)
    add('/formula', 'intercept_needed', 'groups differ in their constants too: leave the 0 out of the formula');
  const column = panel.columns.find(({ name }) => name === params.group);
  if (column !== undefined && params.levels === undefined && column.distinct !== 2)
    add(
      '/group',
      'not_two_groups',
      `two groups are compared, and ${params.group} has ${column.distinct} values: name two of them as levels`,
    );
  if (params.permutation.replications > mostReplications)
    add(
      '/permutation/replications',
      'too_many_replications',
      `at most ${mostReplications.toLocaleString('en')} replications, got ${params.permutation.replications.toLocaleString('en')}`,
    );
  return problems;
}
