import { EstimationError } from '../../errors.js';
import { cutUnits } from '../../job/layout.js';
import { PhiloxStream } from '../../random/stream.js';
import { defineAnalysis, type InputInfo, type Inputs } from '../analysis.js';
import type { AnyAnalysis } from '../registry.js';
import { makeSweep } from '../sweep/analysis.js';
import { sweepCost } from '../sweep/cost.js';
import { Families } from '../sweep/families.js';
import { gridOf, itemAt } from '../sweep/grid.js';
import type { SweepParams } from '../sweep/params.js';
import type { SweepResult } from '../sweep/result.js';
import { type CurveStatistics, JointCurve } from './joint.js';
import { mostSpecifications, type SpecCurveParams, specCurveParams } from './params.js';
import { specCurveReport } from './report.js';
import { type JointTest, type SpecCurveResult, specCurveResult } from './result.js';
import { mainItem, varianceByChoice } from './variance.js';

interface CurveContext {
  readonly sweep: SweepResult;
  readonly observed: CurveStatistics;
  readonly specifications: number;
}

/** Median, share and Stouffer’s Z of each draw of the shard. */
type CurvePart = Float64Array;
const width = 3;

const streams = { permutation: 0, bootstrap: 1 } as const;

/** The same choices as a sweep of panel regressions. */
function asSweep({ formulas, samples, covariance, singletons, level }: SpecCurveParams): SweepParams {
  return { analysis: 'panel-regression', params: { covariance, singletons }, formulas, samples, vary: {}, level };
}

/** The specification curve over panel regressions. @param regression  the analysis that each item is */
export const makeSpecCurve = (regression: AnyAnalysis) => {
  const sweep = makeSweep([regression]);
  return defineAnalysis<SpecCurveParams, CurveContext, CurvePart, SpecCurveResult>({
    name: 'spec-curve',
    version: 1,
    title: 'Specification curve',
    about:
      'All defensible specifications of one regression, ordered by their estimates, with the choices that each one makes beneath: where the ' +
      'estimate comes from and which choice moves it. Joint tests ask whether a curve like this would be seen if the treatment did nothing ' +
      'in any specification: by permuting whole treatment paths, and by outcomes without its effect. They say nothing about which ' +
      'specification is right; leave out those that are not.',
    sources: [
      'Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, 1208–1214',
      'Masur, P. K. & Scharkow, M. (2020). specr (R package): the panels of the figure, variance by choice',
      'Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Review of Economics and Statistics 90, 414–427: the wild bootstrap with the null imposed',
    ],
    params: specCurveParams,
    result: specCurveResult,
    example: {
      dataset: 'produc.csv',
      params: {
        formulas: {
          outcomes: ['log(gsp)'],
          treatments: ['log(pcap)'],
          controls: { always: ['log(pc)'], subsetsOf: ['log(emp)', 'unemp', 'L.unemp'] },
          effects: [[], ['state'], ['state', 'year']],
        },
        main: { effects: 'state + year', controls: 'log(emp) + unemp' },
      },
    },

    check(params, info) {
      const problems = sweep.check(asSweep(params), info);
      const size = gridOf(asSweep(params)).size;
      if (problems.length > 0 || size <= mostSpecifications) return problems;
      const message = `${size.toLocaleString('en')} specifications, at most ${mostSpecifications.toLocaleString('en')} make a curve: vary less, or use a sweep`;
      return [{ pointer: '/formulas', code: 'too_many_items', message }];
    },

    cost(params, info) {
      const one = sweepCost(regression, asSweep(params), info);
      const size = gridOf(asSweep(params)).size;
      const draws = params.inference.permutations + params.inference.bootstrap;
      const seconds = size * drawSeconds(info, params);
      return {
        cpuSeconds: one.cpuSeconds + draws * seconds,
        bytes: one.bytes + draws * width * 8 + size * 200,
        arithmetic: `${one.arithmetic}; ${draws.toLocaleString('en')} draws of the whole curve`,
      };
    },

    plan(params, inputs, seed) {
      const found = runSweep(sweep, asSweep(params), inputs, seed);
      const curve = jointCurve(params, inputs, found);
      const observed = curve.observed();
      const draws = params.inference.permutations + params.inference.bootstrap;
      const info = { panel: { rows: inputs.panel.rows } };
      const perDraw = curve.items.length * drawSeconds(info, params);
      return {
        context: { sweep: found, observed, specifications: curve.items.length },
        unit: draws === 0 ? 'curves' : 'draws of the curve',
        shards: cutUnits(Math.max(1, draws), perDraw),
      };
    },

    run(params, inputs, { sweep: found }, { first, count }, progress, seed) {
      const { permutations, bootstrap } = params.inference;
      if (permutations + bootstrap === 0) {
        progress(1);
        return new Float64Array(0);
      }
      const curve = jointCurve(params, inputs, found);
      const random = {
        permutation: new PhiloxStream(seed, streams.permutation),
        bootstrap: new PhiloxStream(seed, streams.bootstrap),
      };
      const part = new Float64Array(count * width);
      for (let u = 0; u < count; u++) {
        const draw = first + u;
        const method = draw < permutations ? 'permutation' : 'bootstrap';
        const stream = random[method];
        stream.seek(method === 'permutation' ? draw : draw - permutations);
        const { median, share, stouffer } =
          method === 'permutation' ? curve.permuted(inputs.panel, stream) : curve.bootstrapped(inputs.panel, stream);
        part.set([median, share, stouffer], u * width);
        progress(1);
      }
      return part;
    },

    partial: ({ inference }, { observed }, prefix) => {
      const draws = flatten(prefix).slice(0, inference.permutations * width);
      return { pOfMedian: draws.length === 0 ? null : testOf('permutation', draws, observed).pValue.median };
    },

    combine(params, _inputs, { sweep: found, observed, specifications }, parts) {
      const draws = flatten(parts);
      const cut = params.inference.permutations * width;
      const tests = [testOf('permutation', draws.slice(0, cut), observed), testOf('bootstrap', draws.slice(cut), observed)];
      const { estimate } = found.items;
      const fitted = estimate.flatMap((value, k) => (value === null ? [] : [k]));
      return {
        ...found,
        order: fitted.sort((a, b) => estimate[a]! - estimate[b]! || a - b),
        main: mainItem(found, params.main),
        joint: { specifications, observed, tests: tests.filter((test) => test.draws > 0) },
        variance: varianceByChoice(found),
      };
    },

    report: (result) => specCurveReport(result),
  });
};

