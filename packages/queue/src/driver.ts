import type { Settings } from '@spillway/settings';
import type { Janitor } from './janitor.js';
import type { JobRef } from './keys.js';
import type { Scripts } from './scripts.js';
import type { Offer, Sender } from './transport.js';

/** Jobs that one process takes at a time. */
const claimJobs = 100;
/** A living job that has been looked at is looked at again after so long. */
const dueAgainMs = 10_000;

/** Takes over a job in whose epoch no worker of its core has lived for too long. */
export type Adopter = (ref: JobRef, epoch: number) => Promise<void>;

/**
 * The only thing that moves jobs on. `drive` looks at a job and puts into BullMQ what should be there and is not: the plan,
 * the next chunks, the combining. There is no other repair: a lost task, a dead planner, a wiped BullMQ are healed by the next
 * drive, which comes for every living job at least every ten seconds, from every process.
 */
export function makeDriver(scripts: Scripts, sender: Sender, settings: Settings, janitor: Janitor, adopt?: Adopter) {
  /** Who dies with jobs it has taken, or tasks it was to send, leaves them to others as soon as it counts as dead. */
  const lease = Math.min(dueAgainMs, settings.deadAfterMs);

  async function drive({ tenant, id }: JobRef, { full = false } = {}): Promise<void> {
    const reply = await scripts<(string | number)[]>('release', tenant, id, full ? '1' : '0', dueAgainMs, lease);
    const offers: Offer[] = [];
    for (let i = 0; i < reply.length; i += 3) {
      offers.push({ task: String(reply[i]), queue: String(reply[i + 1]), priority: Number(reply[i + 2]) });
    }
    if (offers.length > 0) await sender.send(offers);
  }

  /** Takes the jobs that are due and drives each in full. Also declares silent processes dead. */
  async function tick(): Promise<void> {
    const members = await scripts<string[]>('claim-due', claimJobs, lease, settings.deadAfterMs, settings.rehomeMs);
    for (const member of members) {
      const [tenant, id, homeless] = member.split('.');
      if (homeless !== undefined) {
        if (!adopt) continue;
        await adopt({ tenant, id }, Number(homeless));
      }
      await drive({ tenant, id }, { full: true });
    }
    await janitor.turn();
  }

  /** Ticks until stopped. An outage is somebody else's to report: the next tick tries again. */
  function start(onError: (error: unknown) => void): () => void {
    let stopped = false;
    let timer: NodeJS.Timeout | undefined;
    const loop = async () => {
      try {
        await tick();
      } catch (error) {
        if (!stopped) onError(error);
      }
      if (!stopped) timer = setTimeout(loop, settings.dueTickMs);
    };
    timer = setTimeout(loop, settings.dueTickMs);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  return { drive, tick, start };
}
export type Driver = ReturnType<typeof makeDriver>;
