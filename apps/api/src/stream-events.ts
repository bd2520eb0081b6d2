import type { JobRecord, JobRef } from '@spillway/queue';
import type { Request, Response } from 'express';
import type { Deps } from './deps.js';
import { presentJob } from './present.js';

/** A job is read and sent at most so often. */
const everyMs = 250;
/** Without word of a change the job is looked at, and the line kept open, so often. */
const heartbeatMs = 10_000;
/** What a reader that does not read may have waiting before it is dropped. */
const maxWaitingBytes = 1 << 20;

const ended = (record: JobRecord) => ['succeeded', 'failed', 'cancelled'].includes(record.state);

/**
 * The job as server-sent events: subscribed first, then a snapshot, then whatever changes, `seq` as the id. The terminal event
 * closes the stream; coming back with its id gets 204, which tells an EventSource to stop.
 */
export async function streamEvents(
  { events, log }: Deps,
  ref: JobRef,
  find: (ref: JobRef) => Promise<JobRecord>,
  req: Request,
  res: Response,
): Promise<void> {
  let changed = () => {};
  const unlisten = events.listen(ref, () => changed());
  let gone = false;
  res.on('close', () => {
    gone = true;
    unlisten();
    changed();
  });
  try {
    let record = await find(ref);
    if (ended(record) && Number(req.get('Last-Event-ID')) === record.seq) {
      res.status(204).end();
      return;
    }
    res.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    res.write('retry: 1000\n\n');
    let sent = -1;
    while (!gone) {
      const change = new Promise<void>((resolve) => {
        changed = resolve;
      });
      if (record.seq !== sent) {
        res.write(`id: ${record.seq}\nevent: job\ndata: ${JSON.stringify(presentJob(record))}\n\n`);
        sent = record.seq;
      } else {
        res.write(': alive\n\n');
      }
      if (ended(record)) break;
      if (res.writableLength > maxWaitingBytes) {
        res.destroy();
        return;
      }
      await Promise.race([change, pause(heartbeatMs)]);
      if (gone) return;
      await pause(everyMs);
      try {
        record = await find(ref);
      } catch (error) {
        log.warn({ err: error }, 'events: the job could not be read'); // an outage; the client comes back with its last id
        break;
      }
    }
    res.end();
  } finally {
    unlisten();
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
