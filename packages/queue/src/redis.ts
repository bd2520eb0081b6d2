import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { keys } from './keys.js';

/** A server's memory policy would throw away locks and results: refused. */
export class UnfitRedis extends Error {
  override readonly name = 'UnfitRedis';
  readonly code = 'unfit_redis';
}

/** For requests: fails fast. A time-out means unknown, not failed; all we do is safe to do again. */
export function connectForRequests(url: string): Redis {
  return quiet(
    new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: 2_000,
      connectTimeout: 2_000,
      retryStrategy: (times) => Math.min(times * 100, 1_000),
    }),
  );
}

/** For workers: waits for Redis as long as it takes. */
export function connectForWork(url: string): Redis {
  return quiet(new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 50, 500) }));
}

/** Without a listener an outage would be an unhandled error; the state of the connection is what tells of it. */
function quiet(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}

/** @throws UnfitRedis unless the server never evicts */
export async function checkPolicy(redis: Redis): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1]; // CONFIG is often forbidden, INFO is not
  if (policy !== undefined && policy !== 'noeviction') {
    throw new UnfitRedis(`Redis needs maxmemory-policy noeviction, or locks and results vanish; it has ${policy}`);
  }
}

/** Who asks whether we are ready wants to know soon. */
const healthMs = 1_000;
/** A store that nobody asks about is looked at so often. */
const lookEveryMs = 2_000;

/** Is work to be taken? `detail` says why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly detail: string;
}

/**
 * Does Redis answer, keep what it is given, and still have what it was given before? For `/readyz`. An emptied Redis works like any other
 * and has lost what was promised: that is said for a while, so that whoever looks after it notices, and may bring the data back.
 *
 * @param onEmptied told once each time
 */
export function makeStoreHealth(redis: Redis, emptiedMs: number, onEmptied: () => void) {
  let name: string | null = null;
  let emptiedAt = Number.NEGATIVE_INFINITY;

  async function lookForLoss(): Promise<void> {
    await redis.setnx(keys.store, randomUUID());
    const found = await redis.get(keys.store);
    if (name !== null && found !== name) {
      emptiedAt = performance.now();
      onEmptied();
    }
    name = found;
  }

  async function look(): Promise<string> {
    await checkPolicy(redis);
    const persistence = await redis.info('persistence');
    if (!persistence.includes('loading:1')) await lookForLoss().catch(() => {}); // a store that cannot be written says so itself
    return persistence;
  }

  async function health(): Promise<Readiness> {
    const tooLate = () => new Promise<null>((resolve) => setTimeout(() => resolve(null), healthMs).unref());
    if (redis.status !== 'ready') return { ready: false, detail: `no connection to Redis (${redis.status})` };
    try {
      const persistence = await Promise.race([look(), tooLate()]);
      if (persistence === null) return { ready: false, detail: `Redis has not answered within ${healthMs} ms` };
      if (persistence.includes('loading:1')) return { ready: false, detail: 'Redis is loading its data' };
      if (persistence.includes('aof_last_write_status:err'))
        return { ready: false, detail: 'Redis cannot write its append-only file' };
      if (performance.now() - emptiedAt < emptiedMs)
        return { ready: false, detail: 'Redis has been emptied: datasets and jobs from before are lost' };
      if (persistence.includes('aof_enabled:0'))
        return { ready: true, detail: 'ready, but Redis keeps no append-only file: when it restarts, accepted work is lost' };
      return { ready: true, detail: 'ready' };
    } catch (error) {
      return { ready: false, detail: error instanceof Error ? error.message : 'Redis does not answer' };
    }
  }

  const looking = setInterval(() => {
    if (redis.status === 'ready') void lookForLoss().catch(() => {});
  }, lookEveryMs).unref();
  return { health, close: () => clearInterval(looking) };
}

/** How a failed request of Redis shows. What became of it is not known; all we ask may be asked again. */
export function isOutage(error: unknown): boolean {
  const { name = '', message = '' } = error instanceof Error ? error : {};
  return (
    ['MaxRetriesPerRequestError', 'AbortError', 'ReplyError'].includes(name) ||
    /Command timed out|isn't writeable|Connection is closed|ECONNREFUSED|ECONNRESET|Reached the max retries/.test(message)
  );
}

/** Redis has no room: its memory is used up, or it cannot write its append-only file. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && /\b(OOM|MISCONF)\b/.test(error.message);

/** New work is taken below this share of Redis' memory: the rest is for the work that has been taken. */
const roomShare = 0.75;
const roomEveryMs = 500;

/** Is there room for new work? Looked up now and then, not for every request. */
export function makeRoom(redis: Redis): () => Promise<boolean> {
  let last = { at: Number.NEGATIVE_INFINITY, room: true };
  return async () => {
    if (performance.now() - last.at < roomEveryMs) return last.room;
    const memory = await redis.info('memory');
    const number = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0);
    const most = number('maxmemory');
    last = { at: performance.now(), room: most === 0 || number('used_memory') < roomShare * most };
    return last.room;
  };
}
