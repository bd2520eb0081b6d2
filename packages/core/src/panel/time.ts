import { plainNumber } from './number.js';
import type { TimeUnit } from './panel.js';
import { type Problems, quoted } from './problems.js';

/** A period: its number in units since year 0 (days: since 1970-01-01), and its label in one spelling. */
interface Period {
  readonly unit: TimeUnit;
  readonly value: number;
  readonly label: string;
}

/** Distinct periods, ascending, and for each label handed in the index of its period. */
export interface Periods {
  readonly unit: TimeUnit;
  readonly step: number;
  readonly labels: string[];
  readonly values: Float64Array;
  readonly codeOf: Uint32Array;
}

const accepted = 'an integer (2012), a date (2012-03-31), a month (2012-03, 2012M3) or a quarter (2012Q1)';
const article: Record<TimeUnit, string> = { integer: 'an integer', day: 'a date', month: 'a month', quarter: 'a quarter' };
const millisecondsPerDay = 86_400_000;
const monthPattern = /^([1-9]\d{3})(?:-|[Mm](?=\d{2}$)|[Mm](?=\d$))(\d{1,2})$/;
const quarterPattern = /^([1-9]\d{3})[- ]?[Qq]([1-4])$/;
const dayPattern = /^([1-9]\d{3})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/;

/**
 * Periods of the labels of a time column.
 *
 * One unit for all. Dates that are all the same day of their months, or all the last day, are counted in months (labels
 * stay dates): yearly figures dated 2012-12-31, 2013-12-31, … are 12 months apart, not 366 and 365 days, and `L.` works.
 * `step` is the greatest common difference of the periods present, 1 for a single one, unless given; a given step must
 * carry the first period to every other.
 */
export function readPeriods(
  name: string,
  labels: readonly string[],
  given: number | undefined,
  problems: Problems,
): Periods | null {
  const found = labels.map((label) => readPeriod(label));
  const first = found.find((period) => period !== null);
  let sound = true;
  found.forEach((period, k) => {
    if (period !== null && period.unit === first?.unit) return;
    sound = false;
    const fault =
      period === null ? `is not ${accepted}` : `is ${article[period.unit]}, but "${first?.label}" is ${article[first!.unit]}`;
    problems.add('bad_time', `time ${quoted(labels[k])} in column "${name}" ${fault}`, '/time');
  });
  if (!sound || first === undefined) return null;
  const periods = inMonthsIfMonthly(found as Period[]);
  if (looksLikeDates(periods)) {
    problems.add(
      'bad_time',
      `times such as ${periods[0].label} in column "${name}" look like dates without separators: write 2012-03-31 or 2012-03`,
      '/time',
    );
    return null;
  }

  const sorted = [...new Map(periods.map((period) => [period.value, period])).values()].sort((a, b) => a.value - b.value);
  const step = stepOf(name, sorted, given, problems);
  if (step === null) return null;
  const codes = new Map(sorted.map((period, code) => [period.value, code]));
  return {
    unit: periods[0].unit,
    step,
    labels: sorted.map((period) => period.label),
    values: Float64Array.from(sorted, (period) => period.value),
    codeOf: Uint32Array.from(periods, (period) => codes.get(period.value)!),
  };
}

function readPeriod(label: string): Period | null {
  const integer = plainNumber(label);
  if (Number.isSafeInteger(integer)) return { unit: 'integer', value: integer + 0, label: String(integer + 0) };
  const quarter = quarterPattern.exec(label);
  if (quarter) return { unit: 'quarter', value: +quarter[1] * 4 + +quarter[2] - 1, label: `${quarter[1]}Q${quarter[2]}` };
  const month = monthPattern.exec(label);
  if (month && +month[2] >= 1 && +month[2] <= 12 && (label[4] !== '-' || month[2].length === 2)) {
    return { unit: 'month', value: +month[1] * 12 + +month[2] - 1, label: `${month[1]}-${month[2].padStart(2, '0')}` };
  }
  const day = dayPattern.exec(label);
  if (!day) return null;
  const milliseconds = Date.UTC(+day[1], +day[2] - 1, +day[3]);
  const iso = `${day[1]}-${day[2]}-${day[3]}`;
  if (new Date(milliseconds).toISOString().slice(0, 10) !== iso) return null; // 2012-02-30
  return { unit: 'day', value: milliseconds / millisecondsPerDay, label: iso };
}

function inMonthsIfMonthly(periods: Period[]): Period[] {
  if (periods[0].unit !== 'day') return periods;
  const dayOfMonth = (value: number) => new Date(value * millisecondsPerDay).getUTCDate();
  const first = dayOfMonth(periods[0].value);
  const monthly =
    periods.every(({ value }) => dayOfMonth(value) === first) || periods.every(({ value }) => dayOfMonth(value + 1) === 1);
  if (!monthly) return periods;
  return periods.map(({ label }) => ({ unit: 'month', value: +label.slice(0, 4) * 12 + +label.slice(5, 7) - 1, label }));
}

/** 20120331 or 201203 as integers would have holes at every month's or year's end, and lags would vanish there. */
function looksLikeDates(periods: readonly Period[]): boolean {
  return (
    periods[0].unit === 'integer' &&
    periods.every(({ label }) => /^(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?$/.test(label))
  );
}

function stepOf(name: string, sorted: readonly Period[], given: number | undefined, problems: Problems): number | null {
  const differences = sorted.slice(1).map((period) => period.value - sorted[0].value);
  if (given === undefined) return differences.reduce(greatestCommonDivisor, 0) || 1;
  if (!Number.isSafeInteger(given) || given < 1) {
    problems.add('bad_step', `the step between periods must be a whole number from 1 up, got ${given}`, '/step');
    return null;
  }
  const off = sorted.slice(1).filter((_, k) => differences[k] % given !== 0);
  for (const period of off) {
    problems.add(
      'bad_time',
      `time "${period.label}" in column "${name}" is not a multiple of the given step ${given} after "${sorted[0].label}"`,
      '/time',
    );
  }
  return off.length === 0 ? given : null;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
