import type { Redis } from 'ioredis';
import type { StoredState } from './job-records.js';
import { type JobRef, keys } from './keys.js';
import type { Scripts } from './scripts.js';

/** Word of a job's end to one address. It was written with the end, in one step. */
export interface Message extends JobRef {
  readonly key: string;
  readonly epoch: number;
  /** this is the n-th */
  readonly attempt: number;
  readonly url: string;
  readonly state: StoredState;
  readonly endedAt: number;
}

/** What became of an attempt. */
export type Settled =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'again'; readonly waitMs: number; readonly problem: string }
  | { readonly outcome: 'given_up'; readonly problem: string };

/** Messages about ends that are still to be sent. Taken one at a time by any process; who dies with one leaves it to others. */
export function makeOutbox(redis: Redis, scripts: Scripts) {
  /** @param leaseMs longer than an attempt takes, with its answer */
  async function claim(most: number, leaseMs: number): Promise<Message[]> {
    const reply = await scripts<(string | number)[]>('claim-messages', most, leaseMs);
    const messages: Message[] = [];
    for (let i = 0; i < reply.length; i += 5) {
      const [key, attempt, url, state, endedAt] = reply.slice(i, i + 5).map(String);
      const [tenant, id, epoch] = key.split('.');
      messages.push({
        key,
        tenant,
        id,
        epoch: Number(epoch),
        attempt: Number(attempt),
        url,
        state: state as StoredState,
        endedAt: Number(endedAt),
      });
    }
    return messages;
  }

  const settle = ({ key, attempt }: Message, settled: Settled) =>
    scripts<number>(
      'settle-message',
      key,
      attempt,
      settled.outcome,
      settled.outcome === 'again' ? Math.round(settled.waitMs) : 0,
      settled.outcome === 'delivered' ? '' : settled.problem,
    );

  const pending = () => redis.zcard(keys.outbox);

  return { claim, settle, pending };
}
export type Outbox = ReturnType<typeof makeOutbox>;
