import { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { Failure } from '../failure.js';
import { tell } from '../output.js';
import type { Surroundings } from '../surroundings.js';

interface Given {
  readonly port?: number;
  readonly workers?: number;
  readonly threads?: number;
}

/** `npm start` with options: each option is the setting of its name. */
export function serveCommand(around: Surroundings): Command {
  return new Command('serve')
    .description('run a service on this machine: Redis, API and workers, until Ctrl-C')
    .option('--port <number>', 'of the API; 0 takes a free one (SPILLWAY_PORT)', wholeNumber(0, 65535))
    .option('--workers <number>', 'worker processes (SPILLWAY_WORKERS)', wholeNumber(1, 1024))
    .option('--threads <number>', 'computing threads of each worker (SPILLWAY_THREADS)', wholeNumber(1, 1024))
    .action(async ({ port, workers, threads }: Given) => {
      const { serve } = await import('@spillway/stack'); // only here: it brings a Redis client with it
      const asked = { SPILLWAY_PORT: port, SPILLWAY_WORKERS: workers, SPILLWAY_THREADS: threads };
      const given = Object.entries(asked).flatMap(([variable, value]) =>
        value === undefined ? [] : [[variable, String(value)]],
      );
      const env = { ...around.env, ...Object.fromEntries(given) };
      if ((await serve({ env, tell: (line) => tell(around, line) })) !== 0) throw new Failure(1, 'the service ended by itself');
    });
}
