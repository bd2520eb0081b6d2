import type { Message, Outbox, Settled } from '@spillway/queue';
import type { Settings } from '@spillway/settings';
import type { Logger } from 'pino';
import type { Posted } from './post.js';
import { makePoster } from './poster.js';
import { webhookSignature } from './signature.js';

/** A process sends so many at once. */
const most = 16;
const longestPauseMs = 6 * 3_600_000;

export interface WebhookDeps {
  readonly outbox: Outbox;
  readonly settings: Settings;
  readonly log: Logger;
  readonly onError: (error: unknown) => void;
}

/** Sends what is in the outbox, as long as there is a secret to sign with. */
export function startWebhooks({ outbox, settings, log, onError }: WebhookDeps): { stop(): Promise<void> } | null {
  const { webhookSecret, webhookOldSecret, webhookHosts: hosts, webhookAttempts, webhookRetryMs, publicUrl } = settings;
  if (webhookSecret === undefined) return null;
  const timeoutMs = settings.webhookTimeoutMs;
  const leaseMs = 4 * timeoutMs; // longer than an attempt and its record take
  const secrets = webhookOldSecret === undefined ? [webhookSecret] : [webhookSecret, webhookOldSecret];
  const poster = makePoster();
  const underWay = new Set<Promise<void>>();

  async function deliver(message: Message): Promise<void> {
    const { id, epoch, state, url, attempt } = message;
    const webhookId = `${id}.${epoch}.${state}`;
    const body = bodyOf(message, publicUrl ?? '');
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'spillway',
      'webhook-id': webhookId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(secrets, webhookId, timestamp, body),
    };
    const settled = judge(await poster.post({ url, headers, body, hosts, timeoutMs }), attempt);
    await outbox.settle(message, settled);
    if (settled.outcome === 'given_up') {
      const { problem } = settled;
      log.error({ job: id, epoch, attempt, host: new URL(url).host, problem }, 'a webhook is given up');
    }
  }

  function judge(posted: Posted, attempt: number): Settled {
    if ('status' in posted && posted.status >= 200 && posted.status < 300) return { outcome: 'delivered' };
    const problem = 'status' in posted ? `answered ${posted.status}` : posted.problem;
    const final = 'status' in posted ? posted.status === 410 : posted.refused;
    if (final || attempt >= webhookAttempts) return { outcome: 'given_up', problem };
    const pause = Math.min(longestPauseMs, webhookRetryMs * 3 ** (attempt - 1));
    return { outcome: 'again', waitMs: pause * (0.5 + 0.5 * Math.random()), problem }; // not all at once, after an outage of theirs
  }

  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  async function turn(): Promise<void> {
    try {
      const room = most - underWay.size;
      for (const message of room > 0 ? await outbox.claim(room, leaseMs) : []) {
        const one = deliver(message)
          .catch(onError)
          .finally(() => underWay.delete(one));
        underWay.add(one);
      }
    } catch (error) {
      if (!stopped) onError(error);
    }
    if (!stopped) timer = setTimeout(turn, settings.dueTickMs);
  }
  timer = setTimeout(turn, settings.dueTickMs);

  return {
    /** What is under way is finished; what is not is left to others when its lease has run out. */
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(underWay);
      poster.close();
    },
  };
}

/** Small, and the same at every attempt. */
function bodyOf({ id, epoch, state, endedAt }: Message, publicUrl: string): string {
  const job = `${publicUrl}/v1/jobs/${id}`;
  const links = state === 'succeeded' ? { job, result: `${job}/result`, report: `${job}/report` } : { job };
  return JSON.stringify({ type: `job.${state}`, timestamp: new Date(endedAt).toISOString(), data: { id, state, epoch, links } });
}
