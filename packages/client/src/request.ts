import { ConnectionError, problemOf } from './problem-error.js';
import { wait } from './wait.js';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** How often and how patiently a request is repeated when the service says 503. */
export interface RetryPolicy {
  /** repetitions after the first attempt */
  readonly retries: number;
  /** the longest wait before one repetition, whatever Retry-After says */
  readonly longestWaitMs: number;
  /** one attempt, answer included */
  readonly timeoutMs: number;
}

const firstWaitMs = 500;

/** Milliseconds that a Retry-After asks for (seconds or a date), or null. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** A request that failed before an answer, in words: fetch itself says no more than "fetch failed". */
export function connectionError(url: string, error: unknown): ConnectionError {
  // By shape: fetch wraps what happened, and several addresses tried make a list of it.
  const { cause } = error as { cause?: { errors?: readonly unknown[] } };
  const { message, code } = (cause?.errors?.[0] ?? cause ?? error) as { message?: string; code?: string };
  const words = message || code || String(error);
  return new ConnectionError(`cannot reach ${new URL(url).origin}: ${words}`, { cause: error });
}

/**
 * One answer of the service. 503 is repeated after its Retry-After a bounded number of times, which is safe for every
 * route, submissions too: ids are content.
 *
 * @throws ProblemError for a status of 400 or more, ConnectionError without an answer, the signal's reason when aborted
 */
export async function request(fetcher: typeof fetch, url: string, policy: RetryPolicy, options: RequestOptions): Promise<Answer> {
  const { method = 'GET', headers = {}, body, signal } = options;
  for (let repetition = 0; ; repetition++) {
    const timeout = AbortSignal.timeout(policy.timeoutMs);
    let answer: Answer;
    let statusText: string;
    try {
      const response = await fetcher(url, {
        method,
        headers,
        body: body ?? null,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      statusText = response.statusText;
      answer = { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw connectionError(url, error);
    }
    if (answer.status < 400) return answer;
    if (answer.status !== 503 || repetition >= policy.retries) throw problemOf(answer.status, statusText, answer.bytes);
    const asked = retryAfterMs(answer.headers.get('Retry-After'), Date.now()) ?? firstWaitMs * 2 ** repetition;
    await wait(Math.min(asked, policy.longestWaitMs), signal);
  }
}
