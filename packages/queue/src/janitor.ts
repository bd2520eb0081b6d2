import type { Settings } from '@spillway/settings';
import type { Redis } from 'ioredis';
import { keys, prefix } from './keys.js';
import type { Scripts } from './scripts.js';

const perStep = 500;

/**
 * Clears away what nobody comes back for: tasks of jobs that have ended, in queues without workers or in no list at all, and the
 * names of expired jobs in the lists of jobs. Nothing depends on it but memory.
 */
export function makeJanitor(redis: Redis, scripts: Scripts, settings: Settings) {
  /** Of all processes one does it, once in every period. */
  async function turn(): Promise<void> {
    if ((await redis.set(keys.janitor, '1', 'PX', settings.janitorMs, 'NX')) === 'OK') await sweep();
  }

  async function sweep(): Promise<void> {
    const task = /^\{spillway\}:((?:work|solo)\.[^:]+):([^:]+\.\d+\.\w+)$/;
    const lists = /^\{spillway\}:((?:work|solo)\.[^:]+):(wait|active|prioritized)$/;
    const index = /^\{spillway\}:t:([^:]+):jobs$/;
    for await (const page of redis.scanStream({ match: `${prefix}:*`, count: perStep }) as AsyncIterable<string[]>) {
      for (const key of page) {
        const [, queue, id] = task.exec(key) ?? [];
        if (queue !== undefined) await scripts('sweep', queue, id);
        const [, listed, list] = lists.exec(key) ?? [];
        if (listed !== undefined) {
          const ids = list === 'prioritized' ? await redis.zrange(key, '0', '-1') : await redis.lrange(key, '0', '-1');
          for (let i = 0; i < ids.length; i += perStep) await scripts('sweep', listed, ...ids.slice(i, i + perStep));
        }
        const [, tenant] = index.exec(key) ?? [];
        if (tenant !== undefined) await dropExpired(tenant, key);
      }
    }
  }

  async function dropExpired(tenant: string, index: string): Promise<void> {
    const ids = await redis.zrange(index, '0', '-1');
    for (let i = 0; i < ids.length; i += perStep) {
      const page = ids.slice(i, i + perStep);
      const there = await Promise.all(page.map((id) => redis.exists(keys.job({ tenant, id }))));
      const gone = page.filter((_, k) => there[k] === 0);
      if (gone.length > 0) await redis.zrem(index, ...gone);
    }
  }

  return { turn, sweep };
}
export type Janitor = ReturnType<typeof makeJanitor>;
