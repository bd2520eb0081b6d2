import assert from 'node:assert/strict';
import {
  buildPanel,
  logDeterminant,
  makeRegistry,
  makeSpec,
  normaliseWeights,
  PhiloxStream,
  runLocally,
  spatialInverse,
  spatialMl,
  type Weights,
  weightsFromLinks,
} from '@spillway/core';

/** One run, by CPU time of this process: other jobs of the machine do not count. */
function timed<T>(name: string, work: () => T): T {
  const cpu = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(`${name}: ${((user + system) / 1e3).toFixed(0)} ms CPU\n`);
  return result;
}

/** Queen moves on a side × side lattice, rows summing to one. */
function lattice(side: number): Weights {
  const [from, to]: number[][] = [[], []];
  for (let i = 0; i < side * side; i++) {
    const [r, c] = [Math.floor(i / side), i % side];
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        const [row, column] = [r + dr, c + dc];
        if ((dr === 0 && dc === 0) || row < 0 || column < 0 || row >= side || column >= side) continue;
        from.push(i);
        to.push(row * side + column);
      }
    }
  }
  const labels = Array.from({ length: side * side }, (_, i) => `u${String(i).padStart(6, '0')}`);
  return normaliseWeights(
    weightsFromLinks({ labels, from, to, values: new Float64Array(from.length).fill(1), kind: 'queen' }),
    'row',
  );
}

process.stdout.write('log|I − ρW| and two slopes at 20 values of ρ, everything that is found once among them\n');
for (const side of [7, 14, 20, 30]) {
  const weights = lattice(side);
  const at = (method: 'eigenvalues' | 'sparse LU') =>
    timed(`  ${side * side} units, ${method}`, () => {
      const determinant = logDeterminant(weights, method);
      let sum = 0;
      for (let k = 0; k < 20; k++) sum += determinant.at(-0.9 + 0.09 * k).value;
      return sum;
    });
  const [a, b] = [at('eigenvalues'), at('sparse LU')];
  assert(Math.abs(a - b) < 1e-8 * Math.abs(a));
}

const registry = makeRegistry([spatialMl]);
const params = { formula: 'y ~ x1 + x2 | unit + period', models: ['sdm', 'sar', 'sem', 'none'] };

function whole(side: number, periods: number): void {
  const weights = lattice(side);
  const stream = new PhiloxStream(1, 0);
  const n = side * side;
  const columns: Record<'y' | 'x1' | 'x2', number[]> = { y: [], x1: [], x2: [] };
  const normals = () => {
    const x = new Float64Array(n);
    stream.normals(x);
    return x;
  };
  for (let t = 0; t < periods; t++) {
    const [x1, x2, e] = [normals(), normals(), normals()];
    const y = spatialInverse(
      weights,
      e.map((value, i) => value + x1[i] - x2[i]),
      0.4,
    );
    columns.y.push(...y);
    columns.x1.push(...x1);
    columns.x2.push(...x2);
  }
  const panel = buildPanel({
    entity: { name: 'unit', values: Array.from({ length: n * periods }, (_, k) => weights.labels[k % n]) },
    time: { name: 'period', values: Array.from({ length: n * periods }, (_, k) => 1 + Math.floor(k / n)) },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
  });
  const spec = makeSpec(registry, { analysis: 'spatial-ml', dataset: 'simulated', params }, 'bench');
  timed(`  ${n} units × ${periods} periods`, () => runLocally(registry, spec, { panel, weights: new Map([['W', weights]]) }));
}

process.stdout.write('SDM, SAR, SEM and no spatial term, both effects, tests, 1,000 draws of effects: growth in T, then in N\n');
for (const [side, periods] of [
  [7, 10],
  [7, 20],
  [7, 40],
  [14, 10],
  [20, 10],
  [30, 10],
  [56, 3],
]) {
  whole(side, periods);
}
