import type { Matrix } from 'ml-matrix';
import { classicalCovariance } from '../../covariance/classical.js';
import { clusterCovariance, clusterDf, withinClusterFactor } from '../../covariance/cluster.js';
import { hc0Covariance, hc1Covariance } from '../../covariance/heteroskedastic.js';
import { twoSidedP } from '../../distributions/student-t.js';
import type { Slope, WithinFit } from './linear-model.js';
import type { ThresholdSample } from './sample.js';

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
  classical: 'classical: s² = SSR / (rows − entities − slopes), t with as many degrees of freedom',
  hc0: 'hc0: White, no small-sample factor, t with rows − entities − slopes degrees of freedom (Hansen 1999)',
  hc1: 'hc1: White times rows / (rows − entities − slopes), t with as many degrees of freedom',
  cluster:
    'cluster: by entity, times G/(G − 1) · (rows − 1)/(rows − slopes − 1) as Stata’s xtreg, fe vce(cluster), ' +
    't with G − 1 degrees of freedom',
};

/** Slopes with their errors; of a threshold model they are conditional on the thresholds. */
export function coefficients(sample: ThresholdSample, fit: WithinFit, kinds: readonly CovarianceKind[]): Coefficient[] {
  const errors = kinds.map((kind) => slopeErrors(sample, fit, kind));
  return fit.design.slopes.map((slope, j) => {
    const [{ covariance: _, ...first }, ...rest] = errors.map((of) => of[j]);
    return { ...slope, estimate: fit.coefficients[j], ...first, ...(rest.length > 0 ? { alternatives: rest } : {}) };
  });
}

function slopeErrors(sample: ThresholdSample, fit: WithinFit, kind: CovarianceKind): SlopeError[] {
  const covariance = covarianceOf(sample, fit, kind);
  const df = kind === 'cluster' ? clusterDf(sample.entities) : fit.residualDf;
  return Array.from(fit.coefficients, (estimate, j) => {
    const standardError = Math.sqrt(covariance.get(j, j));
    const statistic = estimate / standardError;
    return { covariance: kind, standardError, statistic, pValue: twoSidedP(statistic, df) };
  });
}

function covarianceOf({ rows, entities, entity }: ThresholdSample, fit: WithinFit, kind: CovarianceKind): Matrix {
  const { design, residuals, inverseGram, residualDf } = fit;
  const { columns } = design;
  switch (kind) {
    case 'classical':
      return classicalCovariance(residuals, inverseGram, residualDf);
    case 'hc0':
      return hc0Covariance(columns, residuals, inverseGram);
    case 'hc1':
      return hc1Covariance(columns, residuals, inverseGram, entities + columns.length);
    case 'cluster': {
      const factor = withinClusterFactor({ clusters: entities, rows, slopes: columns.length });
      return clusterCovariance(columns, residuals, inverseGram, entity, entities, factor);
    }
  }
}
