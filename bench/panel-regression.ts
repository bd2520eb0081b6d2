import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  buildPanel,
  entityBootstrap,
  fitCovariance,
  type Grouping,
  makeSpec,
  modelFrame,
  type PanelSample,
  PhiloxStream,
  panelFromCsv,
  parseFormula,
  registry,
  runLocally,
  sampleOfFrame,
  withinFit,
} from '@spillway/core';

/**
 * Two-way fixed effects with errors clustered by entity at 10⁵ to 10⁶ rows × 5 regressors (T = 10): the estimator alone, and the
 * whole default job from formula to report, tests of the effects included; the same data by `iv`; 1,000 entity-bootstrap
 * replications of a two-way regression on Munnell's states, beside our own refits on the rows drawn, and as a job.
 *
 * With R and plm or AER on this machine they run beside, at 10⁵ rows. Context, another day on two shared cores, not this run: fixest
 * 0.14.2 on one thread .18 s at 10⁵ and 2.03 s at 10⁶, a bootstrap of 1,000 with feols 39 s; fixest is in no package archive that this
 * project takes its tools from.
 */
const print = (line: string) => process.stdout.write(`${line}\n`);

/** CPU seconds of this process, the least of `times` runs. */
function cpuSeconds(times: number, work: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run++) {
    const before = process.cpuUsage();
    assert(Number.isFinite(work()));
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

const periods = 10;
const regressors = 5;

function simulate(entities: number, missing: number): PanelSample {
  const draws = new PhiloxStream(1, 1);
  const all = entities * periods;
  const kept: number[] = [];
  for (let i = 0; i < all; i++) if (draws.uniform() >= missing) kept.push(i);
  const present = new Uint32Array(entities);
  for (const i of kept) present[Math.floor(i / periods)] = 1;
  const code = new Uint32Array(entities);
  let levels = 0;
  for (let e = 0; e < entities; e++) if (present[e] === 1) code[e] = levels++;
  const normals = () => Float64Array.from(kept, () => draws.normal());
  const x = Array.from({ length: regressors }, normals);
  const e = normals();
  const effect = Float64Array.from({ length: entities }, () => draws.normal());
  const outcome = Float64Array.from(
    kept,
    (i, row) => effect[Math.floor(i / periods)] + (i % periods) * 0.1 + x.reduce((sum, c) => sum + c[row], 0) + e[row],
  );
  return {
    rows: kept.length,
    entity: { codes: Uint32Array.from(kept, (i) => code[Math.floor(i / periods)]), levels },
    time: { codes: Uint32Array.from(kept, (i) => i % periods), levels: periods },
    calendar: Float64Array.from(kept, (i) => i % periods),
    outcome,
    regressors: x,
  };
}

function twoWayClustered(sample: PanelSample): number {
  const effects: Grouping[] = [sample.entity, sample.time];
  const fit = withinFit(sample, effects);
  const { matrix } = fitCovariance(fit, effects, { kind: 'cluster', clusters: [sample.entity], smallSample: 'stata' });
  return matrix.get(0, 0);
}

for (const missing of [0, 0.1]) {
  for (const entities of [10_000, 30_000, 100_000]) {
    const sample = simulate(entities, missing);
    const seconds = cpuSeconds(3, () => twoWayClustered(sample));
    const kind = missing === 0 ? 'balanced' : 'with gaps';
    print(
      `two-way FE, clustered, ${sample.rows.toLocaleString('en')} × ${regressors}, ${kind}: ${seconds.toFixed(3)} s CPU, ${((seconds / sample.rows) * 1e9).toFixed(0)} ns a row`,
    );
  }
}

for (const missing of [0, 0.1]) {
  for (const entities of [10_000, 30_000, 100_000]) {
    const sample = simulate(entities, missing);
    const panel = buildPanel({
      entity: { name: 'firm', values: Float64Array.from(sample.entity.codes) },
      time: { name: 'year', values: sample.calendar },
      columns: [{ name: 'y', values: sample.outcome }, ...sample.regressors.map((values, j) => ({ name: `x${j}`, values }))],
    });
    const job = (analysis: string, params: object) => {
      const spec = makeSpec(registry, { analysis, dataset: 'bench', params }, 'bench');
      const seconds = cpuSeconds(3, () => runLocally(registry, spec, { panel }).result.length);
      return `${seconds.toFixed(2)} s CPU, ${((seconds / sample.rows) * 1e9).toFixed(0)} ns a row`;
    };
    const size = `${sample.rows.toLocaleString('en')} × ${regressors}, ${missing === 0 ? 'balanced' : 'with gaps'}`;
    const formula = 'y ~ x0 + x1 + x2 + x3 + x4 | firm + year';
    print(`the whole default job, formula to report, ${size}: ${job('panel-regression', { formula })}`);
    print(`  without tests of the effects: ${job('panel-regression', { formula, effectTests: false })}`);
    print(
      `  iv, two of three exogenous, one endogenous, two instruments: ${job('iv', { formula: 'y ~ x0 + x1 | firm + year | x2 ~ x3 + x4' })}`,
    );
  }
}

const states = panelFromCsv(readFileSync(new URL('../../../data/produc.csv', import.meta.url)), {
  entity: 'state',
  time: 'year',
});
const { outcome, regressors: terms } = parseFormula('log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp');
const { sample: produc } = sampleOfFrame(states, modelFrame(states, { outcome, regressors: terms }));
const replications = 1_000;
const viaProducts = cpuSeconds(5, () => {
  const bootstrap = entityBootstrap(produc, [produc.entity, produc.time]);
  const random = new PhiloxStream(1, 0);
  let sum = 0;
  for (let b = 0; b < replications; b++) {
    random.seek(b);
    sum += bootstrap.draw(random)[0];
  }
  return sum;
});
const refits = cpuSeconds(2, () => {
  const random = new PhiloxStream(1, 0);
  const drawn = new Uint32Array(produc.entity.levels);
  let sum = 0;
  for (let b = 0; b < replications; b++) {
    random.seek(b);
    random.indices(drawn.length, drawn);
    sum += refitOnRows(produc, drawn);
  }
  return sum;
});
print(
  `${replications} entity-bootstrap replications, two-way FE, ${produc.rows} rows: ${(viaProducts * 1000).toFixed(1)} ms CPU from cross-products`,
);
print(
  `the same by our own refits on the rows drawn: ${(refits * 1000).toFixed(0)} ms CPU, ${(refits / viaProducts).toFixed(0)} times as much`,
);
print(`1/1,000 of a loop of fixest::feols (39 s, another day): 39 ms`);
const asJob = cpuSeconds(2, () => {
  const formula = 'log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state + year';
  const params = { formula, covariance: { kind: 'bootstrap', replications } };
  const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'bench', params }, 'bench');
  return runLocally(registry, spec, { panel: states }).result.length;
});
print(`the whole job with these as its covariance: ${(asJob * 1000).toFixed(0)} ms CPU`);
peers();

