import { lookup } from 'node:dns/promises';
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, webhookProblem } from '@spillway/settings';

/** What is to be sent, and where it may go. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** see `webhookProblem` */
  readonly hosts?: readonly string[] | undefined;
  /** from the look-up of the name to the end of the answer */
  readonly timeoutMs: number;
}

/** An answer's status, or why there is none. `refused`: it was not sent, and may not be. */
export type Posted = { readonly status: number } | { readonly problem: string; readonly refused: boolean };

/** Of an answer so much is read, and thrown away. */
const answerBytes = 64 * 1024;

/**
 * Sends one request. The name is looked up once and the address that was looked at is the one connected to, so that a name cannot mean
 * one thing here and another there; a redirection is an answer like others.
 *
 * @param lookUp every address of a name; default: as this machine does
 */
export async function post(
  { url, headers, body, hosts, timeoutMs }: Post,
  lookUp: (name: string) => Promise<readonly { readonly address: string }[]> = (name) => lookup(name, { all: true }),
): Promise<Posted> {
  const problem = webhookProblem(url, hosts);
  if (problem !== null) return { problem, refused: true };
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  late.catch(() => {});
  try {
    const { hostname, host, port, pathname, search } = new URL(url);
    const name = hostname.replace(/^\[(.*)\]$/, '$1');
    const addresses = isIP(name) ? [{ address: name }] : await Promise.race([lookUp(name), late]);
    if (!hosts && !addresses.every(({ address }) => isPublicAddress(address))) {
      return { problem: `${hostname} stands for an address that is not public`, refused: true };
    }
    const target = { host: addresses[0].address, port: port || 443, path: pathname + search };
    const sent = { ...headers, host, 'content-length': String(Buffer.byteLength(body)) };
    const options = { ...target, method: 'POST', headers: sent, agent: false, signal };
    return await send(isIP(name) ? options : { ...options, servername: name }, body);
  } catch (error) {
    if (signal.aborted) return { problem: `no answer within ${timeoutMs} ms`, refused: false };
    return { problem: problemOf(error), refused: false };
  }
}

function send(options: RequestOptions, body: string): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      const posted = { status: answer.statusCode ?? 0 };
      let read = 0;
      answer.on('data', (piece: Buffer) => {
        read += piece.length;
        if (read > answerBytes) answer.destroy();
      });
      answer.on('error', () => resolve(posted)); // the status came; what follows it says nothing
      answer.on('close', () => resolve(posted));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A stable word for what went wrong, without addresses. */
function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOTFOUND: 'the name of the host is not known',
    EAI_AGAIN: 'the name of the host could not be looked up',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was broken off',
    EHOSTUNREACH: 'the host cannot be reached',
    ENETUNREACH: 'the host cannot be reached',
  };
  return words[code ?? ''] ?? (/CERT|SSL|TLS|self.signed/i.test(`${code} ${message}`) ? `TLS: ${code}` : (code ?? 'not sent'));
}
