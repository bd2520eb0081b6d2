import { endStates, type Job, job as jobSchema } from '@spillway/contracts';
import { EventStreamReader, type StreamEvent } from './event-stream.js';
import { ConnectionError, ProblemError, problemOf } from './problem-error.js';
import { connectionError } from './request.js';
import { wait } from './wait.js';

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** between two questions where there is no event stream, and before a stream is opened again; default 1 s */
  readonly pollMs?: number;
  /** a stream that brings nothing for so long, not even its heartbeat, is opened again; default 45 s */
  readonly silentMs?: number;
  /** how long the service may be out of reach before the watch gives up; default 60 s */
  readonly giveUpMs?: number;
}

/** What a watch needs of the service. */
export interface Watched {
  readonly fetcher: typeof fetch;
  readonly eventsUrl: string;
  getJob(signal?: AbortSignal): Promise<Job>;
}

const hasEnded = (job: Job) => endStates.includes(job.state);

/** Streams that ended in an error before any event, one after another, until the watch only asks. */
const failuresUntilPolling = 3;

/**
 * The job's status each time it changes, until it has ended: from the event stream, taken up again where it broke off,
 * and by asking where there is none. The last status yielded is the final one.
 */
export async function* watch(watched: Watched, options: WatchOptions = {}): AsyncGenerator<Job, void, void> {
  const { signal, pollMs = 1_000, giveUpMs = 60_000 } = options;
  const stream = { lastEventId: '', retryMs: null as number | null };
  let failures = 0;
  let reachedAt = performance.now();
  let told = '';
  for (;;) {
    if (failures < failuresUntilPolling) {
      try {
        for await (const event of readStream(watched, stream, options)) {
          failures = 0;
          reachedAt = performance.now();
          const job = statusIn(event) ?? (await watched.getJob(signal));
          const status = JSON.stringify(job);
          if (status !== told) yield job;
          told = status;
          if (hasEnded(job)) return;
        }
        failures++; // closed without the end: until it brings an event again
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (!(error instanceof ConnectionError || error instanceof ProblemError)) throw error;
        failures++;
      }
    }
    try {
      const job = await watched.getJob(signal); // throws what is wrong with the job itself: 404, no access
      reachedAt = performance.now();
      const status = JSON.stringify(job);
      if (status !== told) yield job;
      told = status;
      if (hasEnded(job)) return;
    } catch (error) {
      if (!isOutage(error) || performance.now() - reachedAt > giveUpMs) throw error;
    }
    await wait(stream.retryMs ?? pollMs, signal);
  }
}

const isOutage = (error: unknown) => error instanceof ConnectionError || (error instanceof ProblemError && error.status >= 500);

/** The status that an event carries; null for an event that only says that something changed. */
function statusIn(event: StreamEvent): Job | null {
  try {
    const parsed = jobSchema.safeParse(JSON.parse(event.data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function* readStream(
  { fetcher, eventsUrl }: Watched,
  stream: { lastEventId: string; retryMs: number | null },
  { signal, silentMs = 45_000 }: WatchOptions,
): AsyncGenerator<StreamEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silentMs);
  const stop = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (stream.lastEventId !== '') headers['Last-Event-ID'] = stream.lastEventId;
    const response = await fetcher(eventsUrl, { headers, signal: stop });
    if (response.status !== 200 || !response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      throw problemOf(response.status, response.statusText, new Uint8Array(await response.arrayBuffer()));
    }
    const reader = new EventStreamReader(stream.lastEventId);
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silentMs);
      for (const event of reader.push(decoder.decode(bytes, { stream: true }))) {
        stream.lastEventId = event.id;
        yield event;
      }
      stream.retryMs = reader.retryMs;
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw connectionError(eventsUrl, error);
  } finally {
    clearTimeout(timer);
    silence.abort(); // closes the connection when the reader of events has had enough
  }
}
