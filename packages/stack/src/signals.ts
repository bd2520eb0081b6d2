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

  // Only below npm: started by hand in the background, a closed shell is no reason to stop.
  const parent = process.ppid;
  const poll = process.env.npm_lifecycle_event ? setInterval(() => process.ppid !== parent && ask(), 500).unref() : undefined;
  return {
    asked,
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) process.off(name, ask);
      clearInterval(poll);
    },
  };
}
