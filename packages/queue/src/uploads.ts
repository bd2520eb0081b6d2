import type { Redis } from 'ioredis';
import { readBlob } from './blob.js';
import { keys } from './keys.js';

/** Seconds that an upload stays which no job has claimed yet. */
const unclaimedSeconds = 3_600;

/** Files on their way to become datasets or weights. */
export function makeUploads(redis: Redis) {
  /** Field k of an upload that is coming in. */
  async function put(tenant: string, upload: string, k: number, part: Uint8Array): Promise<void> {
    const key = keys.upload(tenant, upload);
    const field = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const replies = await redis.multi().hset(key, String(k), field).expire(key, unclaimedSeconds).exec();
    for (const [error] of replies ?? []) if (error) throw error;
  }
  const bytes = (tenant: string, id: string) => readBlob(redis, keys.upload(tenant, id));
  const drop = (tenant: string, id: string) => redis.del(keys.upload(tenant, id));

  return { put, bytes, drop };
}
export type Uploads = ReturnType<typeof makeUploads>;
