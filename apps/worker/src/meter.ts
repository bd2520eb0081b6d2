import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Interrupted } from '@spillway/core';
import type { Compute } from '@spillway/pool';
import { counterField, type Gauges, type MetricName, metricTable, type Work } from '@spillway/queue';

type Labels = Readonly<Record<string, string>>;

/** How often a process tells what it has counted. */
export const reportEveryMs = 2_000;
/** A delay of the event loop is measured by a timer of this period. (At 20 ms its wake-ups were a third of what an idle worker cost.) */
const loopTickMs = 100;

/** What this process has counted since it began, and what it is like now. */
export class Meter {
  readonly #counters = new Map<string, number>();
  readonly #loop = monitorEventLoopDelay({ resolution: loopTickMs });
  readonly #slots: number;
  busySlots = 0;

  constructor(slots: number) {
    this.#slots = slots;
    this.#loop.enable();
  }

  count(name: MetricName, labels: Labels = {}, more = 1): void {
    const field = counterField(name, labels);
    this.#counters.set(field, (this.#counters.get(field) ?? 0) + more);
  }

  /** A histogram is counters: one for each bound that the value is within, their sum and their number. */
  observe(name: MetricName, seconds: number, labels: Labels = {}): void {
    const add = (suffix: string, more: number, bound: Labels = {}) => {
      const field = counterField(`${name}_${suffix}`, { ...labels, ...bound });
      this.#counters.set(field, (this.#counters.get(field) ?? 0) + more);
    };
    const { buckets = [] } = metricTable[name] as { buckets?: readonly number[] };
    for (const bound of buckets) if (seconds <= bound) add('bucket', 1, { le: String(bound) });
    add('sum', seconds);
    add('count', 1);
  }

  /** The delay of the event loop is that since the last call. */
  read(): { counters: Record<string, number>; gauges: Gauges } {
    const { user, system } = process.cpuUsage();
    const lag = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - loopTickMs / 1e3) || 0;
    const loopLagSeconds = {
      p50: lag(this.#loop.percentile(50)),
      p99: lag(this.#loop.percentile(99)),
      max: lag(this.#loop.max),
    };
    this.#loop.reset();
    return {
      counters: {
        ...Object.fromEntries(this.#counters),
        [counterField('cpu_seconds_total', { role: 'worker' })]: (user + system) / 1e6,
      },
      gauges: { busySlots: this.busySlots, slots: this.#slots, loopLagSeconds, residentBytes: process.memoryUsage.rss() },
    };
  }

  close(): void {
    this.#loop.disable();
  }
}

/** The same threads, counted. */
export function measuredCompute(compute: Compute, meter: Meter): Compute {
  async function busy<T>(run: () => Promise<T>): Promise<T> {
    meter.busySlots++;
    try {
      return await run();
    } finally {
      meter.busySlots--;
    }
  }
  return {
    call: (name, asked, options) => busy(() => compute.call(name, asked, options)),
    shard: (asked, options) =>
      busy(async () => {
        const began = performance.now();
        try {
          const part = await compute.shard(asked, options);
          meter.observe('shard_duration_seconds', (performance.now() - began) / 1e3, { analysis: asked.spec.analysis });
          return part;
        } catch (error) {
          meter.count('shards_total', { outcome: error instanceof Interrupted ? 'interrupted' : 'failed' });
          throw error;
        }
      }),
  };
}

/** What became of a part that was brought to the records. */
const outcomes = { ok: 'recorded', had: 'duplicate', differs: 'differed', no: 'refused' } as const;

/** The same records, counted. */
export function measuredWork(work: Work, meter: Meter): Work {
  return {
    ...work,
    async record(...args) {
      const recorded = await work.record(...args);
      meter.count('shards_total', { outcome: outcomes[recorded.outcome] });
      if (recorded.outcome === 'had' || recorded.outcome === 'differs') meter.count('shard_recomputed_total');
      return recorded;
    },
    strike(...args) {
      meter.count('strikes_total', { kind: args[2] });
      return work.strike(...args);
    },
  };
}