/** R's plm and AER on the same kind of data, if they are here: CPU seconds of the fit and of the clustered covariance. */
function peers(): void {
  const script = `
    options(warn = -1)
    have <- function(name) suppressMessages(requireNamespace(name, quietly = TRUE))
    set.seed(1); N <- 1e4; T <- 10; n <- N * T
    d <- data.frame(firm = rep(1:N, each = T), year = rep(1:T, N), matrix(rnorm(5 * n), n))
    names(d)[3:7] <- paste0("x", 0:4)
    d$y <- rowSums(d[3:7]) + rep(rnorm(N), each = T) + rnorm(n)
    cpu <- function(e) { gc(); t <- system.time(e); cat(sprintf("%.2f ", t[["user.self"]] + t[["sys.self"]])) }
    if (have("plm")) { cpu(m <- plm::plm(y ~ x0 + x1 + x2 + x3 + x4, d, index = c("firm", "year"), effect = "twoways"))
                       cpu(plm::vcovHC(m, method = "arellano")) } else cat("none none ")
    w <- function(x) x - ave(x, d$firm) - ave(x, d$year) + mean(x)
    if (have("AER")) cpu({ e <- as.data.frame(lapply(d[3:8], w)); AER::ivreg(y ~ x0 + x1 + x2 - 1 | x0 + x1 + x3 + x4 - 1, data = e) }) else cat("none")
  `;
  const { status, stdout } = spawnSync('Rscript', ['--vanilla', '-e', script], { encoding: 'utf8' });
  if (status !== 0) {
    print('R is not here: no peer was run beside');
    return;
  }
  const [within, clustered, ivreg] = stdout.trim().split(/\s+/);
  print(
    `beside, in R, 100,000 × 5: plm two-way within ${within} s, its clustered covariance ${clustered} s more; AER::ivreg on demeaned columns ${ivreg} s`,
  );
}

function refitOnRows(sample: PanelSample, drawn: Uint32Array): number {
  const starts = new Uint32Array(sample.entity.levels + 1);
  for (const code of sample.entity.codes) starts[code + 1]++;
  for (let e = 1; e < starts.length; e++) starts[e] += starts[e - 1];
  const rows: number[] = [];
  const copies: number[] = [];
  for (const [copy, e] of drawn.entries()) {
    for (let row = starts[e]; row < starts[e + 1]; row++) {
      rows.push(row);
      copies.push(copy);
    }
  }
  const pick = (x: Float64Array) => Float64Array.from(rows, (row) => x[row]);
  const drawnSample: PanelSample = {
    rows: rows.length,
    entity: { codes: Uint32Array.from(copies), levels: drawn.length },
    time: { codes: Uint32Array.from(rows, (row) => sample.time.codes[row]), levels: sample.time.levels },
    calendar: pick(sample.calendar),
    outcome: pick(sample.outcome),
    regressors: sample.regressors.map(pick),
  };
  return withinFit(drawnSample, [drawnSample.entity, drawnSample.time]).coefficients[0];
}
