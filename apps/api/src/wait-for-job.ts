import type { Events, JobRecord, JobRef, Jobs } from '@spillway/queue';

const ended = (record: JobRecord | null) => record === null || ['succeeded', 'failed', 'cancelled'].includes(record.state);

/** The job when it has ended, or as it is after `ms`. Events say when to look; a look now and then stands in for lost ones. */
export async function waitForJob(
  jobs: Jobs,
  events: Events,
  ref: JobRef,
  ms: number,
  lookEveryMs = 1_000,
): Promise<JobRecord | null> {
  const until = performance.now() + ms;
  let wake = () => {};
  const unlisten = events.listen(ref, () => wake());
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const record = await jobs.get(ref);
      const left = until - performance.now();
      if (ended(record) || left <= 0) return record;
      let timer: NodeJS.Timeout | undefined;
      const pause = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(left, lookEveryMs));
      });
      await Promise.race([changed, pause]);
      clearTimeout(timer);
    }
  } finally {
    unlisten();
  }
}
