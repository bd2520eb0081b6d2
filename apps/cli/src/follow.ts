import type { Job, SpillwayClient } from '@spillway/client';
import { drawnProgress } from './job-text.js';
import { tell } from './output.js';
import { ProgressDisplay } from './progress-display.js';
import type { Surroundings } from './surroundings.js';

/** Shows a job's progress until it has ended, and gives its last status. */
export async function follow(around: Surroundings, client: SpillwayClient, id: string): Promise<Job> {
  const display = new ProgressDisplay(around.stderr);
  let last: Job | null = null;
  let epoch = 0;
  try {
    for await (const job of client.watchJob(id, { signal: around.signal })) {
      last = job;
      if (epoch !== 0 && job.epoch !== epoch) {
        display.clear();
        tell(around, `job ${id} was started again`);
      }
      epoch = job.epoch;
      const progress = drawnProgress(job);
      if (progress) display.update(progress);
    }
  } finally {
    display.clear();
  }
  if (last === null) throw new Error(`the watch of job ${id} ended without a status`);
  return last;
}
