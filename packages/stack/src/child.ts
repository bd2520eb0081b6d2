import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { guard, readyWatchdog, release } from './watchdog.js';

export interface ChildOptions {
  /** How messages call it, e.g. `worker 2`. */
  name: string;
  program: string;
  args: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
  /** Where its output goes: this process's own, or the file at this path. */
  output: 'inherit' | { file: string };
  /** Written to its standard input, which then ends. */
  input?: string;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running process of the stack, leader of its own process group, gone when this process is gone. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and after `deadlineMs` SIGKILL to its whole group. */
  stop(deadlineMs: number): Promise<Exit>;
  /** The last lines it wrote, when they went to a file. */
  lastWords(): string;
}

/**
 * Starts a process in a group of its own (Ctrl-C in a terminal reaches only us, and we stop the others in order).
 *
 * @throws Error if the program cannot be started
 */
export async function startChild({ name, program, args, env, output, input }: ChildOptions): Promise<Child> {
  readyWatchdog();
  const log = output === 'inherit' ? 'inherit' : openSync(output.file, 'a', 0o600);
  const child = spawn(program, args, { detached: true, stdio: ['pipe', log, log], env: { ...process.env, ...env } });
  if (typeof log === 'number') closeSync(log);
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw new Error(`${name} could not be started: ${program}`, { cause: error });
  }
  const { pid } = child;
  guard(pid);
  child.stdin?.on('error', () => {}); // it ended before it read its input: its exit tells more
  child.stdin?.end(input);

  let ended: Exit | undefined;
  const exited = once(child, 'exit').then(async ([code, signal]): Promise<Exit> => {
    ended = { code, signal };
    killGroup(pid); // what it forked and left
    await release(pid);
    return ended;
  });
  return {
    name,
    pid,
    exited,
    exit: () => ended,
    kill: (signal) => void child.kill(signal),
    async stop(deadlineMs) {
      if (ended) return exited;
      child.kill('SIGTERM');
      child.kill('SIGCONT'); // a stopped process would sleep through its SIGTERM
      const timer = setTimeout(() => killGroup(pid), deadlineMs);
      return exited.finally(() => clearTimeout(timer));
    },
    lastWords: () => (output === 'inherit' ? '' : tail(output.file)),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // no such group: nothing was left
  }
}

const tail = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');

/** `exited with code 1`, `was ended by SIGKILL`. */
export const exitInWords = ({ code, signal }: Exit): string => (signal ? `was ended by ${signal}` : `exited with code ${code}`);
