import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Interrupted } from '@spillway/core';
import { Piscina } from 'piscina';
import type { CallName, Calls } from './calls.js';
import type { CallOptions, Compute } from './compute.js';
import { type Outcome, unwrap } from './outcome.js';
import { Control } from './shared.js';
import { ThreadDeath } from './thread-death.js';

export interface PoolOptions {
  /** default: the cores of this machine */
  readonly threads?: number;
  /** module that exports `registry`; default: the analyses of the core */
  readonly registryUrl?: string;
  /** module that exports `renderDocument`, for `render` calls; read when the first is made */
  readonly rendererUrl?: string;
  /** megabytes that one thread may take: its heap, and as much again in buffers */
  readonly heapMb?: number;
}

type Options = CallOptions & { readonly onUnits?: (units: number) => void };

const coreUrl = pathToFileURL(createRequire(import.meta.url).resolve('@spillway/core')).href;

/** How long a thread may take to notice that it should stop. */
const graceMs = 1_500;
const lookEveryMs = 250;

/** Threads that run the steps of jobs. The owner's own thread stays free for I/O. */
export class Pool implements Compute {
  readonly threads: number;
  readonly #piscina: Piscina;

  constructor({ threads = availableParallelism(), registryUrl = coreUrl, rendererUrl = '', heapMb = 2_048 }: PoolOptions = {}) {
    this.threads = threads;
    this.#piscina = new Piscina({
      filename: new URL('./thread.js', import.meta.url).href,
      workerData: { registryUrl, rendererUrl, heapMb },
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled', // measured: 63 µs a call against 260, and the thread sleeps when idle
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    // A thread that dies between calls is replaced by Piscina; the call that died with it is told by `call`.
    this.#piscina.on('error', () => {});
  }

  call<Name extends Exclude<CallName, 'shard'>>(
    name: Name,
    asked: Calls[Name]['asked'],
    options: CallOptions = {},
  ): Promise<Calls[Name]['answered']> {
    return this.#run(name, asked, options);
  }

  shard(asked: Calls['shard']['asked'], options: Options = {}): Promise<Uint8Array> {
    return this.#run('shard', asked, options);
  }

  async #run<Name extends CallName>(
    name: Name,
    asked: Calls[Name]['asked'],
    { signal, wallMs = Number.POSITIVE_INFINITY, onUnits }: Options,
  ): Promise<Calls[Name]['answered']> {
    if (signal?.aborted) throw new Interrupted();
    const control = new Control();
    const kill = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    const stop = () => {
      control.stop();
      grace = setTimeout(() => kill.abort(), graceMs);
    };
    signal?.addEventListener('abort', stop, { once: true });
    let begun = Number.POSITIVE_INFINITY; // a thread that is starting, after one was ended, takes nothing off a step's time
    const overdue = () => performance.now() - begun > wallMs;
    const looking = setInterval(
      () => {
        if (control.begun) begun = Math.min(begun, performance.now());
        if (overdue()) kill.abort();
        onUnits?.(control.units);
      },
      Math.min(lookEveryMs, wallMs),
    );
    let outcome: Outcome<Calls[Name]['answered']>;
    try {
      outcome = await this.#piscina.run({ asked, buffer: control.buffer }, { name, signal: kill.signal });
    } catch (error) {
      if (signal?.aborted) throw new Interrupted();
      if (kill.signal.aborted) throw new ThreadDeath('timed_out', `${name} took longer than ${wallMs} ms`, control.units);
      throw ThreadDeath.of(error, control.units);
    } finally {
      clearInterval(looking);
      clearTimeout(grace);
      signal?.removeEventListener('abort', stop);
    }
    return unwrap(outcome, control.units); // outside of the try: what the computation threw is not the death of its thread
  }

  /** Ends the threads. Calls under way are rejected. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}
