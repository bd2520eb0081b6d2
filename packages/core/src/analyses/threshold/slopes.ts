import type { Matrix } from 'ml-matrix';
import { classicalCovariance } from '../../covariance/classical.js';
import { clusterCovariance, clusterDf, stataClusterFactor } from '../../covariance/cluster.js';
import { hc0Covariance, hc1Covariance } from '../../covariance/heteroskedastic.js';
import { twoSidedP } from '../../distributions/student-t.js';
import type { Slope, WithinFit } from './linear-model.js';
import type { Within } from './within.js';

/** Kinds of standard errors. Stored in params: never rename. */
export const covarianceKinds = ['cluster', 'classical', 'hc0', 'hc1'] as const;
export type CovarianceKind = (typeof covarianceKinds)[number];

export interface SlopeError {
  readonly covariance: CovarianceKind;
  readonly standardError: number;
  readonly statistic: number;
  readonly pValue: number;
}

export interface Coefficient extends Slope {
  readonly estimate: number;
  /** of the first kind asked for */
  readonly standardError: number;
  readonly statistic: number;
  readonly pValue: number;
  /** every further kind */
  readonly alternatives?: SlopeError[] | undefined;
}

/** What each kind is, for the conventions of a result. */
export const covarianceWords: Record<CovarianceKind, string> = {
  classical: 'classical: s² = SSR / (rows − effects − slopes), t with as many degrees of freedom',
  hc0: 'hc0: White, no small-sample factor, t with rows − effects − slopes degrees of freedom (Hansen 1999)',
  hc1: 'hc1: White times rows / (rows − effects − slopes), t with as many degrees of freedom',
  cluster:
    'cluster: by entity, times G/(G − 1) · (rows − 1)/(rows − slopes − time effects − 1) as Stata’s xtreg, fe vce(cluster), ' +
    't with G − 1 degrees of freedom',
};

/** Slopes with their errors; of a threshold model they are conditional on the thresholds. */
export function coefficients(within: Within, entities: number, fit: WithinFit, kinds: readonly CovarianceKind[]): Coefficient[] {
  const errors = kinds.map((kind) => slopeErrors(within, entities, fit, kind));
  return fit.design.slopes.map((slope, j) => {
    const [{ covariance: _, ...first }, ...rest] = errors.map((of) => of[j]);
    return { ...slope, estimate: fit.coefficients[j], ...first, ...(rest.length > 0 ? { alternatives: rest } : {}) };
  });
}

export function slopeErrors(within: Within, entities: number, fit: WithinFit, kind: CovarianceKind): SlopeError[] {
  const covariance = covarianceOf(within, entities, fit, kind);
  const df = slopeDf(entities, fit, kind);
  return Array.from(fit.coefficients, (estimate, j) => {
    const standardError = Math.sqrt(covariance.get(j, j));
    const statistic = estimate / standardError;
    return { covariance: kind, standardError, statistic, pValue: twoSidedP(statistic, df) };
  });
}

/** Degrees of freedom of t: G − 1 under cluster, else those of the residuals. */
export const slopeDf = (entities: number, fit: WithinFit, kind: CovarianceKind) =>
  kind === 'cluster' ? clusterDf(entities) : fit.residualDf;

function covarianceOf(within: Within, entities: number, fit: WithinFit, kind: CovarianceKind): Matrix {
  const { design, residuals, inverseGram, residualDf } = fit;
  const { columns } = design;
  switch (kind) {
    case 'classical':
      return classicalCovariance(residuals, inverseGram, residualDf);
    case 'hc0':
      return hc0Covariance(columns, residuals, inverseGram);
    case 'hc1':
      return hc1Covariance(columns, residuals, inverseGram, within.fitDf + columns.length);
    case 'cluster': {
      // entity effects are nested in the clusters and not counted; time effects are (xtreg with dummies, fixest)
      const parameters = columns.length + 1 + within.timeDf;
      const factor = stataClusterFactor({ clusters: entities, rows: residuals.length, parameters });
      return clusterCovariance(columns, residuals, inverseGram, within.fitEntity, entities, factor);
    }
  }
}
