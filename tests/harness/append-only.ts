import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@spillway/contracts';
import type { FaultStack } from './fault-stack.js';

/** The file that Redis appends to. */
export function appendOnlyFile({ redis }: FaultStack): string {
  const folder = join(redis.dir, 'appendonlydir');
  const files = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
  return join(folder, files.sort()[files.length - 1]);
}

export const sizeOf = (file: string) => statSync(file).size;

/** Everything ends at once; of what Redis had written only so many bytes reached the disk. Then everything starts again. */
export async function losePower(stack: FaultStack, bytes: (file: string) => number): Promise<void> {
  const living = stack.crew.filter((worker) => !worker.exit());
  for (const child of [...living, stack.api, stack.redis]) child.kill('SIGKILL');
  await Promise.all([...living, stack.api, stack.redis].map((child) => child.exited));
  const file = appendOnlyFile(stack);
  truncateSync(file, Math.min(sizeOf(file), bytes(file)));
  await stack.startRedis();
  await stack.startApi();
  for (const _ of living) await stack.startWorker();
}

/** The job if it is known, once it has ended. */
export async function survivor(stack: FaultStack, id: string): Promise<Job | null> {
  const { status } = await stack.insist('GET', `/v1/jobs/${id}`);
  if (status === 404) return null;
  expect(status).toBe(200);
  return stack.ended(id);
}
