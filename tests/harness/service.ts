import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dataset, Job, ProblemBody } from '@spillway/contracts';
import { startStack } from '@spillway/stack';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
export const dataFile = (name: string) => readFileSync(here(`../../data/${name}`));

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A whole stack of real processes with the toy analysis beside the real ones, and the few requests that tests make again and again. */
export async function startService({
  workers = 1,
  threads = 2,
  env = {},
}: {
  workers?: number;
  threads?: number;
  env?: Record<string, string>;
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  const stack = await startStack({
    redis: {},
    workers,
    threads,
    programs: { api: here('./toy-api.mjs'), worker: here('./toy-worker.mjs') },
    env: { SPILLWAY_LOG_LEVEL: 'warn', ...env },
    logs: { folder },
  });
  const url = stack.apiUrl;

  async function ask<T>(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
  }
  const get = <T>(path: string, headers?: Record<string, string>) => ask<T>('GET', path, undefined, headers);
  const post = <T = Job & ProblemBody>(path: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask<T>('POST', path, body === undefined ? undefined : JSON.stringify(body), {
      'content-type': 'application/json',
      ...headers,
    });
  const upload = <T = Dataset & ProblemBody>(bytes: string | Uint8Array, query: string, type = 'text/csv') =>
    ask<T>('POST', `/v1/datasets?${query}`, bytes, { 'content-type': type });

  async function grunfeld(): Promise<string> {
    const { status, body } = await upload(dataFile('grunfeld.csv'), 'entity=firm&time=year');
    if (status !== 201) throw new Error(`upload: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }
  const submitToy = async (dataset: string, params: Record<string, unknown>, seed = 1) =>
    post('/v1/jobs', { analysis: 'toy', dataset, seed, params });

  /** The job when it has ended. Polls, as a client would; the test's own time limit bounds it. */
  async function ended(id: string): Promise<Job> {
    for (;;) {
      const { status, body } = await get<Job>(`/v1/jobs/${id}`);
      if (status === 200 && ['succeeded', 'failed', 'cancelled'].includes(body.state)) return body;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async function stop(): Promise<void> {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  return { stack, url, folder, ask, get, post, upload, grunfeld, submitToy, ended, stop };
}
export type Service = Awaited<ReturnType<typeof startService>>;
