import { type ChildProcess, fork } from 'node:child_process';
import { Interrupted } from '@spillway/core';
import type { CallName, Calls } from './calls.js';
import type { CallOptions, Compute } from './compute.js';
import { type Outcome, unwrap } from './outcome.js';
import type { PoolOptions } from './pool.js';
import { unitsPipe } from './shared.js';
import { ThreadDeath } from './thread-death.js';

interface Answer<T> {
  readonly outcome: Outcome<T>;
  readonly units: number;
}

/**
 * Each call in a process of its own: for what has been in the hands of processes that died. Whatever it does to its process,
 * nothing else is in it.
 */
export class SoloCompute implements Compute {
  readonly #registryUrl: string;
  readonly #rendererUrl: string;
  readonly #heapMb: number;
  readonly #children = new Set<ChildProcess>();

  constructor({ registryUrl = '', rendererUrl = '', heapMb = 2_048 }: Omit<PoolOptions, 'threads'> = {}) {
    this.#registryUrl = registryUrl;
    this.#rendererUrl = rendererUrl;
    this.#heapMb = heapMb;
  }

  call<Name extends Exclude<CallName, 'shard'>>(
    name: Name,
    asked: Calls[Name]['asked'],
    options: CallOptions = {},
  ): Promise<Calls[Name]['answered']> {
    return this.#run(name, asked, options);
  }

  shard(asked: Calls['shard']['asked'], options: CallOptions = {}): Promise<Uint8Array> {
    return this.#run('shard', asked, options);
  }

  async #run<Name extends CallName>(
    name: Name,
    asked: object,
    { signal, wallMs }: CallOptions,
  ): Promise<Calls[Name]['answered']> {
    if (signal?.aborted) throw new Interrupted();
    const child = fork(
      new URL('./solo-process.js', import.meta.url),
      [this.#registryUrl, String(this.#heapMb), this.#rendererUrl],
      {
        serialization: 'advanced',
        stdio: ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'],
        execArgv: [...process.execArgv, `--max-old-space-size=${this.#heapMb}`],
      },
    );
    this.#children.add(child);
    let told = '';
    child.stdio[unitsPipe]?.on('data', (text: Buffer) => {
      told += text;
    });
    const units = () => told.split('\n').reduce((sum, line) => sum + Number(line), 0);
    let timedOut = false;
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const begin = () => {
      if (wallMs !== undefined) {
        timer = setTimeout(() => {
          timedOut = true;
          kill();
        }, wallMs);
      }
      child.send({ name, asked: unshared(asked) }, () => {}); // a child that died before reading shows as exit
    };
    try {
      const answer = await new Promise<Answer<Calls[Name]['answered']> | null>((resolve) => {
        child.on('message', (message: 'ready' | Answer<Calls[Name]['answered']>) =>
          message === 'ready' ? begin() : resolve(message),
        );
        child.once('error', () => resolve(null));
        child.once('close', () => resolve(null)); // after `exit`, when all that it had told has been read
      });
      if (answer) return unwrap(answer.outcome, answer.units);
      if (signal?.aborted) throw new Interrupted();
      if (timedOut) throw new ThreadDeath('timed_out', `${name} took longer than ${wallMs} ms`, units());
      if (child.signalCode === 'SIGABRT') throw new ThreadDeath('out_of_memory', `${name} used up its heap`, units()); // how Node ends for want of it
      throw new ThreadDeath('crashed', `${name} ended its process (${child.signalCode ?? `exit ${child.exitCode}`})`, units());
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      this.#children.delete(child);
      kill();
    }
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

/** Shared memory does not cross between processes: what lies in it is copied. */
function unshared(asked: object): object {
  const plain = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer) return Uint8Array.from(value as Uint8Array);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  };
  return plain(asked) as object;
}
