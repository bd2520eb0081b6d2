import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/**
 * Nothing outlives its parent, even one that is killed with SIGKILL and cannot say goodbye.
 *
 * A small shell in a session of its own holds the reading end of a pipe whose only writer is this process. The kernel
 * closes the pipe when this process ends, however it ends; the shell then kills the process groups it was told of.
 * SIGKILL is right there: a Redis process that is killed loses nothing it has acknowledged (the page cache survives it),
 * and a killed worker is an event the service must survive anyway. `prctl(PR_SET_PDEATHSIG)` would need no shell, but
 * Node does not offer it and macOS has none.
 */
const SCRIPT = `
pids=' '
while read -r verb pid; do
  case $verb in
    add) pids="$pids$pid " ;;
    drop) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
    clear) set -- "$@" "$pid" ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
[ $# -eq 0 ] || rm -rf -- "$@"
`;

const guarded = new Set<number>();
let shell: ChildProcess | undefined;

/** Starts the watchdog if there is none. Called before the first child, so that no child ever runs unwatched. */
export function readyWatchdog(): void {
  if (shell) return;
  const started = spawn('/bin/sh', ['-c', SCRIPT, 'spillway-watchdog'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell = started;
  started.stdin.on('error', () => {}); // a killed watchdog is replaced in its exit event
  started.on('error', () => {});
  started.on('exit', () => {
    if (shell !== started) return;
    shell = undefined;
    if (guarded.size === 0) return;
    readyWatchdog();
    for (const pid of guarded) tell('add', pid);
  });
  started.unref();
  (started.stdin as Socket).unref();
}

const tell = (verb: 'add' | 'drop' | 'clear', what: number | string): void => {
  shell?.stdin?.write(`${verb} ${what}\n`);
};

/** A temporary folder of a guarded process, removed when the processes have gone. */
export function guardFolder(folder: string): void {
  readyWatchdog();
  tell('clear', folder);
}

/** From now on the process group `pid` is killed when this process ends. */
export function guard(pid: number): void {
  readyWatchdog();
  guarded.add(pid);
  tell('add', pid);
}

/** The group has ended. After the last one the watchdog ends too, and is gone when this resolves. */
export async function release(pid: number): Promise<void> {
  if (!guarded.delete(pid)) return;
  tell('drop', pid);
  if (guarded.size > 0 || !shell) return;
  const last = shell;
  shell = undefined;
  last.ref();
  last.stdin?.end();
  if (last.exitCode === null && last.signalCode === null) await once(last, 'exit');
}
