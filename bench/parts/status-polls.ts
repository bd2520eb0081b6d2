import type { SpillwayClient } from '@spillway/client';
import { connectForRequests, makeJobs, makeScripts } from '@spillway/queue';
import { readSettings } from '@spillway/settings';
import { Queue } from 'bullmq';
import { median } from './processes.js';

const rounds = 9;
const roundMs = 500;
/** Polls under way at once, as of many clients. */
const width = 16;

/**
 * How often a second the state of a job can be read, by this process: our hash with all that HTTP shows of it, and BullMQ's own `getJob`
 * and `getState` of a task with the same data. Both on a connection of the same making, taken in turns.
 */
export async function statusPolls(redisUrl: string, client: SpillwayClient, say: (line: string) => void): Promise<void> {
  const redis = connectForRequests(redisUrl);
  await new Promise((resolve) => redis.once('ready', resolve));
  const scripts = makeScripts(redis);
  const settings = readSettings({});
  const jobs = makeJobs(redis, scripts, settings);
  const queue = new Queue('bench', { connection: redis, prefix: '{bench}', skipVersionCheck: true });
  try {
    const [job] = (await client.listJobs()).data;
    if (!job) throw new Error('there is no job to ask for');
    const ref = { tenant: 'local', id: job.id };
    const record = await jobs.get(ref);
    const task = await queue.add('task', { spec: record?.spec }, { jobId: 'bench.1', priority: 1 });
    await task.updateProgress({ done: job.progress.done, total: job.progress.total });

    const ours = async () => (await jobs.get(ref))?.state;
    // As if something had been recorded since the last look: another text each time.
    let seq = 0;
    const moving: typeof redis = Object.create(redis, {
      hget: {
        value: async (key: string, field: string) => {
          const text = (await redis.hget(key, field)) ?? '';
          const line = text.indexOf('\n', text.indexOf('\n', text.indexOf('\n') + 1) + 1) + 1; // the fourth is seq
          return `${text.slice(0, line)}${++seq}${text.slice(text.indexOf('\n', line))}`;
        },
      },
    });
    const movingJobs = makeJobs(moving, scripts, settings);
    const changed = async () => (await movingJobs.get(ref))?.state;
    const first = async () => (await makeJobs(redis, scripts, settings).get(ref))?.state;
    const theirs = async () => {
      const found = await queue.getJob('bench.1');
      return found?.getState();
    };
    const rate = async (poll: () => Promise<unknown>) => {
      let polls = 0;
      const began = performance.now();
      const cpu = process.cpuUsage();
      const one = async () => {
        while (performance.now() - began < roundMs) {
          if ((await poll()) === undefined) throw new Error('a poll found nothing');
          polls++;
        }
      };
      await Promise.all(Array.from({ length: width }, one));
      const { user, system } = process.cpuUsage(cpu);
      return { perSecond: (polls * 1_000) / (performance.now() - began), cpuMs: (user + system) / 1_000 / polls };
    };
    await rate(ours);
    await rate(changed);
    await rate(theirs);
    const seen = [];
    for (let round = 0; round < rounds; round++) {
      const our = await rate(ours);
      const moved = await rate(changed);
      const read = await rate(first);
      const their = await rate(theirs);
      seen.push({
        our,
        moved,
        read,
        their,
        ratio: our.perSecond / their.perSecond,
        movedRatio: moved.perSecond / their.perSecond,
      });
    }
    say('Status: our hash (all that HTTP shows) against getJob + getState of BullMQ, 16 at once, in turns');
    say(
      `  ours ${median(seen.map(({ our }) => our.perSecond)).toFixed(0)}/s (${median(seen.map(({ our }) => our.cpuMs)).toFixed(3)} ms CPU), ` +
        `BullMQ ${median(seen.map(({ their }) => their.perSecond)).toFixed(0)}/s (${median(seen.map(({ their }) => their.cpuMs)).toFixed(3)} ms CPU); ` +
        `median ratio ${median(seen.map(({ ratio }) => ratio)).toFixed(2)} (goal ≥ 2.5)\n` +
        `  ours when the job has changed since the last look: ${median(seen.map(({ moved }) => moved.perSecond)).toFixed(0)}/s (${median(seen.map(({ moved }) => moved.cpuMs)).toFixed(3)} ms CPU); median ratio ${median(seen.map(({ movedRatio }) => movedRatio)).toFixed(2)}\n` +
        `  ours when this process has never seen it: ${median(seen.map(({ read }) => read.perSecond)).toFixed(0)}/s (${median(seen.map(({ read }) => read.cpuMs)).toFixed(3)} ms CPU)\n`,
    );
    await queue.obliterate({ force: true });
  } finally {
    await queue.close();
    redis.disconnect();
  }
}
