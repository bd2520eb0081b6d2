import type { PanelSummary } from '@spillway/core';
import type { Redis } from 'ioredis';
import { fieldsOf, readBlob } from './blob.js';
import { keys } from './keys.js';
import type { Scripts } from './scripts.js';

export interface DatasetRecord {
  readonly hash: string;
  readonly name: string;
  readonly bytes: number;
  readonly createdAt: number;
  readonly summary: PanelSummary;
}

/** Seconds that bytes stay which nothing has claimed yet: an upload before its job, a dataset before its record. */
const unclaimedSeconds = 3_600;

/** Datasets and the uploads that become datasets. */
export function makeDatasets(redis: Redis, scripts: Scripts) {
  /** Writes the bytes of a dataset, then its record: whoever sees the record finds the bytes. */
  async function put(tenant: string, hash: string, bytes: Uint8Array, summary: PanelSummary, name: string): Promise<void> {
    const key = keys.datasetBytes(tenant, hash);
    if ((await redis.exists(keys.dataset(tenant, hash))) === 0) {
      for (const [field, part] of fieldsOf(bytes))
        await redis.hset(key, field, Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      await redis.expire(key, unclaimedSeconds, 'NX');
    }
    await scripts('put-dataset', tenant, hash, JSON.stringify(summary), bytes.length, name);
  }

  async function get(tenant: string, hash: string): Promise<DatasetRecord | null> {
    const record = await redis.hgetall(keys.dataset(tenant, hash));
    if (record.summary === undefined || record.hidden === '1') return null;
    return {
      hash,
      name: record.name ?? '',
      bytes: Number(record.bytes),
      createdAt: Number(record.createdAt),
      summary: JSON.parse(record.summary),
    };
  }

  /** Newest first. */
  async function list(tenant: string): Promise<DatasetRecord[]> {
    const hashes = await redis.zrevrange(keys.datasets(tenant), 0, -1);
    return (await Promise.all(hashes.map((hash) => get(tenant, hash)))).filter((record) => record !== null);
  }

  const bytes = (tenant: string, hash: string) => readBlob(redis, keys.datasetBytes(tenant, hash));
  const remove = (tenant: string, hash: string) => scripts<'gone' | 'hidden' | 'none'>('delete-dataset', tenant, hash);

  /** Field k of an upload that is coming in. */
  async function putUpload(tenant: string, upload: string, k: number, part: Uint8Array): Promise<void> {
    const key = keys.upload(tenant, upload);
    await redis.hset(key, String(k), Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    if (k === 0) await redis.expire(key, unclaimedSeconds);
  }
  const upload = (tenant: string, id: string) => readBlob(redis, keys.upload(tenant, id));
  const dropUpload = (tenant: string, id: string) => redis.del(keys.upload(tenant, id));

  return { put, get, list, bytes, remove, putUpload, upload, dropUpload };
}
export type Datasets = ReturnType<typeof makeDatasets>;
