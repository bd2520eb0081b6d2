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

/** { lower, upper, level? } is an interval; the names are those of every result. */
function interval(value: Record<string, unknown>): string | undefined {
  const { lower, upper, level } = value;
  if (typeof lower !== 'number' || typeof upper !== 'number') return undefined;
  const range = `[${formatNumber(lower, 'significant', 3)}, ${formatNumber(upper, 'significant', 3)}]`;
  return typeof level === 'number' ? `${range} at ${formatNumber(100 * level, 'significant', 2)} %` : range;
}

/**
 * Any JSON on one line: texts stand as they are, numbers behind their names, intervals in brackets, members of a list
 * with semicolons between. For people to glance at while they wait; the result says it properly.
 */
export function formatPartial(partial: unknown, key = ''): string {
  if (partial === null || partial === undefined) return '';
  if (typeof partial === 'number') return `${key === '' ? '' : `${key} `}${partialNumber(key, partial)}`;
  if (typeof partial === 'string') return printable(partial);
  if (Array.isArray(partial))
    return partial
      .map((item) => formatPartial(item, key))
      .filter(Boolean)
      .join('; ');
  if (!isObject(partial)) return key === '' ? String(partial) : `${key} ${partial}`;
  const range = interval(partial);
  if (range !== undefined) return range;
  return Object.entries(partial)
    .map(([name, value]) => formatPartial(value, printable(name)))
    .filter(Boolean)
    .join(' ');
}

/** Everything but the bar: "41,200/99,999 replications · 12,300/s · 5 s left · residual-blocks pValue 0.0021". */
export function progressText(progress: JobProgress): string {
  const { done, total, unit, perSecond, etaSeconds, partial } = progress;
  const pieces = [
    `${formatNumber(done, 'count')}/${formatNumber(total, 'count')}${unit ? ` ${printable(unit)}` : ''}`,
    perSecond
      ? `${perSecond < 100 ? formatNumber(perSecond, 'significant', 2) : formatNumber(Math.round(perSecond), 'count')}/s`
      : '',
    typeof etaSeconds === 'number' && done < total ? `${formatDuration(etaSeconds)} left` : '',
    formatPartial(partial),
  ];
  return pieces.filter(Boolean).join(' · ');
}

/** One terminal line of at most `width` columns: bar, per cent, and what is known. */
export function progressLine(progress: JobProgress, width: number): string {
  const share = progress.total > 0 ? progress.done / progress.total : 0;
  const percent = `${Math.floor(100 * Math.min(1, Math.max(0, share)))} %`.padStart(5);
  const bar = progressBar(share, Math.max(8, Math.min(30, Math.floor(width / 4))));
  return truncate(`${bar} ${percent} ${progressText(progress)}`, width);
}
