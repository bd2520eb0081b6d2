import { readFile } from 'node:fs/promises';
import { SpillwayClient } from '@spillway/client';
import { onStopRequest, startFromSettings } from '@spillway/stack';
import { describeFailure } from './failure.js';
import { print, printReport, tell } from './output.js';
import type { Question } from './question.js';
import { runThere } from './run-there.js';
import type { Surroundings } from './surroundings.js';

export interface DemoOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Leave the stack up afterwards, until Ctrl-C. */
  keep: boolean;
}

const question: Omit<Question, 'data'> = {
  analysis: 'threshold',
  params: {
    formula: 'log(sales) ~ log(ndi/cpi) + log(pimin/cpi) | state',
    thresholdVariable: 'I(ndi/cpi)',
    regimeRegressors: ['log(price/cpi)'],
    trim: 0.15,
    bootstrap: { replications: 99_999 },
  },
  seed: 1,
  name: 'cigar.csv',
  file: { entity: 'state', time: 'year' },
  weights: [],
};

/**
 * A whole stack, one real question through HTTP, its answer in tables: does the price elasticity of cigarette demand
 * differ between poor and rich state-years (46 US states, 1963 to 1992; Baltagi and Levin 1992)?
 *
 * @returns the exit code; no process is left when it resolves
 */
export async function demo({ env, keep }: DemoOptions): Promise<number> {
  const { stdout, stderr, stdin } = process;
  const stopRequest = onStopRequest();
  const { signal } = stopRequest;
  const registryUrl = import.meta.resolve('@spillway/core');
  const around: Surroundings = { stdout, stderr, stdin, env, signal, registryUrl };
  try {
    const stack = await startFromSettings({ env, tell: (line) => tell(around, line), purpose: 'visit', signal });
    try {
      tell(around, 'question Does the price elasticity of cigarette demand change with real income? 46 US states, 1963–1992.');
      tell(around, `         ${JSON.stringify(question.params)}`);
      const data = await readFile(new URL('../../../data/cigar.csv', import.meta.url));
      const started = performance.now();
      const { report } = await runThere(around, new SpillwayClient(stack.apiUrl), { ...question, data });
      const seconds = (performance.now() - started) / 1000;
      tell(around, `answered in ${seconds.toFixed(1)} s\n`);
      printReport(around, report, 'text');
      if (keep) {
        print(
          around,
          `\nThe stack stays up: API ${stack.apiUrl}, Redis ${stack.redis?.address ?? 'REDIS_URL'}. Ctrl-C stops it.`,
        );
        const death = await Promise.race([stack.died, stopRequest.asked.then(() => undefined)]);
        if (death) throw new Error(death);
      }
      return 0;
    } finally {
      await stack.stop();
    }
  } catch (error) {
    tell(around, signal.aborted ? 'stopped' : describeFailure(error).message);
    return 1;
  } finally {
    stopRequest.dispose();
  }
}
