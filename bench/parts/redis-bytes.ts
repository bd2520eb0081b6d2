import type { Redis } from 'ioredis';

/** What Redis keeps of a job that has ended, by MEMORY USAGE of every key that names it. */
export async function bytesOfJob(redis: Redis, name: string, id: string, say: (line: string) => void): Promise<void> {
  const byKind = new Map<string, number>();
  for (const key of await redis.keys(`*${id}*`)) {
    const kind = /:t:[^:]+:(\w+):/.exec(key)?.[1] ?? 'transport';
    byKind.set(kind, (byKind.get(kind) ?? 0) + Number(await redis.memory('USAGE', key, 'SAMPLES', '0')));
  }
  const list = '{spillway}:t:local:jobs';
  byKind.set('list', Number(await redis.memory('USAGE', list, 'SAMPLES', '0')) / (await redis.zcard(list)));
  const all = [...byKind.values()].reduce((sum, bytes) => sum + bytes, 0);
  const parts = (byKind.get('parts') ?? 0) + (byKind.get('ctx') ?? 0);
  const kinds = [...byKind].map(([kind, bytes]) => `${kind} ${Math.round(bytes).toLocaleString('en')}`);
  say(
    `  ${name}: ${Math.round(all).toLocaleString('en')}, later ${Math.round(all - parts).toLocaleString('en')} (${kinds.join(', ')})`,
  );
}
