import { httpLoad } from './http-load.js';

/** The worst event-loop delay, p99 of its window, that /metrics tells while every slot computes and clients poll and submit nothing new. */
export async function eventLoops(apiUrl: string, job: () => Promise<string>, say: (line: string) => void): Promise<void> {
  const worst = { api: 0, worker: 0 };
  let running = true;
  const looking = (async () => {
    while (running) {
      const text = await (await fetch(`${apiUrl}/metrics`)).text();
      for (const role of ['api', 'worker'] as const) {
        const found = new RegExp(`event_loop_lag_seconds\\{role="${role}",stat="p99"\\} (\\S+)`).exec(text)?.[1];
        worst[role] = Math.max(worst[role], Number(found ?? 0));
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  })();
  let polls = 0;
  const done = job().finally(() => {
    running = false;
  });
  while (running) {
    const { requests } = await httpLoad(apiUrl, 100, 2, () => ({ method: 'GET', path: '/v1/jobs?limit=20' }));
    polls += requests;
  }
  await Promise.all([done, looking]);
  say(
    `Event loops while all slots compute and 100 lists of 20 jobs a second are asked for (${polls} in all), worst window's p99:`,
  );
  say(`  worker ${(worst.worker * 1e3).toFixed(1)} ms, API ${(worst.api * 1e3).toFixed(1)} ms (goal < 100)\n`);
}
