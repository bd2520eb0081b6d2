/**
 * Bartlett long-run variance of a series as given (not centred):  γ_0 + 2 Σ_{j=1…m} (1 − j/(m+1)) γ_j,  γ_j = Σ_t u_t u_{t−j}/divisor.
 *
 * @param bandwidth  m, whole, 0 for γ_0 alone; beyond the series' length there is nothing to add
 * @see Newey & West (1987), Econometrica 55
 */
export function longRunVariance(u: Float64Array, bandwidth: number, divisor = u.length): number {
  return longRunCovariance([u], bandwidth, divisor)[0][0];
}

/**
 * The same for several series together: Γ_0 + Σ_j (1 − j/(m+1)) (Γ_j + Γ_jᵀ), Γ_j[a][b] = Σ_t u_{a,t} u_{b,t−j}/divisor.
 *
 * @returns one row for each series
 */
export function longRunCovariance(all: readonly Float64Array[], bandwidth: number, divisor: number): number[][] {
  const n = all[0].length;
  const result = all.map((a) => all.map((b) => productSum(a, b, 0) / divisor));
  for (let j = 1; j <= Math.min(bandwidth, n - 1); j++) {
    const weight = (1 - j / (bandwidth + 1)) / divisor;
    for (let a = 0; a < all.length; a++) {
      for (let b = 0; b < all.length; b++)
        result[a][b] += weight * (productSum(all[a], all[b], j) + productSum(all[b], all[a], j));
    }
  }
  return result;
}

function productSum(a: Float64Array, b: Float64Array, back: number): number {
  let sum = 0;
  for (let t = back; t < a.length; t++) sum += a[t] * b[t - back];
  return sum;
}

/** ⌊4 (T/100)^(2/9)⌋: Newey & West's (1994) plug-in for the Bartlett kernel, Stata's default lags in `pperron`. */
export const plugInBandwidth = (T: number): number => Math.floor(4 * (T / 100) ** (2 / 9));
