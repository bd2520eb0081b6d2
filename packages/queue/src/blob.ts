import type { Redis } from 'ioredis';

/** Large values lie in fields of 1 MB: one field of 64 MB would hold up every other client for 0.3 s. */
export const fieldBytes = 1 << 20;

/** Bytes as fields `<name>0`, `<name>1`, … of at most 1 MB each. */
export function* fieldsOf(bytes: Uint8Array, name = ''): Generator<[field: string, bytes: Uint8Array]> {
  for (let k = 0; k === 0 || k * fieldBytes < bytes.length; k++) {
    yield [`${name}${k}`, bytes.subarray(k * fieldBytes, (k + 1) * fieldBytes)];
  }
}

/** Fields in groups of at most 1 MB together: each group is one call, so that small values cost one. */
export function* inCalls(fields: Iterable<readonly [field: string, bytes: Uint8Array]>): Generator<(string | Uint8Array)[]> {
  let group: (string | Uint8Array)[] = [];
  let held = 0;
  for (const [field, bytes] of fields) {
    if (held > 0 && held + bytes.length > fieldBytes) {
      yield group;
      group = [];
      held = 0;
    }
    group.push(field, bytes);
    held += bytes.length;
  }
  yield group;
}

/** Fields `<name>0`, `<name>1`, … one at a time until one is not there. */
export async function* readFields(redis: Redis, key: string, name = ''): AsyncGenerator<Buffer> {
  for (let k = 0; ; k++) {
    const field = await redis.hgetBuffer(key, `${name}${k}`);
    if (field === null) return;
    yield field;
    if (field.length < fieldBytes) return;
  }
}

/** All fields of a name, joined; null when there are none. */
export async function readBlob(redis: Redis, key: string, name = ''): Promise<Uint8Array | null> {
  const fields: Buffer[] = [];
  for await (const field of readFields(redis, key, name)) fields.push(field);
  return fields.length === 0 ? null : fields.length === 1 ? fields[0] : Buffer.concat(fields);
}
