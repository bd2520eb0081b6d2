import assert from 'node:assert/strict';
import { decode, encode } from '@spillway/core';
import { Bench } from 'tinybench';

/** What a part costs on its way into Redis and out again, by its size in doubles. */
const bench = new Bench({ time: 300 });
for (const n of [256, 4096, 65_536]) {
  const part = { k: 7, statistics: Float64Array.from({ length: n }, (_, i) => Math.sin(i)) };
  const bytes = encode(part);
  let sum = 0; // looked at in the end, so that the work cannot be optimised away
  const seen = { afterAll: () => assert(Number.isFinite(sum)) };
  const writing = () => {
    sum += encode(part).byteLength;
  };
  const reading = () => {
    sum += (decode(bytes) as typeof part).statistics[0] ?? 0;
  };
  bench.add(`encode a part of ${n} doubles`, writing, seen);
  bench.add(`decode a part of ${n} doubles`, reading, seen);
}
await bench.run();
process.stdout.write(`${bench.tasks.map(({ name, result }) => `${name}: ${report(result)}`).join('\n')}\n`);

function report(result: (typeof bench.tasks)[number]['result']): string {
  if (!('latency' in result)) return result.state;
  return `${(result.latency.p50 * 1000).toFixed(1)} µs median, ${result.latency.samplesCount} samples`;
}
