import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks a second, in which /proc counts. */
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds that a process has used with all its threads, from /proc (Linux). */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold blanks and brackets
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** CPU seconds that each of these processes uses while something runs. */
export async function cpuWhile<Name extends string>(
  pids: Readonly<Record<Name, readonly number[]>>,
  run: () => Promise<unknown>,
): Promise<Record<Name, number>> {
  const read = () =>
    Object.fromEntries(
      Object.entries<readonly number[]>(pids).map(([name, some]) => [
        name,
        some.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
      ]),
    ) as Record<Name, number>;
  const before = read();
  await run();
  const after = read();
  for (const name of Object.keys(before) as Name[]) after[name] -= before[name];
  return after;
}

/** The middle one of an odd number of values, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
