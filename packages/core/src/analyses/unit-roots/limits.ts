import type { RootTestName } from './params.js';

export const rootTestTitles: Readonly<Record<RootTestName, string>> = {
  'adf-fisher': 'ADF–Fisher',
  'pp-fisher': 'PP–Fisher',
  'levin-lin-chu': 'Levin–Lin–Chu',
  'im-pesaran-shin': 'Im–Pesaran–Shin',
  cips: 'CIPS (Pesaran)',
  hadri: 'Hadri',
  'harris-tzavalis': 'Harris–Tzavalis',
};

/**
 * Periods below which a test's number is shown without a verdict. The house's, from simulations of independent random walks at 5 %:
 * with the paper's bandwidth Levin–Lin–Chu rejects .20 at N × T = 10 × 30, .45 at 30 × 30, .11 and .18 at T = 100 (with a trend more);
 * PP–Fisher .07–.11 at 4 × 11, .10–.15 at 31 × 12, .19–.50 at 30 × 7, .08 at 30 × 20; Hadri of white noise .13–.40 at 31 × 12, .07 at
 * 30 × 30 (of an AR(.5) always near 1). Im–Pesaran–Shin and CIPS are tabulated from 6 to 10 rows on and hold their level with few lags;
 * they are held to 15 periods for what lags and their choice cost.
 */
export const fewestPeriodsFor: Readonly<Partial<Record<RootTestName, number>>> = {
  'pp-fisher': 20,
  'levin-lin-chu': 100,
  'im-pesaran-shin': 15,
  cips: 15,
  hadri: 30,
};

/** Kao's ADF rejects .12 at 4 × 11, .31 at 30 × 7, .11 at 30 × 20, .08 at 30 × 30. */
export const fewestPeriodsForKao = 30;

/** Entities below which there is no verdict from Harris–Tzavalis, which rejects .10 at N = 4, .08 at 10, .07 at 30. */
export const manyEntities = 25;

/** N and T from which Pesaran's tables begin. */
export const cipsFewest = 10;
