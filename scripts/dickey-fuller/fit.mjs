/**
 * `node scripts/dickey-fuller/fit.mjs <folder>`: response surfaces of the quantiles from the histograms that `simulate.c` wrote to the
 * folder (`t<n>.txt`). Writes packages/core/src/unit-roots/dickey-fuller-surface.ts, and says how far the surfaces are from the
 * simulated quantiles in units of their Monte Carlo errors.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leastSquares, normalQuantile, normalUpper, studentTUpper } from '@spillway/core';

/** Of the polynomials in 1/n, and from how many rows on: as few as the Monte Carlo errors allow. */
const forms = { none: { degree: 5, from: 5 }, intercept: { degree: 5, from: 5 }, trend: { degree: 6, from: 6 } };
const kinds = ['none', 'intercept', 'trend'];
const levels = Array.from({ length: 53 }, (_, j) => Number((-3.9 + 0.15 * j).toFixed(2)));
const folder = process.argv[2];

/** s of the histogram at a lower-tail count, linear within its bin of 0.001. */
function quantile(counts, target) {
  let below = 0;
  let bin = 0;
  while (below + counts[bin] < target) below += counts[bin++];
  return -8 + (bin - 1 + (target - below) / counts[bin]) / 1000;
}

/** Φ⁻¹(T_ν(t)) of t = s√ν/√(n − s²), with the density of g at it for the error. */
function gaussian(s, n, nu) {
  const t = (s * Math.sqrt(nu)) / Math.sqrt(Math.max(1e-12, n - s * s));
  return t < 0 ? normalQuantile(studentTUpper(-t, nu)) : -normalQuantile(studentTUpper(t, nu));
}

const experiments = readdirSync(folder)
  .filter((name) => /^t\d+\.txt$/.test(name))
  .map((name) => {
    const [head, ...lines] = readFileSync(join(folder, name), 'utf8').trim().split('\n');
    const [n, draws] = head.split(' ').map(Number);
    const counts = kinds.map(() => new Float64Array(16001));
    for (const line of lines) {
      const [kind, bin, count] = line.split(' ').map(Number);
      counts[kind][bin] = count;
    }
    return { n, draws, counts };
  })
  .sort((a, b) => a.n - b.n);

const surfaces = kinds.map((kind, k) => {
  const { degree, from } = forms[kind];
  const used = experiments.filter(({ n }) => n >= from);
  let worst = 0;
  let square = 0;
  let points = 0;
  let where = '';
  const coefficients = levels.map((z) => {
    const p = normalUpper(-z);
    const rows = used.map(({ n, draws, counts }) => {
      const nu = n - 1 - k;
      const at = (share) => gaussian(quantile(counts[k], share * draws), n, nu);
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
  process.stdout.write(`${kind}: rms residual ${rms.toFixed(3)} errors, worst ${worst.toFixed(1)} (${where})\n`);
  return { kind, coefficients };
});

const sizes = experiments.map(({ n, draws }) => `${n} (${draws / 1e6})`).join(', ');
const lines = surfaces.map(
  ({ kind, coefficients }) => `  ${kind}: [\n${coefficients.map((row) => `    [${row.join(', ')}],`).join('\n')}\n  ],`,
);
writeFileSync(
  new URL('../../packages/core/src/unit-roots/dickey-fuller-surface.ts', import.meta.url),
  `/**
 * Written by scripts/dickey-fuller/fit.mjs from simulations of scripts/dickey-fuller/simulate.c; not to be edited.
 *
 * Rows n of the test regression, and millions of draws: ${sizes}.
 */

/** Φ⁻¹(p) of the quantiles. */
export const surfaceLevels: readonly number[] = Array.from({ length: ${levels.length} }, (_, j) => ${levels[0]} + 0.15 * j);

/** Quantile of g = Φ⁻¹(T_ν(τ)) at each level: coefficients of 1, 1/n, 1/n², … */
export const dickeyFullerSurface: Readonly<
  Record<'none' | 'intercept' | 'trend', readonly (readonly number[])[]>
> = {
${lines.join('\n')}
};
`,
);
