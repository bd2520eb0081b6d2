import type { Adequacy } from '../fields.js';

/** Clustered errors tend to be too small below this (Cameron & Miller 2015, §VI). */
export const fewClusters = 30;
/** Rows, less effects, for each equation below which Σ̂ is too uncertain to weight with (Beck & Katz 1995). */
const rowsPerEquation = 3;

/** Are there too few rows to estimate the covariances of so many equations? */
export const tooManyEquations = (rows: number, equations: number) => rows < rowsPerEquation * equations;

/** What FGLS and clustered errors need, and what there is. */
export function adequacyRows(
  rows: number,
  absorbed: number,
  equations: number,
  clusters: { readonly count: number; readonly name: string } | null,
): Adequacy[] {
  const left = rows - absorbed;
  const fgls: Adequacy = {
    method: 'FGLS',
    needs: `${rowsPerEquation} rows, less effects, for each equation`,
    has: `${left.toLocaleString('en')} for ${equations}`,
    status: tooManyEquations(left, equations) ? 'too small' : 'ok',
  };
  if (clusters === null) return [fgls];
  return [
    fgls,
    {
      method: `clustered by ${clusters.name}`,
      needs: `G ≥ ${fewClusters} clusters`,
      has: `G = ${clusters.count.toLocaleString('en')}`,
      status: clusters.count >= fewClusters ? 'ok' : 'too small',
    },
  ];
}
