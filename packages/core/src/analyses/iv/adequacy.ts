import type { SampleSizes } from '../../instruments/error-structure.js';
import type { Adequacy } from '../fields.js';
import type { IvParams } from './params.js';

/** Fewer clusters than this leave clustered tests too large (Cameron & Miller 2015, §VI). */
export const fewClusters = 30;
/** Rows for each instrument below which 2SLS leans towards least squares (Bekker 1994). */
const rowsPerInstrument = 20;

const clusterRow = 'clustered errors and tests';

/** What estimators and tests need of rows and clusters, and what there is. */
export function adequacyRows(
  { estimators }: IvParams,
  clusters: { readonly count: number } | null,
  { rows: n, instruments: L, absorbed }: SampleSizes,
  excluded: number,
): Adequacy[] {
  const df = n - absorbed;
  const rows: Adequacy[] = [
    {
      method: '2SLS, GMM',
      needs: `${rowsPerInstrument} rows, less effects, for each instrument`,
      has: `${df.toLocaleString('en')} for ${excluded}`,
      status: df >= rowsPerInstrument * excluded ? 'ok' : 'too small',
    },
  ];
  if (clusters === null) return rows;
  const G = clusters.count;
  rows.push(
    {
      method: clusterRow,
      needs: `G ≥ ${fewClusters} clusters`,
      has: `G = ${G.toLocaleString('en')}`,
      status: G >= fewClusters ? 'ok' : 'too small',
    },
    {
      method: 'joint tests of the instruments',
      needs: `G > ${excluded} instruments`,
      has: `G = ${G.toLocaleString('en')}`,
      status: G > excluded ? 'ok' : 'cannot run',
    },
  );
  if (estimators.includes('gmm') || L - excluded > 0)
    rows.push({
      method: estimators.includes('gmm') ? 'two-step GMM, Hansen J' : 'Hansen J, endogeneity',
      needs: `G > ${L} instruments and exogenous regressors; five times as many for the weighting`,
      has: `G = ${G.toLocaleString('en')}`,
      status: G > L ? (G >= 5 * L ? 'ok' : 'too small') : 'cannot run',
    });
  return rows;
}

/** In words; few clusters and joint tests that cannot run have warnings of their own. */
export function adequacyWarnings(rows: readonly Adequacy[]): string[] {
  return rows
    .filter(({ method, status }) => status === 'too small' && method !== clusterRow)
    .map(({ method, needs, has }) => `Too small for ${method}: needs ${needs}; has ${has}.`);
}
