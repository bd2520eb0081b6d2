import type { PanelPreview, PanelSummary } from '@spillway/core';
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

/** What reading a file gave. */
export interface NewDataset {
  readonly hash: string;
  readonly dataset: Uint8Array;
  readonly summary: PanelSummary;
  readonly preview: PanelPreview;
}

/** Seconds that bytes stay which nothing has claimed yet: an upload before its job, a dataset before its record. */
const unclaimedSeconds = 3_600;

/** Datasets and the uploads that become datasets. */
export function makeDatasets(redis: Redis, scripts: Scripts) {
  /** Writes the bytes of a dataset, then its record: whoever sees the record finds the bytes. */
  async function put(tenant: string, { hash, dataset, summary, preview }: NewDataset, name: string): Promise<void> {
    const record = [JSON.stringify(summary), dataset.length, name, JSON.stringify(preview)];
    // An equal dataset may be there already, or be removed while we look: the record is refused as long as the bytes are not.
    while ((await scripts<number>('put-dataset', tenant, hash, ...record)) === 0) {
      for (const [field, part] of fieldsOf(dataset)) await scripts('put-blob', tenant, hash, field, part, unclaimedSeconds);
      await scripts('put-blob', tenant, hash, 'whole', 1, unclaimedSeconds);
    }
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

  /** The first rows, as JSON text. */
  const preview = (tenant: string, hash: string) => redis.hget(keys.dataset(tenant, hash), 'preview');
  const bytes = (tenant: string, hash: string) => readBlob(redis, keys.datasetBytes(tenant, hash));
  const remove = (tenant: string, hash: string) => scripts<'gone' | 'hidden' | 'none'>('delete-dataset', tenant, hash);

  /** Field k of an upload that is coming in. */
  async function putUpload(tenant: string, upload: string, k: number, part: Uint8Array): Promise<void> {
    const key = keys.upload(tenant, upload);
    const field = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const replies = await redis.multi().hset(key, String(k), field).expire(key, unclaimedSeconds).exec();
    for (const [error] of replies ?? []) if (error) throw error;
  }
  const upload = (tenant: string, id: string) => readBlob(redis, keys.upload(tenant, id));
  const dropUpload = (tenant: string, id: string) => redis.del(keys.upload(tenant, id));

  return { put, get, list, preview, bytes, remove, putUpload, upload, dropUpload };
}
export type Datasets = ReturnType<typeof makeDatasets>;
