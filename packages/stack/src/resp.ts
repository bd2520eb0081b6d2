import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What Redis answered: a string, or its words when it refused. */
export type Reply = { ok: string } | { refused: string };

/**
 * Asks a Redis a few commands on a connection of its own. Enough to see that it lives and how it is set up; everything
 * else that is said to Redis is said by the queue package.
 *
 * @param url  redis:// or rediss://, with user and password if it wants them
 * @returns one reply a command, in order
 * @throws Error if it cannot be reached, does not answer in time or refuses the password
 */
export async function askRedis(url: string, commands: readonly (readonly string[])[], timeoutMs = 2000): Promise<Reply[]> {
  const { protocol, hostname, port, username, password } = new URL(url);
  const login = password ? [['AUTH', ...(username ? [decodeURIComponent(username)] : []), decodeURIComponent(password)]] : [];
  const all = [...login, ...commands];
  const host = hostname.replace(/^\[|\]$/g, '');
  const target = { host, port: Number(port || 6379) };

  return new Promise((resolve, reject) => {
    const socket = protocol === 'rediss:' ? connectTls({ ...target, servername: host }) : connectTcp(target);
    let received = Buffer.alloc(0);
    const end = (act: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      act();
    };
    const fail = (error: Error) => end(() => reject(error));
    const timer = setTimeout(
      () => fail(new Error(`Redis at ${host}:${target.port} did not answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on('error', (error) => fail(new Error(`Redis at ${host}:${target.port} cannot be reached`, { cause: error })));
    socket.on('close', () => fail(new Error(`Redis at ${host}:${target.port} closed the connection`)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const replies = readReplies(received);
      if (replies.length < all.length) return;
      const [first] = replies;
      if (login.length > 0 && first && 'refused' in first) fail(new Error(`Redis refused the password: ${first.refused}`));
      else end(() => resolve(replies.slice(login.length)));
    });
    socket.write(all.map(encode).join(''));
  });
}

const encode = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`;

/** The complete replies at the start of what was received. Simple strings, integers, errors and bulk strings only: no command used here answers otherwise. */
function readReplies(received: Buffer): Reply[] {
  const replies: Reply[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) return replies;
    const line = received.toString('utf8', at + 1, lineEnd);
    const kind = String.fromCharCode(received[at] ?? 0);
    at = lineEnd + 2;
    if (kind !== '$' || line === '-1') {
      replies.push(kind === '-' ? { refused: line } : { ok: line });
      continue;
    }
    const bulkEnd = at + Number(line);
    if (received.length < bulkEnd + 2) return replies;
    replies.push({ ok: received.toString('utf8', at, bulkEnd) });
    at = bulkEnd + 2;
  }
}
