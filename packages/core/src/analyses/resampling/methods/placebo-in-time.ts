import { EstimationError } from '../../../errors.js';
import { parseFormula } from '../../../formula/parse.js';
import { ascending } from '../../../linalg/vector.js';
import { adoptionOf, treatedFrom } from '../../../resampling/adoption.js';
import { fitTreatment, labelsOf, type Model, modelOnRows } from '../model.js';
import type { MethodOf } from '../params.js';
import type { PlaceboInTimeResult } from '../result.js';
import { type Method, refitSeconds } from './method.js';
import { readRefit, refitWidth, writeRefit } from './refit.js';

type Request = MethodOf<'placebo-in-time'>;

/** Calendar number of each period in the sample, by its code. */
export function calendarOfPeriods({ sample }: Model): Float64Array {
  const calendar = new Float64Array(sample.time.levels);
  for (let i = 0; i < sample.rows; i++) calendar[sample.time.codes[i]] = sample.calendar[i];
  return calendar;
}

/** Name of a calendar number: that of its period, or its distance to the nearest one that the sample has. */
export function periodName(model: Model, calendar: number): string {
  const all = calendarOfPeriods(model);
  const labels = labelsOf(model, model.timeName);
  const at = all.indexOf(calendar);
  if (at >= 0) return labels[at];
  const numbers = labels.map(Number);
  const step = (numbers[1] - numbers[0]) / (all[1] - all[0]);
  return Number.isFinite(step) ? String(numbers[0] + (calendar - all[0]) * step) : `${labels[0]} ${calendar - all[0]}`;
}

export const adoption = (model: Model) =>
  adoptionOf(model.sample, model.treatment, model.treatmentName, labelsOf(model, model.entityName));

/** Rows that a fake start may use: none that is treated, and of the never treated those before the last true start, or all. */
function untreatedRows(
  { sample, treatment }: Model,
  start: Float64Array,
  last: number,
  controls: Request['controls'],
): Uint32Array {
  return ascending(sample.rows).filter((i) => {
    if (treatment[i] !== 0) return false;
    return controls === 'all' || start[sample.entity.codes[i]] !== Number.POSITIVE_INFINITY || sample.calendar[i] < last;
  });
}

/**
 * Placebo in time: treated rows go, and the start moves back k periods. What is then found was there before the treatment.
 *
 * @see Chen, Qi & Yan (2025), Management World 2 (`didplacebo`, pbotime; controls "all" is its nodrop)
 */
export const placeboInTime: Method<Request, Record<string, never>, PlaceboInTimeResult> = {
  foresee({ shifts }, panel, params) {
    const formula = parseFormula(params.formula);
    return { units: shifts.length, seconds: refitSeconds(panel.rows, formula.regressors.length) };
  },

  plan({ shifts }, { model }) {
    adoption(model);
    const { sample } = model;
    const seconds = refitSeconds(sample.rows, sample.regressors.length);
    return { context: {}, units: shifts.length, width: refitWidth, secondsPerUnit: seconds };
  },

  start({ shifts, controls }, _context, given) {
    const { params, model } = given();
    const { start, starts } = adoption(model);
    const rows = untreatedRows(model, start, starts[starts.length - 1], controls);
    return (unit, out, at) => {
      const shift = shifts[unit];
      requireBefore(model, start, rows, shift);
      const fake = new Float64Array(model.sample.rows);
      treatedFrom(
        start.map((one) => one - shift),
        model.sample,
        fake,
      );
      writeRefit(fitTreatment(params, modelOnRows(params, model, rows, fake)), out, at);
    };
  },

  combine({ shifts, controls }, _context, { model }, numbers, failures) {
    const { starts, cohorts } = adoption(model);
    const failed = new Set(failures.map(({ unit }) => unit));
    if (failures.length === shifts.length) throw new EstimationError(failures[0].code, failures[0].message);
    return {
      method: 'placebo-in-time',
      label: 'Placebo in time',
      controls,
      starts: starts.map((one, s) => ({ period: periodName(model, one), entities: cohorts[s] })),
      shifts: shifts.flatMap((shift, u) =>
        failed.has(u) ? [] : [{ shift, periods: starts.map((one) => periodName(model, one - shift)), ...readRefit(numbers, u) }],
      ),
      failures: failures.map(({ unit, message }) => ({ shift: shifts[unit], message })),
    };
  },
};

/** Some entity must be seen before its fake start and some row after one. */
function requireBefore(model: Model, start: Float64Array, rows: Uint32Array, shift: number): void {
  const { sample } = model;
  let [before, after] = [false, false];
  for (const i of rows) {
    const own = start[sample.entity.codes[i]];
    if (own === Number.POSITIVE_INFINITY) continue;
    if (sample.calendar[i] < own - shift) before = true;
    else after = true;
  }
  if (before && after) return;
  const earliest = start.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  const first = labelsOf(model, model.timeName)[0];
  throw new EstimationError(
    'fake_start_outside',
    before
      ? `moved back by ${shift}, no treated entity has a row from its fake start to its true one`
      : `moved back by ${shift} the treatment starts in ${periodName(model, earliest - shift)}, and no treated entity is seen before: the first period is ${first}`,
  );
}
