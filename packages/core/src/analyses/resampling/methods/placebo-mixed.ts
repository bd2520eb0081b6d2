import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { PhiloxStream } from '../../../random/stream.js';
import { type Adoption, treatedFrom } from '../../../resampling/adoption.js';
import { reassignedTreatment, reassignedWidth } from '../../../resampling/reassigned-treatment.js';
import { labelsOf, type Model, treatmentModel } from '../model.js';
import type { MethodOf } from '../params.js';
import type { PlaceboResult } from '../result.js';
import { type Method, reassignSeconds, streams } from './method.js';
import { placeboSummary } from './placebo.js';
import { adoption, calendarOfPeriods } from './placebo-in-time.js';

type Request = MethodOf<'placebo-mixed'>;

interface Context {
  readonly timing: 'common' | 'free' | 'cohorts';
  readonly treated: number;
  /** calendar numbers that a fake start may be */
  readonly range: Float64Array;
  /** entities that start together; one entry for common */
  readonly cohorts: Uint32Array;
}

/**
 * Placebo in space and time: random entities from random starts on.
 * @see Chen, Qi & Yan (2025), Management World 2 (`didplacebo`, pbomix 1, 2 and 3)
 */
export const placeboMixed: Method<Request, Context, PlaceboResult> = {
  foresee({ replications }, panel, params) {
    const formula = parseFormula(params.formula);
    return { units: replications, seconds: reassignSeconds(panel.rows, formula.regressors.length) };
  },

  plan(request, { model }) {
    const { sample } = model;
    return {
      context: fakeStarts(request, model, adoption(model)),
      units: request.replications,
      width: reassignedWidth,
      secondsPerUnit: reassignSeconds(sample.rows, sample.regressors.length),
    };
  },

  start(_request, { timing, treated, range, cohorts }, given, seed) {
    const { model } = given();
    const { fit } = reassignedTreatment(treatmentModel(model), model.cluster, 0);
    const stream = new PhiloxStream(seed, streams.mixed);
    const order = new Uint32Array(model.sample.entity.levels);
    const times = new Uint32Array(range.length);
    const start = new Float64Array(order.length);
    const x = new Float64Array(model.sample.rows);
    return (unit, out, at) => {
      stream.seek(unit);
      for (let e = 0; e < order.length; e++) order[e] = e;
      stream.shuffle(order);
      start.fill(Number.POSITIVE_INFINITY);
      if (timing === 'free') {
        for (let i = 0; i < treated; i++) start[order[i]] = range[stream.below(range.length)];
      } else {
        for (let t = 0; t < times.length; t++) times[t] = t;
        stream.shuffle(times);
        let next = 0;
        for (let c = 0; c < cohorts.length; c++) for (let i = 0; i < cohorts[c]; i++) start[order[next++]] = range[times[c]];
      }
      treatedFrom(start, model.sample, x);
      fit(x, out, at);
    };
  },

  combine(_request, { timing, treated, range, cohorts }, given, numbers) {
    const { model } = given;
    const all = calendarOfPeriods(model);
    const labels = labelsOf(model, model.timeName);
    const name = (calendar: number) => labels[all.indexOf(calendar)];
    const who = {
      common: `${treated} random levels of ${model.entityName} from one random start on`,
      free: `${treated} random levels of ${model.entityName}, each from a random start of its own on`,
      cohorts: `${cohorts.length} cohorts of ${[...cohorts].join(', ')} random levels of ${model.entityName}, from distinct random starts on`,
    }[timing];
    return placeboSummary(given, numbers, {
      method: 'placebo-mixed',
      label: `Placebo in space and time, ${{ common: 'one start', free: 'free starts', cohorts: 'cohorts kept' }[timing]}`,
      rule: `Treated are ${who}; starts from ${name(range[0])} to ${name(range[range.length - 1])}.`,
      exact: false,
      assignments: Number.POSITIVE_INFINITY,
      movable: null,
    });
  },
};

function fakeStarts(request: Request, model: Model, { starts, cohorts, treated: actual }: Adoption): Context {
  const timing = request.timing ?? (starts.length === 1 ? 'common' : 'cohorts');
  const treated = timing === 'cohorts' ? actual : (request.treated ?? actual);
  const entities = model.sample.entity.levels;
  if (treated >= entities) {
    throw new EstimationError(
      'too_many_treated',
      `fake treated levels of ${model.entityName} must leave some untreated: ${entities} are in the sample, ${treated} would be treated${request.treated === undefined ? '; say how many as treated' : ''}`,
    );
  }
  const range = startRange(request, model, starts);
  if (timing === 'cohorts' && range.length < starts.length) {
    throw new EstimationError(
      'too_few_periods',
      `${starts.length} cohorts need as many distinct starts, the range has ${range.length} periods: widen periods`,
    );
  }
  return { timing, treated, range, cohorts: timing === 'cohorts' ? Uint32Array.from(cohorts) : Uint32Array.of(treated) };
}

function startRange({ periods }: Request, model: Model, starts: readonly number[]): Float64Array {
  const all = calendarOfPeriods(model);
  const labels = labelsOf(model, model.timeName);
  const staggered = starts.length > 1;
  const [first, last] =
    periods === undefined
      ? staggered
        ? [starts[0], starts[starts.length - 1]]
        : [all[1], all[all.length - 1]]
      : periods.map((label) => {
          const at = labels.indexOf(label);
          if (at >= 0) return all[at];
          throw new EstimationError(
            'fake_start_outside',
            `a fake start may be ${labels[0]} to ${labels[labels.length - 1]}, and ${label} is no period of the sample`,
          );
        });
  const range = all.filter((one) => one >= first && one <= last);
  if (range.length > 0) return range;
  throw new EstimationError('fake_start_outside', `no period lies from ${periods?.[0] ?? first} to ${periods?.[1] ?? last}`);
}
