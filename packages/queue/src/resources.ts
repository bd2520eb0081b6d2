import type { Redis } from 'ioredis';
import { fieldsOf, readBlob } from './blob.js';
import { keys } from './keys.js';
import type { Scripts } from './scripts.js';

/** What jobs read: immutable bytes under their hash, pinned while a job that reads them lives. Also the list they stand in. */
export type ResourceKind = 'datasets' | 'weights';

export interface ResourceRecord<Summary> {
  readonly hash: string;
  readonly name: string;
  readonly bytes: number;
  readonly createdAt: number;
  readonly summary: Summary;
}

/** What reading a file gave. */
export interface NewResource<Summary> {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly summary: Summary;
  /** what a person sees of it first; JSON */
  readonly preview: unknown;
}

/** Seconds that bytes stay which nothing has claimed yet. */
const unclaimedSeconds = 3_600;
/** Summaries that are kept parsed. */
const keptSummaries = 500;

/** The resources of one kind. */
export function makeResources<Summary>(redis: Redis, scripts: Scripts, kind: ResourceKind) {
  /** What does not change is parsed once: every submission asks for it. */
  const summaries = new Map<string, Summary>();

  /** Writes the bytes, then the record: whoever sees the record finds the bytes. */
  async function put(tenant: string, { hash, bytes, summary, preview }: NewResource<Summary>, name: string): Promise<void> {
    const record = [JSON.stringify(summary), bytes.length, name, JSON.stringify(preview)];
    // An equal one may be there already, or be removed while we look: the record is refused as long as the bytes are not.
    while ((await scripts<number>('put-resource', tenant, kind, hash, ...record)) === 0) {
      for (const [field, part] of fieldsOf(bytes)) await scripts('put-blob', tenant, hash, field, part, unclaimedSeconds);
      await scripts('put-blob', tenant, hash, 'whole', 1, unclaimedSeconds);
    }
  }

  async function get(tenant: string, hash: string): Promise<ResourceRecord<Summary> | null> {
    const key = keys.resource(tenant, hash);
    const [found, hidden, name, bytes, createdAt] = await redis.hmget(key, 'kind', 'hidden', 'name', 'bytes', 'createdAt');
    if (found !== kind || hidden === '1') return null;
    const life = `${key} ${createdAt}`;
    let summary = summaries.get(life);
    if (summary === undefined) {
      const text = await redis.hget(key, 'summary');
      if (text === null) return null;
      summary = JSON.parse(text) as Summary;
      summaries.set(life, summary);
      if (summaries.size > keptSummaries) summaries.delete(summaries.keys().next().value ?? '');
    }
    return { hash, name: name ?? '', bytes: Number(bytes), createdAt: Number(createdAt), summary };
  }

  /** Newest first. */
  async function list(tenant: string): Promise<ResourceRecord<Summary>[]> {
    const hashes = await redis.zrevrange(keys.resources(tenant, kind), 0, -1);
    return (await Promise.all(hashes.map((hash) => get(tenant, hash)))).filter((record) => record !== null);
  }

  /** What a person sees of it first, as JSON text. */
  const preview = (tenant: string, hash: string) => redis.hget(keys.resource(tenant, hash), 'preview');
  const bytes = (tenant: string, hash: string) => readBlob(redis, keys.resourceBytes(tenant, hash));
  const remove = (tenant: string, hash: string) => scripts<'gone' | 'hidden' | 'none'>('delete-resource', tenant, kind, hash);

  return { put, get, list, preview, bytes, remove };
}

export type Resources<Summary> = ReturnType<typeof makeResources<Summary>>;
