import type { RootTestName, UnitRootsParams } from './params.js';
import type { CointegrationResult, RootsSeries } from './result.js';

/** How lags were found, in words. */
export function lagWords({ lags, maxLags }: UnitRootsParams): string {
  if (typeof lags === 'number') return `${lags} for every entity`;
  const among = maxLags === undefined ? '0 to ⌊min(T/3, 12)·(T/100)^¼⌋, fewer in short series' : `0 to ${maxLags}`;
  return `${lags.toUpperCase()} among ${among}`;
}

/** The rule that each number follows, in words. */
export function conventions(
  params: UnitRootsParams,
  { cointegration }: { readonly series: readonly RootsSeries[]; readonly cointegration: CointegrationResult | null },
): string[] {
  const lines: Record<RootTestName, string> = {
    'adf-fisher':
      'ADF: t of the lagged level with SSR/(n − k), as lm, urca, gretl and EViews print it (plm’s purtest divides by n unless told otherwise). ' +
      `Lags: ${lagWords(params)}${typeof params.lags === 'number' ? '' : ', all compared on the rows that the most lags leave, the chosen model fitted on its own'}; lags and trend are on calendar time.`,
    'pp-fisher': `Phillips–Perron Z_t, Bartlett kernel, ${params.bandwidth.phillipsPerron === undefined ? '⌊4 (T/100)^(2/9)⌋ lags (Stata’s pperron)' : `${params.bandwidth.phillipsPerron} lags`}; p as if n rows had no serial correlation.`,
    'levin-lin-chu':
      'Levin–Lin–Chu: SSR/n throughout, as the paper and gretl; long-run variance Bartlett with ' +
      `${params.bandwidth.levinLinChu === undefined ? 'round(3.21 T^⅓) lags (gretl cuts off, EViews chooses)' : `${params.bandwidth.levinLinChu} lags`}; moments of its table 2, linear in T, from T = 25.`,
    'im-pesaran-shin':
      'Im–Pesaran–Shin W: moments of its table 3 by rows and lags, linear in rows; degrees-of-freedom corrected t.',
    cips: 'CIPS: mean of the CADF t; p linear between the tabulated values at 1, 5, 10 % (T: rows of the regressions), .01 and .10 at the ends mean “at most” and “at least”.',
    hadri:
      'Hadri: NULL of stationarity; SSR/T, no correction for serial correlation, so persistent stationary series are rejected too.',
    'harris-tzavalis':
      'Harris–Tzavalis: exact mean and variance of ρ̂ for the T there is; errors independent, normal, of one variance.',
  };
  return [
    'p of a Dickey–Fuller t: response surfaces by the method of MacKinnon (1996), simulated for n = 5 to 1,000 rows, at the actual number of rows n. Below n = 20 ' +
      'MacKinnon’s own surfaces are extrapolations and differ by up to a few per cent of p; EViews prints those. Lagged differences leave p as for n rows without them.',
    ...params.tests.map((test) => lines[test]),
    ...(params.tests.some((test) => test.endsWith('fisher'))
      ? [
          'Fisher: χ² = −2Σ ln p (Maddala & Wu), Choi’s Z = ΣΦ⁻¹(p)/√N, logit and Pm; from finite-sample p, with asymptotic p beside. Entities are taken as independent.',
        ]
      : []),
    ...(cointegration === null ? [] : cointegrationLines(cointegration)),
  ];
}

function cointegrationLines({ engleGranger, kao, lags }: CointegrationResult): string[] {
  return [
    ...(engleGranger === null
      ? []
      : [
          `Engle–Granger: each entity’s own regression with ${engleGranger.deterministic === 'trend' ? 'a constant and a trend' : 'a constant'}, ADF of its residuals without terms, ${lags} lag${lags === 1 ? '' : 's'}; p of residuals at the number of rows there is, from our own surfaces, not those of a raw series.`,
        ]),
    ...(kao === null
      ? []
      : [
          `Kao: pooled regression with entity effects; covariances of (Δy, Δx) not centred, divisor all differenced rows, Bartlett with ${kao.bandwidth} lags; SSR/n in DF, SSR/(n − k) in ADF. Not promised to be EViews’ number.`,
        ]),
  ];
}
