import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@spillway/contracts';
import type { Child } from '@spillway/stack';
import { type Chance, makeChance } from './chance.js';
import { type FaultStack, rounds, sleep, startFaultStack, type ToyParams } from './fault-stack.js';
import { type Receiver, startReceiver } from './webhook-receiver.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** where every question and answer is written, one line each, as it happens */
  readonly log: string;
  readonly tell: (line: string) => void;
}

export interface SoakReport {
  readonly jobs: number;
  readonly ends: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly shards: number;
  readonly recomputed: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** MB of the worker that is never killed, from the first to the last look */
  readonly workerMb: readonly number[];
  readonly violations: readonly string[];
}

const workers = 3;
const clients = 4;

/**
 * A stack under load and under fire: clients submit, cancel, retry and ask again, while workers, the API and Redis are killed,
 * stopped and asked to leave at random. At the end everything that was promised must have come about.
 */
export async function soak({ minutes, seed, log, tell }: SoakOptions): Promise<SoakReport> {
  const chance = makeChance(seed);
  const receiver = await startReceiver();
  const stack = await startFaultStack({
    workers,
    env: {
      SPILLWAY_PARTS_SECONDS: '5',
      SPILLWAY_FAILED_SECONDS: '5',
      NODE_EXTRA_CA_CERTS: receiver.caFile,
      SPILLWAY_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
      SPILLWAY_WEBHOOK_HOSTS: 'localhost',
      SPILLWAY_WEBHOOK_ATTEMPTS: '30',
      SPILLWAY_WEBHOOK_RETRY_MS: '50',
      SPILLWAY_WEBHOOK_TIMEOUT_MS: '1000',
    },
  });
  try {
    void stack.supervise(workers);
    const until = performance.now() + minutes * 60_000;
    const write = (entry: object) => appendFileSync(log, `${JSON.stringify({ at: Date.now(), ...entry })}\n`);
    const history = new History(stack, receiver, write);
    const spared = stack.crew[0];
    const workerMb: number[] = [];
    const looking = setInterval(() => {
      workerMb.push(residentMb(spared.pid));
      tell(
        `${Math.round((until - performance.now()) / 1_000)} s left: ${history.size} jobs, the spared worker has ${workerMb.at(-1)} MB`,
      );
    }, 15_000);

    const fire = new Fire(stack, makeChance(chance.whole(1, 2 ** 31)), spared, write);
    await Promise.all([
      fire.until(until),
      ...Array.from({ length: clients }, (_, k) => client(history, makeChance(seed + k + 1), k, until)),
    ]);
    clearInterval(looking);
    return { ...(await history.judge()), faults: fire.counts, workerMb, violations: [...stack.violations, ...fire.odd()] };
  } finally {
    await stack.stop();
    await receiver.stop();
  }
}

/** Breaks things, one after another, sometimes before the last one is whole again. */
class Fire {
  readonly counts: Record<string, number> = {};
  readonly #asked = new Map<Child, string>();

  constructor(
    readonly stack: FaultStack,
    readonly chance: Chance,
    readonly spared: Child,
    readonly write: (entry: object) => void,
  ) {}

