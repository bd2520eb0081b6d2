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
 * Periods below which a test's number is shown without a verdict. The house's, from simulations at N × T of 4 × 11, 31 × 12 and
 * 30 × 7, where all of these are far from their level, and from where the papers' tables begin (LLC 25, CIPS 10 rows).
 */
export const fewestPeriodsFor: Readonly<Partial<Record<RootTestName, number>>> = {
  'levin-lin-chu': 25,
  'im-pesaran-shin': 15,
  cips: 15,
  hadri: 30,
};

export const fewestPeriodsForKao = 30;

/** Entities below which large-N approximations are read with care. */
export const manyEntities = 10;
