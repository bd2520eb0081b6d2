import type { Redis } from 'ioredis';
import { keys, prefix } from './keys.js';
import type { Scripts } from './scripts.js';
import { parseTaskId } from './task.js';

/** What a process is like now. */
export interface Gauges {
  readonly busySlots: number;
  readonly slots: number;
  readonly loopLagSeconds: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly residentBytes: number;
}

/** The service as Redis has it. */
export interface ServiceState {
  /** by `counterField` */
  readonly totals: Readonly<Record<string, number>>;
  readonly workers: readonly Gauges[];
  readonly jobs: Readonly<Record<'queued' | 'planning' | 'running', number>>;
  readonly homeless: number;
  readonly backlogCpuSeconds: number;
  readonly oldestAgeSeconds: number;
  readonly webhooksPending: number;
  readonly depth: readonly { readonly queue: 'work' | 'solo'; readonly state: string; readonly tasks: number }[];
  readonly redis: {
    readonly usedBytes: number;
    readonly maxBytes: number;
    readonly aofEnabled: boolean;
    readonly aofLastWriteOk: boolean;
  };
}

/** What a process has reported is kept so long after its last report; only living processes are read. */
const keepMs = 3_600_000;
const jobsPerPage = 500;

/** Numbers about the service: processes without a port report theirs into Redis, and whoever is asked reads all of them. */
export function makeMeters(redis: Redis, scripts: Scripts) {
  /** @param counters what they have come to since this process began, by `counterField` */
  const report = (incarnation: string, counters: Readonly<Record<string, number>>, gauges: Gauges) =>
    scripts('measure', incarnation, JSON.stringify(counters), JSON.stringify(gauges), keepMs);

  /** @param core also looked at when nobody computes for it */
  async function read(core: string): Promise<ServiceState> {
    const [totals, living, processes, due, memory, persistence, [seconds], webhooksPending] = await Promise.all([
      redis.hgetall(keys.totals),
      redis.zrange(keys.heartbeats, '0', '-1'),
      redis.hgetall(keys.processes),
      redis.zrange(keys.due, '0', '-1'),
      redis.info('memory'),
      redis.info('persistence'),
      redis.time(),
      redis.zcard(keys.outbox),
    ]);
    const [reports, inHand] = await Promise.all([
      Promise.all(living.map((incarnation) => redis.hget(keys.meter(incarnation), 'gauges'))),
      Promise.all(living.map((incarnation) => redis.hkeys(keys.inFlight(incarnation)))),
    ]);
    const served = new Set(
      living.map((incarnation) => (processes[incarnation] ?? '').split('|')[0]).filter((name) => name !== ''),
    );
    const moving = new Set(inHand.flat().map((task) => `${parseTaskId(task).tenant}.${parseTaskId(task).id}`));
    const { cores, ...jobs } = await readJobs(due, moving, served, Number(seconds) * 1_000);
    const field = (text: string, name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1];
    return {
      totals: Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, Number(value)])),
      workers: reports.filter((report) => report !== null).map((report) => JSON.parse(report)),
      ...jobs,
      webhooksPending,
      depth: await readDepth(new Set([core, ...served, ...cores])),
      redis: {
        usedBytes: Number(field(memory, 'used_memory') ?? 0),
        maxBytes: Number(field(memory, 'maxmemory') ?? 0),
        aofEnabled: field(persistence, 'aof_enabled') === '1',
        aofLastWriteOk: field(persistence, 'aof_last_write_status') !== 'err',
      },
    };
  }

  /** Every unfinished job is on the list of what is due. */
  async function readJobs(due: readonly string[], moving: ReadonlySet<string>, served: ReadonlySet<string>, nowMs: number) {
    const jobs = { queued: 0, planning: 0, running: 0 };
    const cores = new Set<string>();
    let homeless = 0;
    let backlogCpuSeconds = 0;
    let oldestAgeSeconds = 0;
    const fields = ['state', 'queue', 'cost', 'units', 'unitsDone', 'createdAt', 'startedAt', 'movedAt'];
    for (let first = 0; first < due.length; first += jobsPerPage) {
      const page = due.slice(first, first + jobsPerPage);
      const records = await Promise.all(
        page.map((member) => {
          const [tenant, id] = member.split('.');
          return redis.hmget(keys.job({ tenant, id }), ...fields);
        }),
      );
      for (const [i, [state, core, cost, units, unitsDone, ...times]] of records.entries()) {
        if (state !== 'queued' && state !== 'planning' && state !== 'running') continue;
        jobs[state]++;
        const left = units === null ? 1 : 1 - Number(unitsDone ?? 0) / Math.max(1, Number(units));
        backlogCpuSeconds += (Math.max(0, left) * Number(cost)) / 100;
        if (!served.has(core ?? '')) homeless++;
        if (core) cores.add(core);
        if (moving.has(page[i])) continue;
        oldestAgeSeconds = Math.max(oldestAgeSeconds, (nowMs - Math.max(...times.map(Number))) / 1_000);
      }
    }
    return { jobs, cores, homeless, backlogCpuSeconds, oldestAgeSeconds };
  }

  async function readDepth(cores: ReadonlySet<string>): Promise<ServiceState['depth']> {
    const counted = (['work', 'solo'] as const).map(async (queue) => {
      const sum = { prioritized: 0, waiting: 0, active: 0 };
      for (const core of cores) {
        const base = `${prefix}:${queue}.${core}`;
        const [prioritized, waiting, active] = await Promise.all([
          redis.zcard(`${base}:prioritized`),
          redis.llen(`${base}:wait`),
          redis.llen(`${base}:active`),
        ]);
        sum.prioritized += prioritized;
        sum.waiting += waiting;
        sum.active += active;
      }
      return Object.entries(sum).map(([state, tasks]) => ({ queue, state, tasks }));
    });
    return (await Promise.all(counted)).flat();
  }

  return { report, read };
}
export type Meters = ReturnType<typeof makeMeters>;
