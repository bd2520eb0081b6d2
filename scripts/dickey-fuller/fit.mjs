/**
 * `node scripts/dickey-fuller/fit.mjs <folder>`: response surfaces of the quantiles from histograms. The folder has those of `simulate.c`
 * as `t<n>.txt`, and in eg1, eg2, … those of `simulate-residuals.c` for that many regressors. Writes dickey-fuller-surface.ts and
 * engle-granger-surface.ts of packages/core/src/unit-roots, and says how far the surfaces are from the simulated quantiles in units of
 * their Monte Carlo errors.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leastSquares, normalQuantile, normalUpper, studentTUpper } from '@spillway/core';

const levels = Array.from({ length: 53 }, (_, j) => Number((-3.9 + 0.15 * j).toFixed(2)));

/** s of the histogram at a lower-tail count, linear within its bin of 0.001. */
function quantile(counts, target) {
  let below = 0;
  let bin = 0;
  while (below + counts[bin] < target) below += counts[bin++];
  return -8 + (bin - 1 + (target - below) / counts[bin]) / 1000;
}

/** Φ⁻¹(T_ν(t)) of t = s√ν/√(n − s²). */
function gaussian(s, n, nu) {
  const t = (s * Math.sqrt(nu)) / Math.sqrt(Math.max(1e-12, n - s * s));
  return t < 0 ? normalQuantile(studentTUpper(-t, nu)) : -normalQuantile(studentTUpper(t, nu));
}

function readExperiments(folder, kinds) {
  return readdirSync(folder)
    .filter((name) => /^t\d+\.txt$/.test(name))
    .map((name) => {
      const [head, ...lines] = readFileSync(join(folder, name), 'utf8').trim().split('\n');
      const [n, draws] = head.split(' ').map(Number);
      const counts = Array.from({ length: kinds }, () => new Float64Array(16001));
      for (const line of lines) {
        const [kind, bin, count] = line.split(' ').map(Number);
        counts[kind][bin] = count;
      }
      return { n, draws, counts };
    })
    .sort((a, b) => a.n - b.n);
}

/** Coefficients at each level: weighted least squares of g on powers of 1/n, weights from the Monte Carlo errors. */
function fitSurface(name, all, kind, { degree, from, lost }) {
  const experiments = all.filter(({ n }) => n >= from);
  let [worst, square, points, where] = [0, 0, 0, ''];
  const coefficients = levels.map((z) => {
    const p = normalUpper(-z);
    const rows = experiments.map(({ n, draws, counts }) => {
      const at = (share) => gaussian(quantile(counts[kind], share * draws), n, n - lost);
      const step = Math.min(p, 1 - p) / 20;
      const error = (Math.sqrt((p * (1 - p)) / draws) * (at(p + step) - at(p - step))) / (2 * step);
      return { n, q: at(p), error };
    });
    const columns = Array.from({ length: degree + 1 }, (_, power) =>
      Float64Array.from(rows, ({ n, error }) => n ** -power / error),
    );
    const fit = leastSquares(
      columns,
      Float64Array.from(rows, ({ q, error }) => q / error),
    );
    for (const [i, residual] of fit.residuals.entries()) {
      square += residual ** 2;
      points++;
      if (Math.abs(residual) > Math.abs(worst)) {
        worst = residual;
        where = `n = ${rows[i].n}, level ${z}, error ${rows[i].error.toExponential(1)}`;
      }
    }
    return Array.from(fit.coefficients, (b) => Number(b.toPrecision(8)));
  });
  const rms = Math.sqrt(square / (points - levels.length * (degree + 1)));
  process.stdout.write(`${name}: rms residual ${rms.toFixed(3)} errors, worst ${worst.toFixed(1)} (${where})\n`);
  return coefficients;
}

const sizesOf = (experiments) => experiments.map(({ n, draws }) => `${n} (${draws / 1e6})`).join(', ');
const surfaceText = (coefficients) =>
  `{\n    levels,\n    coefficients: [\n${coefficients.map((row) => `      [${row.join(', ')}],`).join('\n')}\n    ],\n  }`;

function write(name, sizes, lines) {
  writeFileSync(
    new URL(`../../packages/core/src/unit-roots/${name}`, import.meta.url),
    `/**
 * Written by scripts/dickey-fuller/fit.mjs from simulations; not to be edited.
 *
 * Rows n of the test regression, and millions of draws: ${sizes}.
 */
import type { QuantileSurface } from './quantile-surface.js';

/** Φ⁻¹(p) of the quantiles. */
const levels: readonly number[] = Array.from({ length: ${levels.length} }, (_, j) => ${levels[0]} + 0.15 * j);

${lines}
`,
  );
}

const folder = process.argv[2];

// as few powers as the Monte Carlo errors allow
const plain = {
  none: { degree: 5, from: 5, lost: 1 },
  intercept: { degree: 5, from: 5, lost: 2 },
  trend: { degree: 7, from: 6, lost: 3 },
};
const experiments = readExperiments(folder, 3);
const surfaces = Object.entries(plain).map(([name, form], kind) => [name, fitSurface(name, experiments, kind, form)]);
write(
  'dickey-fuller-surface.ts',
  sizesOf(experiments),
  `/** t of y_{t−1} without terms, with an intercept, with a trend; ν = n − 1, n − 2, n − 3. */
export const dickeyFullerSurface: Readonly<Record<'none' | 'intercept' | 'trend', QuantileSurface>> = {
${surfaces.map(([name, coefficients]) => `  ${name}: ${surfaceText(coefficients)},`).join('\n')}
};`,
);

const regressors = [1, 2, 3].filter((m) => existsSync(join(folder, `eg${m}`)));
const residual = regressors.map((m) => readExperiments(join(folder, `eg${m}`), 2));
const form = { degree: 6, from: 8, lost: 1 };
const kinds = ['intercept', 'trend'].map((name, kind) => [
  name,
  residual.map((all, m) => fitSurface(`residuals, ${name}, ${regressors[m]} regressors`, all, kind, form)),
]);
write(
  'engle-granger-surface.ts',
  sizesOf(residual[0]),
  `/** t of the lagged residual by terms of the cointegrating regression, for 1, 2, 3 regressors; ν = n − 1. */
export const engleGrangerSurface: Readonly<Record<'intercept' | 'trend', readonly QuantileSurface[]>> = {
${kinds.map(([name, all]) => `  ${name}: [\n  ${all.map(surfaceText).join(',\n  ')},\n  ],`).join('\n')}
};`,
);
