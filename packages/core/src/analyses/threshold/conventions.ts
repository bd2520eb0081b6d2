import { leastEntities, leastRowsPastSlopes } from './candidates.js';
import type { ThresholdParams } from './params.js';
import type { Conventions, Program } from './programs.js';
import type { BootstrapMethod } from './replicate.js';
import type { ThresholdSample } from './sample.js';
import { mostUnited } from './slope-union.js';
import { covarianceWords } from './slopes.js';
import { weightWords } from './weights.js';

const programNames: Record<Program, string> = {
  spillway: 'Spillway',
  xthreg: 'xthreg',
  hansen: 'the author’s program',
  pdr: 'pdR',
};

/** The rule that each number follows, in words: programs differ in all of these. */
export function conventionWords(
  params: ThresholdParams,
  of: Conventions,
  sample: ThresholdSample,
  methods: readonly BootstrapMethod[],
): string[] {
  const { program, trim, covariance, thresholdCount, given, slopeUnion } = params;
  return [
    ...(program === 'spillway' ? [] : [`Conventions of ${programNames[program]}, as far as said here.`]),
    of.rule === 'at-most'
      ? 'Regime 1 is q ≤ γ, regime 2 is q > γ (Hansen 1999, eq. 1); γ is an observed value of q.'
      : 'Regime 1 is q < γ, as the author’s program has it; the same split is q ≤ the next lower value of q.',
    effectWords(sample, of),
    candidateWords(of, trim),
    ...(thresholdCount > 1
      ? [
          given.length > 0
            ? 'Thresholds given stand in for estimates, and none is refined.'
            : 'Thresholds one after another: the second given the first, the first again given the second, the third given these two and ' +
              'nothing refined after it. F₂ is of the second before that refinement.',
        ]
      : []),
    `F = (S₀ − S₁)/(S₁/d), LR(γ) = (S(γ) − S₁)/(S₁/d) with d = ${scaleWords(of, sample)}`,
    `Confidence set: all candidates with LR(γ) ${of.strict ? '<' : '≤'} −2 ln(1 − √level); 7.35 at 95 %. It assumes equal error variances` +
      (of.lastPeriod === 'dropped'
        ? '.'
        : '; the robust set is that of LR/η̂² (Hansen 2000), η̂² by an Epanechnikov regression on q.'),
    ...bootstrapWords(params, sample, methods),
    'Standard errors of slopes by regime are conditional on the estimated threshold; no test of equal slopes is given, for after a ' +
      'search it rejects far too often.',
    ...(slopeUnion === null
      ? []
      : [
          `Union intervals: 95 % intervals of a slope over the ${Number((100 * slopeUnion).toPrecision(6))} % LR set of each threshold in turn, the ` +
            `others at their estimates (Hansen 2000, §3.5); of a larger set ${mostUnited} values, evenly spread, and none that leaves a ` +
            `regime fewer than slopes + ${leastRowsPastSlopes} rows or than ${leastEntities} entities.`,
        ]),
    ...covariance.map((kind) => `Standard errors, ${covarianceWords[kind]}.`),
    'The threshold variable and all regressors are taken as exogenous.',
  ];
}

function effectWords({ timeEffects }: ThresholdSample, { lastPeriod }: Conventions): string {
  if (lastPeriod === 'dropped') {
    return 'Entity effects by deviations from means, then each entity’s last period dropped, as the author’s program does.';
  }
  return timeEffects
    ? 'Entity and period effects, exactly, also when unbalanced; no period is dropped.'
    : 'Entity effects by the within transform of all rows; no period is dropped (the author’s own program drops the last).';
}

function candidateWords({ grid, room }: Conventions, trim: ThresholdParams['trim']): string {
  const share = typeof trim === 'number' ? String(trim) : trim.join(', then ');
  if (grid !== null && room === 'grid-places') {
    return (
      `Candidates: ${grid} quantiles of the distinct values of q within a trim of ${share}; a further threshold keeps that share of ` +
      'the grid from those already there, whatever rows lie between.'
    );
  }
  return (
    `Candidates: ${grid === null ? 'every distinct value' : `${grid} quantiles of the distinct values`} of q, as far as they leave each ` +
    `regime max(${share} × rows, slopes + ${leastRowsPastSlopes}) rows of at least ${leastEntities} entities; the trim is of rows, not of distinct values.`
  );
}

function scaleWords({ scale }: Conventions, { timeEffects }: ThresholdSample): string {
  switch (scale) {
    case 'within':
      return timeEffects
        ? 'rows − effects, (n − 1)(T − 1) when balanced.'
        : 'Σ(Tᵢ − 1), n(T − 1) when balanced; xthreg has NT − T, gretl and pdR NT.';
    case 'rows-less-periods':
      return 'NT − T, as xthreg.';
    case 'rows':
      return 'NT, as gretl and pdR.';
  }
}

function bootstrapWords(
  { bootstrap, thresholdCount, program }: ThresholdParams,
  { balanced }: ThresholdSample,
  methods: readonly BootstrapMethod[],
): string[] {
  const { residuals, replications, weights, earlyStop } = bootstrap;
  if ([replications].flat().every((B) => B === 0)) return ['No bootstrap was asked for.'];
  const of = residuals === 'restricted' ? 'the model without the threshold tested' : 'the model with the threshold tested';
  return [
    `Bootstrap from residuals of ${of}, regressors and q fixed, outcomes drawn without that threshold, all candidates searched in ` +
      `each replication${thresholdCount > 1 ? ', earlier thresholds held at their estimates' : ''}` +
      `${thresholdCount > 1 && program !== 'spillway' ? ' (the program searches them again)' : ''}.`,
    ...(methods.includes('residual-blocks')
      ? [
          `residual-blocks: each entity gets all residuals of an entity drawn with replacement${balanced ? '' : ' among those observed in exactly the same periods'} (Hansen 1999, §4).`,
        ]
      : []),
    ...(methods.includes('wild-entity')
      ? [`wild-entity: each entity’s own residuals times one draw of ${weightWords[weights]}.`]
      : []),
    ...(!balanced && bootstrap.methods === 'default'
      ? [
          'The panel is unbalanced: a block of residuals does not fit an entity with other periods, so only wild-entity runs by default.',
        ]
      : []),
    'p = (1 + k)/(B + 1), k counting F* ≥ F; its interval is Clopper–Pearson’s of k in B.' +
      (earlyStop
        ? ' Early stop at 100, 200, 400, … replications, once intervals that hold at all checkpoints with probability 0.999 leave 5 % ' +
          'out; no critical values then. The interval takes B as if it had been fixed: simulated, one of 99 % covers 98 to 99.9 %.'
        : ' Critical value: order statistic ⌈(1 − α)B⌉.'),
  ];
}
