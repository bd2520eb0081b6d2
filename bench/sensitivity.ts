import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buildPanel, makeSpec, type Panel, PhiloxStream, panelFromCsv, registry, runLocally, sensitivity } from '@spillway/core';

/**
 * A whole sensitivity job: formula, two-way effects, three benchmarks at 1×, 2×, 3×, Oster, ITCV, E-value, clustered t beside, and
 * the report with its three figures, on Munnell's 816 rows and on simulated panels.
 */
const times = 9;

/** CPU milliseconds of this process, the least of several runs. */
function cpuMs(work: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run++) {
    const before = process.cpuUsage();
    assert(Number.isFinite(work()));
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e3);
  }
  return best;
}

function measure(name: string, panel: Panel, params: unknown): void {
  const spec = makeSpec(registry, { analysis: 'sensitivity', dataset: 'bench', params }, 'bench');
  const parsed = sensitivity.params.parse(params);
  const job = cpuMs(() => runLocally(registry, spec, { panel }).result.length);
  const part = sensitivity.run(parsed, { panel }, null, { first: 0, count: 1 }, () => {}, 1);
  const report = cpuMs(() => JSON.stringify(sensitivity.report(part)).length);
  process.stdout.write(
    `${name}: ${job.toFixed(1)} ms CPU the job to its result in bytes, ${report.toFixed(1)} ms the report with contours alone\n`,
  );
}

const states = panelFromCsv(readFileSync(new URL('../../../data/produc.csv', import.meta.url)), {
  entity: 'state',
  time: 'year',
});
measure('816 rows, two-way', states, {
  formula: 'log(gsp) ~ log(pc) + log(pcap) + log(emp) + unemp | state + year',
  benchmarks: ['log(pcap)', 'log(emp)', 'unemp'],
});

for (const entities of [500, 10_000]) {
  const rows = entities * 10;
  const draws = new PhiloxStream(1, 1);
  const normals = () => Float64Array.from({ length: rows }, () => draws.normal());
  const [a, b, c] = [normals(), normals(), normals()];
  const d = normals().map((value, i) => value + 0.3 * a[i] + 0.2 * b[i]);
  const y = normals().map((value, i) => value + 0.1 * d[i] + 0.5 * a[i] - 0.2 * c[i]);
  const panel = buildPanel({
    entity: { name: 'firm', values: Float64Array.from({ length: rows }, (_, i) => Math.floor(i / 10)) },
    time: { name: 'year', values: Float64Array.from({ length: rows }, (_, i) => i % 10) },
    columns: Object.entries({ y, d, a, b, c }).map(([name, values]) => ({ name, values })),
  });
  measure(`${rows.toLocaleString('en')} rows, two-way`, panel, {
    formula: 'y ~ d + a + b + c | firm + year',
    benchmarks: ['a', 'b', 'c'],
  });
}
