import { formatNumber } from './format-cell.js';
import { printable, textWidth, truncate } from './text-width.js';

/** How far a job is, as the service and the pool say it. */
export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** what is counted */
  readonly unit?: string | null;
  readonly perSecond?: number | null;
  readonly etaSeconds?: number | null;
  /** what the analysis can say so far: any JSON */
  readonly partial?: unknown;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `width` columns, filled from the left to an eighth of a column; a fraction that is no number counts as 0. */
export function progressBar(fraction: number, width: number): string {
  const share = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const filled = Math.floor(share * width * 8);
  const bar = '█'.repeat(Math.floor(filled / 8)) + eighths[filled % 8];
  return bar + '░'.repeat(width - textWidth(bar));
}

/** "45 s", "3 min 20 s", "2 h 5 min" */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function partialNumber(key: string, value: number): string {
  const format = /^p([A-Z_-]|$)/.test(key) ? 'p' : Number.isInteger(value) ? 'count' : 'significant';
  return formatNumber(value, format);
}

/** { lower, upper } is an interval; the names are those of every result. */
function interval(value: Record<string, unknown>): string | undefined {
  const { lower, upper } = value;
  if (typeof lower !== 'number' || typeof upper !== 'number') return undefined;
  return `[${formatNumber(lower, 'significant', 3)}, ${formatNumber(upper, 'significant', 3)}]`;
}

const isPValue = (name: string, value: unknown) => typeof value === 'number' && /^p([A-Z_-]|$)/.test(name);

const holdsPValue = (value: unknown): boolean =>
  isObject(value) && Object.entries(value).some(([name, member]) => isPValue(name, member) || holdsPValue(member));

/**
 * Any JSON on one line, for people to glance at while they wait: texts stand as they are, numbers behind their names,
 * intervals in brackets, members of a list with semicolons between. Where there are p-values, they and what names them
 * are all that is said. The result says it properly.
 */
export function formatPartial(partial: unknown): string {
  return described('', partial, holdsPValue(partial));
}

function described(name: string, value: unknown, onlyPValues: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  const before = name === '' ? '' : `${printable(name)} `;
  if (typeof value === 'number') return before + partialNumber(name, value);
  if (!isObject(value)) return before + String(value);
  if (Array.isArray(value)) {
    return value
      .map((item) => described(name, item, onlyPValues))
      .filter(Boolean)
      .join('; ');
  }
  const range = interval(value);
  if (range !== undefined) return range;
  const members = Object.entries(value);
  const atPValue = members.some(([key, member]) => isPValue(key, member));
  return members
    .filter(([key, member]) => !onlyPValues || holdsPValue(member) || (atPValue && belongsToPValue(key, member)))
    .map(([key, member]) => described(onlyPValues && isPValue(key, member) ? 'p' : key, member, onlyPValues))
    .filter(Boolean)
    .join(' ');
}

const belongsToPValue = (name: string, value: unknown) =>
  typeof value === 'string' || isPValue(name, value) || (isObject(value) && interval(value) !== undefined);

function pieces({ done, total, unit, perSecond, etaSeconds, partial }: JobProgress) {
  return {
    done: `${formatNumber(done, 'count')}/${formatNumber(total, 'count')}${unit ? ` ${printable(unit)}` : ''}`,
    rate: perSecond
      ? `${perSecond < 100 ? formatNumber(perSecond, 'significant', 2) : formatNumber(Math.round(perSecond), 'count')}/s`
      : '',
    left: typeof etaSeconds === 'number' && done < total ? `${formatDuration(etaSeconds)} left` : '',
    partial: formatPartial(partial),
  };
}

/** Everything but the bar: "41,200/99,999 replications · 12,300/s · 5 s left · residual-blocks p 0.0021". */
export function progressText(progress: JobProgress): string {
  const { done, rate, left, partial } = pieces(progress);
  return [done, rate, left, partial].filter(Boolean).join(' · ');
}

/** One terminal line of at most `width` columns: bar, per cent, and what is known, what is waited for most in front. */
export function progressLine(progress: JobProgress, width: number): string {
  const share = progress.total > 0 ? progress.done / progress.total : 0;
  const percent = `${Math.floor(100 * Math.min(1, Math.max(0, share)))} %`.padStart(5);
  const bar = progressBar(share, Math.max(8, Math.min(30, Math.floor(width / 4))));
  const { done, rate, left, partial } = pieces(progress);
  const known = [left, partial, done, rate].filter(Boolean).join(' · ');
  return truncate(`${bar} ${percent} ${known}`, width);
}
