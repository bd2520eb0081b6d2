import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.js';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What Standard Webhooks asks a receiver to check. */
export function signatureOf(secret: string, { headers, body }: Received): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

/** An https server that takes webhooks, and answers as it is told to. */
export async function startReceiver() {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-receiver-'));
  const { key, cert } = makeCertificate();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, cert);
  const received: Received[] = [];
  /** how the next requests to a path are answered; 200 after them; `silence`: never */
  const answers = new Map<string, (number | 'silence')[]>();
  const server = createServer({ key, cert }, async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece);
    const path = req.url ?? '';
    received.push({ path, headers: req.headers as Record<string, string>, body: Buffer.concat(pieces).toString() });
    const status = answers.get(path)?.shift() ?? 200;
    if (status === 'silence') return;
    res.writeHead(status, status === 302 ? { location: `https://localhost:${port}/elsewhere` } : {});
    res.end('x'.repeat(200_000)); // more than anybody reads
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    caFile,
    port,
    received,
    answers,
    url: (path: string) => `https://localhost:${port}${path}`,
    at: (path: string) => received.filter((one) => one.path === path),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async open(): Promise<void> {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async stop(): Promise<void> {
      await this.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
