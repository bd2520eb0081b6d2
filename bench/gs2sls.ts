import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  errorStep,
  firstStep,
  gs2sls,
  makeRegistry,
  makeSpec,
  normaliseWeights,
  PhiloxStream,
  panelFromCsv,
  runLocally,
  spatialCovariance,
  spatialDesign,
  spatialInverse,
  spatialMultipliers,
  traceShare,
  type Weights,
  weightsFromFile,
  weightsFromLinks,
  weightsOptions,
  withinDesign,
} from '@spillway/core';

/**
 * One run: CPU time of this process (other jobs of the machine do not count), per link, and the most memory it ever held: both must
 * grow with the links, not with n².
 */
function timed<T>(name: string, links: number, work: () => T): T {
  const [before, cpu] = [performance.now(), process.cpuUsage()];
  const result = work();
  const wall = performance.now() - before;
  const { user, system } = process.cpuUsage(cpu);
  const ms = (user + system) / 1e3;
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${name}: ${ms.toFixed(0)} ms CPU (${wall.toFixed(0)} ms by the clock), ${((ms * 1e6) / links).toFixed(0)} ns a link; peak so far ${peak.toFixed(0)} MB\n`,
  );
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
  const labels = Array.from({ length: side * side }, (_, i) => String(i));
  return normaliseWeights(
    weightsFromLinks({ labels, from, to, values: new Float64Array(from.length).fill(1), kind: 'queen' }),
    'row',
  );
}

/** y = (I − 0.5W)⁻¹(1 + x₁ − x₂ + 0.5x₃ + u), u = (I − 0.3W)⁻¹ε. */
function simulated(weights: Weights) {
  const n = weights.labels.length;
  const stream = new PhiloxStream(1, 0);
  const normals = (name: string) => {
    const values = new Float64Array(n);
    stream.normals(values);
    return { name, values };
  };
  const x = ['x1', 'x2', 'x3'].map(normals);
  const u = spatialInverse(weights, normals('e').values, 0.3);
  const mean = u.map((value, i) => 1 + x[0].values[i] - x[1].values[i] + 0.5 * x[2].values[i] + value);
  return {
    outcome: { name: 'y', values: spatialInverse(weights, mean, 0.5) },
    exogenous: x,
    constant: true,
    endogenous: [],
    outside: [],
    lagWeights: weights,
    errorWeights: weights,
  };
}

const identity = (x: Float64Array) => x;
const form = { lag: true, durbin: [], durbinEndogenous: [], order: 2, outsideOrder: 2, lagConstant: false };

for (const side of [50, 100, 224, 1000]) {
  const weights = lattice(side);
  const data = simulated(weights);
  const [n, links] = [side * side, weights.columns.length];
  const sizes = { rows: n, instruments: 10, regressors: 5, absorbed: 0, absorbedAcrossClusters: 0 };
  const rule = { small: false, sizes };
  const twoStage = () => {
    const design = spatialDesign(data, { ...form, error: false });
    const columns = withinDesign(design, identity);
    const fit = firstStep(columns);
    return { design, columns, fit, covariance: spatialCovariance(fit, { kind: 'robust' }, rule) };
  };
  const sarar = () => {
    const { design, columns, fit } = twoStage();
    return errorStep(design, columns, fit, weights, identity, {
      moments: 'heteroskedastic',
      bound: 0.999,
      step1c: false,
      scale: { divisor: n, trace: traceShare(weights), lagTrace: 0, periodEffects: false },
      fixed: false,
      estimationEffect: false,
      rule,
      errors: { kind: 'robust' },
      variance: 'residuals',
    });
  };
  if (side === 50) {
    twoStage();
    sarar();
    continue; // warmed up
  }
  const { fit, covariance } = timed(`2SLS, lattice of ${n} cells, robust errors`, links, twoStage);
  assert(Math.abs(fit.coefficients[0] - 0.5) < 5 * Math.sqrt(covariance.get(0, 0)));
  const step = timed(`SARAR, heteroskedastic, lattice of ${n} cells`, links, sarar);
  assert(Math.abs(step.lambda - 0.3) < 5 * Math.sqrt(step.lambdaVariance!));
  const multipliers = timed('  traces for effects', links, () => spatialMultipliers(weights));
  assert(Math.abs(multipliers.at(0.5).total - 2) < 1e-9);
  process.stdout.write(
    `  tr(S)/n at 0.5: ${multipliers.at(0.5).direct.toFixed(6)}, its Monte Carlo error ${multipliers.traceError(0.5).toExponential(1)}, ${multipliers.probes} probes (${multipliers.method})\n`,
  );
}

const file = (name: string) => readFileSync(new URL(`../../../data/${name}`, import.meta.url));
const panel = panelFromCsv(file('produc.csv'), { entity: 'state', time: 'year' });
const states = weightsFromFile(file('usa48_queen_edges.csv'), weightsOptions.parse({ kind: 'edge-list' }));
const registry = makeRegistry([gs2sls]);
const formula = 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state';

function produc(params: object): void {
  const spec = makeSpec(registry, { analysis: 'gs2sls', dataset: 'bench', params: { formula, ...params } }, 'bench');
  const { result } = runLocally(registry, spec, { panel, weights: new Map([['W', states]]) });
  assert(result.length > 1_000);
}

/** Median CPU time of several runs. */
function repeated(name: string, times: number, work: () => void): void {
  work();
  const runs = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e3;
  }).sort((a, b) => a - b);
  process.stdout.write(`${name}: ${runs[Math.floor(times / 2)].toFixed(1)} ms CPU\n`);
}

const bare = { draws: 0, covariance: 'classical' };
repeated('Produc 48 × 17, whole job: SAR within, all diagnostics', 15, () => produc({ models: ['sar'], ...bare }));
repeated('Produc, whole job: SARAR within', 15, () => produc({ models: ['sarar'], ...bare }));
repeated('Produc, whole job: SAR, SDM, SARAR, clustered, effects with 1,000 draws', 9, () => produc({}));
for (const models of [['sar'], ['sdm'], ['sarar']]) {
  repeated(`Produc, bootstrap by entity of ${models[0]}, 1,000 replications, one thread`, 3, () =>
    produc({ models, draws: 0, bootstrap: { replications: 1_000 } }),
  );
}
