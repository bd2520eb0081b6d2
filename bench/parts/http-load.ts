import { Agent, request } from 'node:http';
import { quantile } from './processes.js';

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** answers by status, failed connections as 0 */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** Most requests under way at once: what comes above waits, and its wait counts. */
const connections = 64;

/**
 * So many requests a second for so long, each timed from when it was to be sent: a service that falls behind shows as
 * latency, not as fewer requests.
 */
export async function httpLoad(baseUrl: string, perSecond: number, seconds: number, ask: (k: number) => Asked): Promise<Load> {
  const { hostname, port } = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const total = Math.round(perSecond * seconds);
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const began = performance.now();

  const one = (k: number, due: number) =>
    new Promise<void>((resolve) => {
      const { method, path, body } = ask(k);
      const done = (status: number) => {
        latencies.push(performance.now() - due);
        statuses[status] = (statuses[status] ?? 0) + 1;
        resolve();
      };
      const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request({ agent, hostname, port, method, path, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => done(answer.statusCode ?? 0));
      });
      sent.once('error', () => done(0));
      sent.end(body);
    });

  const underWay: Promise<void>[] = [];
  while (underWay.length < total) {
    const due = began + (underWay.length * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    underWay.push(one(underWay.length, due));
  }
  await Promise.all(underWay);
  const took = (performance.now() - began) / 1_000;
  agent.destroy();
  return {
    requests: total,
    perSecond: total / took,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    statuses,
  };
}
