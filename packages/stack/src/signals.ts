import { execFileSync } from 'node:child_process';
import { isRunning } from './is-running.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopRequest {
  /** Resolves at the first request to stop. */
  readonly asked: Promise<void>;
  /** Aborts at the same moment. */
  readonly signal: AbortSignal;
  /** Signals act as before again. */
  dispose(): void;
}

/**
 * Somebody wants us to stop: SIGINT, SIGTERM, SIGHUP, or the npm that runs us was killed. npm passes on the Ctrl-C that
 * the terminal has already sent us, so a second signal is the same request, not an order to hurry; SIGKILL is that.
 */
export function onStopRequest(): StopRequest {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true }));
  const ask = () => controller.abort(new Error('asked to stop'));
  for (const name of SIGNALS) process.on(name, ask);

  const npm = npmAbove();
  const poll = npm === undefined ? undefined : setInterval(() => !isRunning(npm) && ask(), 500).unref();
  return {
    asked,
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) process.off(name, ask);
      clearInterval(poll);
    },
  };
}

/**
 * The npm that runs us as a script, if one does: our parent, or the parent of the shell between us. Without npm nobody is
 * watched: started by hand in the background, a closed terminal is no reason to stop.
 */
function npmAbove(): number | undefined {
  if (!process.env.npm_lifecycle_event) return undefined;
  try {
    const [, above, command] =
      /^\s*(\d+)\s+(\S+)/.exec(execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(process.ppid)], { encoding: 'utf8' })) ?? [];
    return /(^|\/)(da|ba|z|k|a)?sh$/.test(command ?? '') ? Number(above) : process.ppid;
  } catch {
    return undefined; // no ps here: a killed npm will leave us running
  }
}
