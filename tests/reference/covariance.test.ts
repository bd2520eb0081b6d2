import { readFileSync } from 'node:fs';
import {
  classicalCovariance,
  clusterCovariance,
  demeanBy,
  hc0Covariance,
  hc1Covariance,
  leastSquares,
  stataClusterFactor,
  twoWayWithin,
  withinClusterFactor,
} from '@spillway/core';

// values written by fixtures/covariance.R (R 4.2, plm 2.6, sandwich 3.0)
const fixture = JSON.parse(readFileSync(new URL('../fixtures/covariance.json', import.meta.url), 'utf8'));

/** Relative to the expected value: 1e-10 is ε times the squared condition number that R's own route through (XᵀX)⁻¹ has here. */
function expectClose(got: ArrayLike<number>, expected: number[], relative = 1e-10) {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(got[i] - value)).toBeLessThanOrEqual(relative * Math.abs(value));
  });
}

const { grunfeld, employment } = fixture;
const entity = Uint32Array.from(grunfeld.entity);
const time = Uint32Array.from(grunfeld.time);
const y = Float64Array.from(grunfeld.outcome);
const x = (grunfeld.regressors as number[][]).map((column) => Float64Array.from(column));
const [n, N, T, k] = [200, 10, 20, 2];

test('Grunfeld, pooled: lm, vcovHC HC0 and HC1, vcovCL', () => {
  const columns = [new Float64Array(n).fill(1), ...x];
  const { coefficients, residuals, inverseGram } = leastSquares(columns, y);
  const factor = stataClusterFactor({ clusters: N, rows: n, parameters: k + 1 });
  expectClose(coefficients, grunfeld.pooled.coefficients);
  expectClose(classicalCovariance(residuals, inverseGram, n - k - 1).to1DArray(), grunfeld.pooled.classical);
  expectClose(hc0Covariance(columns, residuals, inverseGram).to1DArray(), grunfeld.pooled.hc0);
  expectClose(hc1Covariance(columns, residuals, inverseGram, k + 1).to1DArray(), grunfeld.pooled.hc1);
  expectClose(clusterCovariance(columns, residuals, inverseGram, entity, N, factor).to1DArray(), grunfeld.pooled.cluster);
});

test('Grunfeld, within entities: plm, vcovHC arellano HC0 and sss, HC1 of the dummy regression, Stata’s xtreg', () => {
  const columns = x.map((column) => demeanBy(entity, N, column));
  const { coefficients, residuals, inverseGram } = leastSquares(columns, demeanBy(entity, N, y));
  const cluster = (factor: number) => clusterCovariance(columns, residuals, inverseGram, entity, N, factor);
  expectClose(coefficients, grunfeld.within.coefficients);
  expectClose(classicalCovariance(residuals, inverseGram, n - N - k).to1DArray(), grunfeld.within.classical);
  expectClose(cluster(1).to1DArray(), grunfeld.within.clusterHc0);
  expectClose(cluster(stataClusterFactor({ clusters: N, rows: n, parameters: k })).to1DArray(), grunfeld.within.clusterSss);
  expectClose(hc1Covariance(columns, residuals, inverseGram, N + k).to1DArray(), grunfeld.within.hc1);
  // xtreg, fe vce(cluster): G/(G−1)·(n−1)/(n−k−1) on CR0
  const stata = (grunfeld.within.clusterHc0 as number[]).map((value) => (value * (10 / 9) * 199) / 197);
  expectClose(cluster(withinClusterFactor({ clusters: N, rows: n, slopes: k })).to1DArray(), stata);
});

test('Grunfeld, two ways, balanced: lm with dummies', () => {
  const within = twoWayWithin(entity, N, time, T);
  const columns = x.map(within.apply);
  const { coefficients, residuals, inverseGram } = leastSquares(columns, within.apply(y));
  expect(within.balanced).toBe(true);
  expectClose(coefficients, grunfeld.twoWay.coefficients);
  expectClose(classicalCovariance(residuals, inverseGram, n - within.absorbed - k).to1DArray(), grunfeld.twoWay.classical);
  expectClose(clusterCovariance(columns, residuals, inverseGram, entity, N, 1).to1DArray(), grunfeld.twoWay.cluster0);
});

test('EmplUK, two ways, 140 firms with gaps at both ends: lm with dummies', () => {
  const firm = Uint32Array.from(employment.entity);
  const year = Uint32Array.from(employment.time);
  const within = twoWayWithin(firm, 140, year, 9);
  const log = (values: number[]) => within.apply(Float64Array.from(values, Math.log));
  const columns = [log(employment.wage), log(employment.capital)];
  const { coefficients, residuals, inverseGram } = leastSquares(columns, log(employment.emp));
  expect(within.balanced).toBe(false);
  expect(within.absorbed + 2).toBe(employment.rank);
  expectClose(coefficients, employment.coefficients);
  expectClose(classicalCovariance(residuals, inverseGram, firm.length - employment.rank).to1DArray(), employment.classical);
  expectClose(clusterCovariance(columns, residuals, inverseGram, firm, 140, 1).to1DArray(), employment.cluster0);
});