/** CPU seconds of one specification in one draw: a pass over the rows for each control. Measured on one core of a 2.6 GHz server. */
function drawSeconds(
  { panel: { rows } }: { readonly panel: Pick<InputInfo['panel'], 'rows'> },
  { formulas }: SpecCurveParams,
): number {
  const { controls } = formulas;
  const k = Array.isArray(controls)
    ? Math.max(...controls.map((set) => set.length))
    : controls.always.length + controls.subsetsOf.length;
  return 3e-6 + rows * (k + 2) * 2e-9;
}

function runSweep(sweep: AnyAnalysis, params: SweepParams, inputs: Inputs, seed: number): SweepResult {
  const { context, shards } = sweep.plan(params, inputs, seed);
  const parts = shards.map((shard) => sweep.run(params, inputs, context, shard, () => {}, seed));
  const result: SweepResult = sweep.combine(params, inputs, context, parts, seed);
  if (result.summary === null)
    throw new EstimationError('nothing_fitted', `no specification could be fitted: ${result.failures[0].message}`);
  return result;
}

function jointCurve(params: SpecCurveParams, { panel }: Inputs, found: SweepResult): JointCurve {
  const asked = asSweep(params);
  const grid = gridOf(asked);
  const items = found.items.estimate.flatMap((value, k) => (value === null ? [] : [itemAt(asked, grid, k)]));
  return new JointCurve(new Families(asked, panel), items, params.level);
}

function flatten(parts: readonly CurvePart[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function testOf(method: JointTest['method'], draws: Float64Array, observed: CurveStatistics): JointTest {
  const B = draws.length / width;
  const column = (c: number) => Float64Array.from({ length: B }, (_, b) => draws[b * width + c]);
  const p = (values: Float64Array, isExtreme: (value: number) => boolean) =>
    (1 + values.reduce((sum, value) => sum + (isExtreme(value) ? 1 : 0), 0)) / (B + 1);
  const [medians, shares, stouffers] = [column(0), column(1), column(2)];
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, B);
  const centre = mean(medians);
  const tie = 1 - 1e-12;
  return {
    method,
    draws: B,
    pValue: {
      median: p(medians, (value) => Math.abs(value) >= Math.abs(observed.median) * tie),
      share: p(shares, (value) => value >= observed.share * tie),
      stouffer: p(stouffers, (value) => Math.abs(value) >= Math.abs(observed.stouffer) * tie),
    },
    nullSd: B < 2 ? 0 : Math.sqrt(medians.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (B - 1)),
    nullShare: { mean: B === 0 ? 0 : mean(shares), q95: B === 0 ? 0 : shares.slice().sort()[Math.ceil(0.95 * B) - 1] },
  };
}
