import { groupCounts, groupMeans } from '../../linalg/demean.js';
import { dot, sumOf } from '../../linalg/vector.js';
import { adequacyRows } from './adequacy.js';
import { confidenceSet, likelihoodRatioCutoff, likelihoodRatios } from './confidence-set.js';
import type { Estimates } from './context.js';
import { conventionWords } from './conventions.js';
import type { DonorClasses } from './donors.js';
import type { StageFit, ThresholdFit } from './estimate.js';
import { rawResiduals, type WithinFit } from './linear-model.js';
import { byStage, type ThresholdParams } from './params.js';
import { thinnedProfile } from './profile.js';
import type { Conventions } from './programs.js';
import { countRegimes } from './regimes.js';
import type { BootstrapMethod } from './replicate.js';
import type { ThresholdSample } from './sample.js';
import { scaleParameter } from './scale-parameter.js';
import { slopeUnions } from './slope-union.js';
import { coefficients, slopeDf } from './slopes.js';
import { warningsFor } from './warnings.js';

export interface Fitted {
  readonly params: ThresholdParams;
  readonly conventions: Conventions;
  readonly sample: ThresholdSample;
  readonly fit: ThresholdFit;
  readonly methods: readonly BootstrapMethod[];
  readonly classes: DonorClasses;
}

/** All of a result that needs no draws. */
export function estimatesOf(of: Fitted): Estimates {
  const { params, conventions, sample, fit, methods, classes } = of;
  const { linear, model, stages, located, denominator, within } = fit;
  const last = stages[stages.length - 1];
  const counted = countRegimes(sample, fit.thresholds, conventions);
  const thresholds = located.map((found) => thresholdOf(of, found));
  const replications = byStage(params.bootstrap.replications, params.thresholdCount);
  const smallestClass = classes.size.reduce((least, size) => Math.min(least, size), sample.entities);
  return {
    thresholds,
    searches: fit.searches.map((found) => ({
      model: searchName(found),
      thresholdCount: found.thresholdCount,
      fixed: [...found.fixed],
      estimate: found.estimate,
      intervals: setsOf(of, found, 1),
      candidates: found.values.length,
      ssr: found.ssr[found.best],
    })),
    ...counted,
    coefficients: slopesOf(of),
    linear: { coefficients: coefficients(within, sample.entities, linear, params.covariance), ssr: linear.ssr },
    fit: {
      ssrNull: last.ssrNull,
      ssr: model.ssr,
      residualDf: model.residualDf,
      slopeDf: slopeDf(sample.entities, model, params.covariance[0]),
      sigma2: model.ssr / model.residualDf,
      candidates: last.values.length,
      distinctValues: fit.distinctValues,
      denominator,
      withinR2: 1 - model.ssr / dot(fit.outcome, fit.outcome),
      ...levelsOf(sample, model),
    },
    sample: {
      rows: sample.rows,
      entities: sample.entities,
      periods: sample.periods,
      balanced: sample.balanced,
      effects: sample.timeEffects ? ['entity', 'time'] : ['entity'],
      dropped: [...sample.dropped],
    },
    profiles: located.map(({ values, ssr, best }) =>
      thinnedProfile(values, likelihoodRatios(ssr, best, denominator), likelihoodRatioCutoff(Math.max(...params.levels))),
    ),
    variables: { outcome: sample.outcome.name, threshold: sample.threshold.name },
    program: params.program,
    conventions: conventionWords(params, conventions, sample, methods),
    adequacy: adequacyRows({
      ...sample,
      switching: counted.switching,
      methods: replications.some((B) => B > 0) ? methods : [],
      smallestClass,
      covariance: params.covariance,
    }),
    warnings: warningsFor({
      params,
      methods,
      entities: sample.entities,
      rows: sample.rows,
      balanced: sample.balanced,
      replications,
      switching: counted.switching,
      unidentified: Math.max(...fit.searches.map(({ prepared }) => prepared.unidentified)),
      singletons: groupCounts(sample.entity, sample.entities).filter((count) => count === 1).length,
      smallestClass,
      thresholds,
      candidates: located.map(({ values }) => values.length),
    }),
  };
}

/** The constant, ȳ − x̄'β̂, and the spread of the entity effects about it, as `xtreg, fe` prints them. */
function levelsOf(sample: ThresholdSample, model: WithinFit) {
  const { rows, entities, entity } = sample;
  const left = rawResiduals(sample, model);
  const constant = sumOf(left) / rows;
  const means = new Float64Array(entities);
  groupMeans(entity, groupCounts(entity, entities), left, means);
  const middle = sumOf(means) / entities;
  return { constant, sigmaU: Math.sqrt(sumOf(means.map((mean) => (mean - middle) ** 2)) / (entities - 1)) };
}

/** The names that xthreg gives: Th-1; Th-22 given the first and Th-21 given the second; Th-3. */
function searchName({ thresholdCount, refines }: StageFit): string {
  if (thresholdCount === 2) return refines ? 'Th-21' : 'Th-22';
  return `Th-${thresholdCount}`;
}

function thresholdOf(of: Fitted, found: StageFit): Estimates['thresholds'][number] {
  const { sample, fit } = of;
  const etaSquared = fit.within.dropsLast ? Number.NaN : scaleParameter(sample, fit, found);
  const stage = found.refines ? found.thresholdCount - 1 : found.thresholdCount;
  const robust = etaSquared > 0 ? { etaSquared, intervals: setsOf(of, found, etaSquared) } : null;
  return { estimate: found.estimate, stage, intervals: setsOf(of, found, 1), robust };
}

function setsOf({ params, conventions, fit }: Fitted, { values, ssr, best }: StageFit, etaSquared: number) {
  const ratios = likelihoodRatios(ssr, best, fit.denominator * etaSquared ** -1);
  return params.levels.map((level) => confidenceSet(values, ratios, level, conventions.strict));
}

function slopesOf({ params, conventions, sample, fit }: Fitted): Estimates['coefficients'] {
  const { covariance, slopeUnion } = params;
  const slopes = coefficients(fit.within, sample.entities, fit.model, covariance);
  if (slopeUnion === null) return slopes;
  const unions = slopeUnions(sample, fit, conventions, covariance[0], slopeUnion);
  return slopes.map((slope, j) => ({ ...slope, union: unions[j] }));
}
