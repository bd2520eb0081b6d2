import type { Settings } from '@spillway/settings';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { prefix } from './keys.js';
import { parseTaskId, type Task } from './task.js';

/** A task to be put into BullMQ. */
export interface Offer {
  readonly task: string;
  readonly queue: string;
  readonly priority: number;
}

/** BullMQ as a way for tasks to find a worker: fetching, locks, hand-over. It keeps nothing and judges nothing. */
export function makeSender(redis: Redis) {
  const queues = new Map<string, Queue>();
  const queue = (name: string) => {
    let found = queues.get(name);
    if (!found) {
      found = new Queue(name, {
        connection: redis,
        prefix,
        skipVersionCheck: true, // with it a queue made while Redis is away recovers
        streams: { events: { maxLen: 100 } }, // nobody reads them
      });
      found.on('error', () => {});
      queues.set(name, found);
    }
    return found;
  };

  /** May be partly done when it throws: the next full drive completes it. */
  async function send(offers: readonly Offer[]): Promise<void> {
    for (const name of new Set(offers.map((offer) => offer.queue))) {
      const some = offers.filter((offer) => offer.queue === name);
      const tasks = some.map(({ task, priority }) => ({
        name: 'task',
        data: {},
        opts: { jobId: task, priority, removeOnComplete: true, removeOnFail: true },
      }));
      // A light job has one task, and one is cheaper alone.
      if (tasks.length === 1) await queue(name).add(tasks[0].name, tasks[0].data, tasks[0].opts);
      else await queue(name).addBulk(tasks);
    }
  }

  const close = async () => {
    await Promise.all([...queues.values()].map((open) => open.close()));
  };
  return { send, close };
}
export type Sender = ReturnType<typeof makeSender>;

export interface ReceiverOptions {
  readonly redis: Redis;
  readonly settings: Settings;
  readonly queue: string;
  readonly concurrency: number;
  /** does the task; what it throws only reaches the log, for our own records say what became of the work */
  readonly handle: (task: Task, id: string) => Promise<void>;
  /** the task has left BullMQ: what comes next can be added */
  readonly left: (task: Task) => void;
  readonly onError: (error: Error) => void;
  /** BullMQ has given a task to another worker because its lock had run out */
  readonly onStalled: () => void;
  /** so many locks could not be renewed: others may have these tasks now */
  readonly onLocksLost: (tasks: number) => void;
}

/** Takes tasks off a queue. Limits at which BullMQ would fail a task by itself are set out of reach. */
export function makeReceiver({
  redis,
  settings,
  queue,
  concurrency,
  handle,
  left,
  onError,
  onStalled,
  onLocksLost,
}: ReceiverOptions) {
  const worker = new Worker(queue, async (job) => handle(parseTaskId(job.id!), job.id!), {
    connection: redis,
    prefix,
    concurrency,
    autorun: false,
    lockDuration: settings.lockMs,
    stalledInterval: settings.stalledMs,
    maxStalledCount: 1_000_000,
    drainDelay: 2,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    skipVersionCheck: true,
  });
  worker.on('error', onError);
  worker.on('stalled', onStalled);
  worker.on('lockRenewalFailed', (ids) => onLocksLost(ids.length));
  const after = (job: { id?: string | undefined } | undefined) => {
    if (job?.id !== undefined) left(parseTaskId(job.id));
  };
  worker.on('completed', after);
  worker.on('failed', after);
  return {
    /** Resolves when the receiver is closed. */
    run: () => worker.run(),
    /** No more tasks are fetched; returns when those in hand have been handled. */
    close: () => worker.close(),
    /** At once. */
    drop: () => worker.close(true),
  };
}
export type Receiver = ReturnType<typeof makeReceiver>;
