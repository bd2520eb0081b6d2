import { type ChildProcess, fork } from 'node:child_process';
import type { Post, Posted } from './post.js';

/** All that the sending process may know of this one's environment: which certificates are trusted. */
const passedOn = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** Sends from a process of its own, started when there is something to send and again when it has died. */
export function makePoster() {
  let child: ChildProcess | null = null;
  let last = 0;
  const waiting = new Map<number, (posted: Posted) => void>();

  function started(): ChildProcess {
    if (child) return child;
    const env = Object.fromEntries(passedOn.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
    const made = fork(new URL('./post-process.js', import.meta.url), [], { env, execArgv: [] });
    const gone = () => {
      if (child !== made) return;
      child = null;
      for (const answer of waiting.values()) answer({ problem: 'the sending process ended', refused: false });
      waiting.clear();
    };
    made.on('message', ({ n, posted }: { n: number; posted: Posted }) => {
      waiting.get(n)?.(posted);
      waiting.delete(n);
    });
    made.on('error', gone);
    made.on('exit', gone);
    child = made;
    return made;
  }

  return {
    post(asked: Post): Promise<Posted> {
      const n = ++last;
      return new Promise((resolve) => {
        waiting.set(n, resolve);
        started().send({ n, asked }, () => {}); // a child that died before reading shows as exit
      });
    },
    close(): void {
      child?.kill('SIGKILL');
    },
  };
}
export type Poster = ReturnType<typeof makePoster>;
