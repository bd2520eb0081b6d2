import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soak } from '../harness/soak.js';

/* `npm run soak -- --minutes N --seed S` runs this file alone, for longer. */

const minutes = Number(process.env.SPILLWAY_SOAK_MINUTES ?? 1);
const seed = Number(process.env.SPILLWAY_SOAK_SEED ?? Date.now() % 1_000_000);
const log = join(process.env.SPILLWAY_SOAK_LOG ?? mkdtempSync(join(tmpdir(), 'spillway-soak-')), 'history.jsonl');
const tell = (line: string) => process.stderr.write(`${line}\n`);

test(
  'F24 random submissions, cancellations and retries under random kills and pauses: the history holds',
  async () => {
    tell(`soak of ${minutes} minutes, seed ${seed}, history in ${log}`);
    const report = await soak({ minutes, seed, log, tell });
    tell(JSON.stringify(report, null, 2));
    expect(report.violations).toEqual([]);
    expect(report.jobs).toBeGreaterThan(10 * minutes);
    // Each death or pause may cost what was in hand, and no more.
    const faults = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
    expect(report.recomputed).toBeLessThanOrEqual(3 * faults);
    const [first, last] = [report.workerMb[Math.floor(report.workerMb.length / 2)], report.workerMb.at(-1)!];
    expect(last).toBeLessThan(1.3 * first + 50);
  },
  (minutes + 3) * 60_000,
);