  readonly #faults: Record<string, { weight: number; happen: () => Promise<void> }> = {
    'worker killed': { weight: 6, happen: async () => this.#end('SIGKILL') },
    'worker asked to leave': { weight: 2, happen: async () => this.#end('SIGTERM') },
    'worker asleep': { weight: 3, happen: () => this.#nap(this.chance.one(this.#living()), this.chance.between(100, 5_000)) },
    'API killed': {
      weight: 2,
      happen: async () => {
        this.stack.api.kill('SIGKILL');
        await this.stack.startApi();
      },
    },
    'Redis killed': {
      weight: 2,
      happen: async () => {
        this.stack.redis.kill('SIGKILL');
        await sleep(this.chance.between(0, 1_500));
        await this.stack.startRedis();
      },
    },
    'Redis asleep': { weight: 2, happen: () => this.#nap(this.stack.redis, this.chance.between(100, 5_000)) },
  };

  #living = () => this.stack.crew.filter((worker) => !worker.exit());

  #end(signal: 'SIGKILL' | 'SIGTERM'): void {
    const others = this.#living().filter((worker) => worker !== this.spared && !this.#asked.has(worker));
    if (others.length === 0) return;
    const victim = this.chance.one(others);
    this.#asked.set(victim, signal);
    victim.kill(signal);
  }

  async #nap(sleeper: Pick<Child, 'kill'>, ms: number): Promise<void> {
    sleeper.kill('SIGSTOP');
    await sleep(ms);
    sleeper.kill('SIGCONT');
  }

  async until(end: number): Promise<void> {
    const deck = Object.entries(this.#faults).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));
    while (performance.now() < end) {
      await sleep(this.chance.between(100, 3_000));
      const name = this.chance.one(deck);
      this.counts[name] = (this.counts[name] ?? 0) + 1;
      this.write({ fault: name });
      const over = this.#faults[name].happen();
      if (name.startsWith('worker') && this.chance.next() < 0.3) void over;
      else await over;
    }
  }

  /** Workers that ended otherwise than they were asked to; one that has only just begun has no way to leave yet. */
  odd(): string[] {
    return this.stack.crew.flatMap((worker) => {
      const exit = worker.exit();
      if (
        !exit ||
        exit.signal === 'SIGKILL' ||
        (this.#asked.get(worker) === 'SIGTERM' && (exit.code === 0 || exit.signal === 'SIGTERM'))
      )
        return [];
      return [`${worker.name} ended by itself: ${JSON.stringify(exit)}\n${worker.lastWords()}`];
    });
  }
}

/** What was asked and promised, and how each job may end for all that its client knows. */
class History {
  readonly #may = new Map<string, readonly Job['state'][]>();
  readonly #progress = new Map<string, { epoch: number; done: number }>();
  readonly #latencies: number[] = [];
  readonly #retried = new Set<string>();

  constructor(
    readonly stack: FaultStack,
    readonly receiver: Receiver,
    readonly write: (entry: object) => void,
  ) {}

  get size(): number {
    return this.#may.size;
  }

  async submit(params: ToyParams, seed: number): Promise<string> {
    const path = `/${seed}`;
    if (seed % 5 === 0) this.receiver.answers.set(path, [500]); // some receivers are not well at first
    const id = await this.stack.submit(params, seed, this.receiver.url(path));
    this.write({ submitted: id, params, seed });
    this.#may.set(id, [params.fails === undefined ? 'succeeded' : 'failed']);
    return id;
  }

  /** Submits and follows a job, as one who waits for it. */
  async see(params: ToyParams, seed: number, everyMs: number): Promise<void> {
    const began = performance.now();
    await this.follow(await this.submit(params, seed), everyMs);
    this.#latencies.push(performance.now() - began);
  }

  /** A cancellation or a retry; what its answer says of how the job may end. */
  async ask(id: string, what: 'cancel' | 'retry'): Promise<number> {
    if (what === 'retry') this.#retried.add(id); // a life that was not asked for with a webhook
    const { status } = await this.stack.insist('POST', `/v1/jobs/${id}/${what}`);
    this.write({ asked: what, id, status });
    if (status === 202) this.#may.set(id, [what === 'cancel' ? 'cancelled' : 'succeeded']);
    // 409: it had ended before; a retry whose first answer was lost may have succeeded meanwhile
    else if (status === 409) this.#may.set(id, ['succeeded']);
    else this.stack.violations.push(`${what} ${id}: ${status}`);
    return status;
  }

  /** Looks at the job until it has ended: it never goes back. */
  async follow(id: string, everyMs: number): Promise<Job> {
    for (;;) {
      const job = await this.stack.job(id);
      const last = this.#progress.get(id);
      const { epoch, progress } = job;
      if (last && (epoch < last.epoch || (epoch === last.epoch && progress.done < last.done))) {
        this.stack.violations.push(`job ${id} went back from ${JSON.stringify(last)} to ${epoch}, ${progress.done}`);
      }
      this.#progress.set(id, { epoch, done: progress.done });
      if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
      await sleep(everyMs);
    }
  }

  /** Who asked to be told of an end was told, of that end and of no other. */
  async #told(id: string): Promise<void> {
    let job = await this.stack.job(id);
    while (job.webhooks && job.webhooks.pending > 0) {
      await sleep(50);
      job = await this.stack.job(id);
    }
    const { state, epoch, webhooks } = job;
    const ids = this.receiver.received.map(({ headers }) => headers['webhook-id']).filter((one) => one.startsWith(`${id}.`));
    if (webhooks === null ? !this.#retried.has(id) : webhooks.delivered !== 1 || !ids.includes(`${id}.${epoch}.${state}`)) {
      this.stack.violations.push(`job ${id}, ${state} in epoch ${epoch}: webhooks ${JSON.stringify(webhooks)}, came ${ids}`);
    }
    const ends = new Set(ids);
    if (new Set(ids.map((one) => one.split('.')[1])).size < ends.size) {
      this.stack.violations.push(`job ${id} has several ends in one epoch: ${[...ends]}`);
    }
  }

  async judge() {
    const { stack } = this;
    const states: Record<string, Job['state']> = {};
    const ends: Record<string, number> = {};
    let recomputed = 0;
    let shards = 0;
    for (const [id, may] of this.#may) {
      const end = await this.follow(id, 50);
      this.write({ ended: id, state: end.state, epoch: end.epoch, ran: end.ran });
      if (!may.includes(end.state)) stack.violations.push(`job ${id} may end as ${may}: ${JSON.stringify(end)}`);
      await this.#told(id);
      states[id] = end.state;
      ends[end.state] = (ends[end.state] ?? 0) + 1;
      recomputed += end.ran.recomputed;
      shards += end.ran.shards;
    }
    for (const file of readdirSync(stack.folder).filter((name) => name.endsWith('.log'))) {
      for (const line of readFileSync(join(stack.folder, file), 'utf8').split('\n')) {
        if (line.includes('different bytes')) stack.violations.push(`${file}: ${line}`);
      }
    }
    await stack.verify(states);
    const sorted = this.#latencies.map(Math.round).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    const latencyMs = { p50: at(0.5), p99: at(0.99), most: at(1) };
    return { jobs: this.size, ends, shards, recomputed, latencyMs };
  }
}

/** One person: submits and follows; sometimes cancels, changes her mind, asks for the same again, or goes away. */
async function client(history: History, chance: Chance, k: number, until: number): Promise<void> {
  const mine: { params: ToyParams; seed: number }[] = [];
  for (let i = 0; performance.now() < until; i++) {
    const seed = 1_000_000 * (k + 1) + i;
    const what = chance.next();
    if (what < 0.1 && mine.length > 0) {
      const { params, seed: before } = chance.one(mine);
      await history.see(params, before, 100);
      continue;
    }
    if (what < 0.25) {
      const id = await history.submit({ shards: chance.whole(2, 6), burn: rounds(chance.between(0.05, 0.3)) }, seed);
      await sleep(chance.between(0, 1_500));
      const status = await history.ask(id, 'cancel');
      if (status === 202 && chance.next() < 0.5) await history.ask(id, 'retry');
      continue;
    }
    const params: ToyParams = {
      shards: chance.whole(1, 8),
      burn: rounds(chance.between(0, 0.15)),
      ...(chance.next() < 0.3 ? { declared: 1 } : {}),
      ...(chance.next() < 0.2 ? { checkpoints: [1, 3] } : {}),
      ...(chance.next() < 0.08 ? { fails: chance.one(['estimation', 'throws', 'exits']), at: 0 } : {}),
    };
    mine.push({ params, seed });
    if (what < 0.9) await history.see(params, seed, chance.between(30, 300));
    else await history.submit(params, seed);
  }
}

/** What a process has in memory. */
function residentMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return Math.round((pages * 4_096) / 2 ** 20);
}
