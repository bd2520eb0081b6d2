import { crossGroupings, isNested } from '../../effects/grouping.js';
import type { Given } from './methods/method.js';
import { controlsOfTreatment, readRequest } from './request.js';
import type { MethodResult, RandomizationResult, ResamplingResult, WildBootstrapResult } from './result.js';
import { alphaOf, percent } from './words.js';

/** Fewer clusters than this leave Rademacher weights too few vectors for a smooth p (Webb 2023). */
const coarse = 12;
/** Fewer clusters than this leave clustered t tests too large (Cameron & Miller 2015, §VI). */
const fewClusters = 30;
/** Treated clusters, or untreated ones, below this break the wild cluster bootstrap (MacKinnon & Webb 2017). */
const fewTreated = 4;

/** What a careful reader would ask about these results. */
export function warningsFor(given: Given, results: readonly MethodResult[], failures: ResamplingResult['failures']): string[] {
  const { params, model, full } = given;
  const kept = controlsOfTreatment(readRequest(params));
  const reassigned = params.methods.some(({ method }) => method.startsWith('placebo') || method === 'randomization-inference');
  const wild = results.some(({ method }) => method === 'wild-bootstrap');
  const G = model.cluster.levels;
  const found = [
    ...failures.map(({ method, message }) => `${method}: ${message}.`),
    ...(wild ? fewTreatedClusters(given) : []),
    ...results.flatMap((result) => warningsOf(given, result)),
    ...(G < fewClusters && !wild
      ? [
          `${G} clusters: clustered t tests are too large below about ${fewClusters}; the wild cluster bootstrap or randomisation inference is not.`,
        ]
      : []),
    ...(reassigned && kept.length > 0
      ? [
          `Made of the treatment and left as they are when it is reassigned: ${kept.join(', ')}. Their coefficients then belong to the true treatment.`,
        ]
      : []),
    ...(reassigned ? assignedByCluster(given) : []),
    ...(model.singletons > 0
      ? [
          `${model.singletons.toLocaleString('en')} rows are alone in a level of an effect; they were ${params.singletons === 'drop' ? 'dropped' : 'kept'}.`,
        ]
      : []),
    ...(full.collinear.length > 0
      ? [
          `Without a coefficient, combinations of effects and other controls: ${full.collinear.map((j) => model.controlNames[j]).join(', ')}.`,
        ]
      : []),
  ];
  return [...new Set(found)];
}

function warningsOf(given: Given, result: MethodResult): string[] {
  switch (result.method) {
    case 'leave-one-out':
      return result.failures.length > 0
        ? [
            `${result.label}: ${result.failures.length} of ${result.refits} refits have no estimate, so there is no jackknife error.`,
          ]
        : [];
    case 'placebo-in-time':
      return result.failures.map(({ shift, message }) => `Placebo in time, ${shift} back: ${message}.`);
    case 'wild-bootstrap':
      return [...wildWarnings(given, result), ...inferenceWarnings(given, result)];
    case 'randomization-inference':
      return [...immovable(given, result.movable), ...inferenceWarnings(given, result), ...passedOver(result)];
    default:
      return [
        ...(result.label.includes('single rows')
          ? [
              'Shuffled rows lose the serial correlation of the treatment: their spread is far below that of whole paths, and p far too small. Shuffle paths.',
            ]
          : []),
        ...(result.movable === null ? [] : immovable(given, result.movable)),
        ...passedOver(result),
        ...(result.exact ? [] : wholeAlpha(given, result.draws)),
      ];
  }
}

const passedOver = ({ label, unidentified }: { label: string; unidentified: number }) =>
  unidentified > 0 ? [`${label}: ${unidentified} draws are held by controls and effects and were passed over.`] : [];

function immovable({ model }: Given, movable: number): string[] {
  const fixed = model.sample.entity.levels - movable;
  return fixed > 0
    ? [
        `${fixed} of ${model.sample.entity.levels} levels of ${model.entityName} keep their path in every draw: nobody with another path is observed in the same periods.`,
      ]
    : [];
}

function wholeAlpha({ params }: Given, draws: number): string[] {
  const place = alphaOf(params.level) * (draws + 1);
  return Math.abs(place - Math.round(place)) > 1e-6
    ? [`α(B + 1) = ${Number(place.toPrecision(6))} is not whole: the test is a little off its level; take 999 or 1,999 draws.`]
    : [];
}

function wildWarnings({ params }: Given, { clusters, weights, smallestPValue, vectors }: WildBootstrapResult): string[] {
  const alpha = alphaOf(params.level);
  if (clusters < 6 && (weights !== 'webb' || smallestPValue > alpha)) {
    const least = Number.isFinite(vectors) ? ` (the smallest p is ${Number(smallestPValue.toPrecision(3))})` : '';
    const advice =
      weights === 'webb'
        ? 'use exact permutation (randomization-inference)'
        : 'use Webb weights or exact permutation (randomization-inference)';
    return [`${clusters} clusters and ${weights} weights cannot reject at 5 %${least}: ${advice}.`];
  }
  if (smallestPValue > alpha)
    return [
      `${clusters} clusters and ${weights} weights cannot reject at ${percent(alpha)}: the smallest p is ${smallestPValue.toPrecision(3)}.`,
    ];
  if (clusters < coarse && weights === 'rademacher')
    return [
      `${clusters} clusters make only ${vectors} vectors of Rademacher weights, half of them distinct: p is coarse; compare Webb weights.`,
    ];
  return [];
}

function inferenceWarnings(given: Given, result: WildBootstrapResult | RandomizationResult): string[] {
  const { label, pCounted, pStrict, interval } = result;
  const alpha = alphaOf(given.params.level);
  const exact = result.method === 'wild-bootstrap' ? result.enumerated : result.exact;
  return [
    ...(pCounted <= alpha !== pStrict <= alpha
      ? [
          `${label}: the verdict hangs on ties, p = ${pCounted.toPrecision(3)} with ties counted and ${pStrict.toPrecision(3)} without.`,
        ]
      : []),
    ...(interval !== null && !interval.connected
      ? [`${label}: some values inside the interval are rejected; it is the hull of those that are not.`]
      : []),
    ...(interval !== null && !(Number.isFinite(interval.lower) && Number.isFinite(interval.upper))
      ? [`${label}: the interval has no end, for so few draws differ that no value however far is rejected.`]
      : []),
    ...(exact ? [] : wholeAlpha(given, result.draws)),
  ];
}

/** A treatment that all entities of a cluster share was given to clusters: to hand it to single entities makes up more experiments. */
function assignedByCluster({ model }: Given): string[] {
  const { sample, cluster, treatment, treatmentName, entityName, clusterName } = model;
  if (cluster.levels >= sample.entity.levels || !isNested(sample.entity, cluster)) return [];
  const { codes, levels } = crossGroupings(cluster, sample.time);
  const value = new Float64Array(levels).fill(Number.NaN);
  for (let i = 0; i < codes.length; i++) {
    if (Number.isNaN(value[codes[i]])) value[codes[i]] = treatment[i];
    else if (value[codes[i]] !== treatment[i]) return [];
  }
  return [
    `${treatmentName} is the same for every ${entityName} of a ${clusterName} in each period: it was given to clusters, and paths that move among single levels of ${entityName} make p too small. Take panel data of ${clusterName}, or the wild bootstrap.`,
  ];
}

/** Of a treatment that is 0 or 1: clusters that are ever treated, and never. */
function fewTreatedClusters({ model }: Given): string[] {
  const { treatment, cluster } = model;
  if (!treatment.every((value) => value === 0 || value === 1)) return [];
  const ever = new Uint8Array(cluster.levels);
  for (let i = 0; i < treatment.length; i++) if (treatment[i] === 1) ever[cluster.codes[i]] = 1;
  const treated = ever.reduce((sum, one) => sum + one, 0);
  if (treated >= fewTreated) return [];
  return [
    `${treated} of ${cluster.levels} clusters are treated: with so few the wild cluster bootstrap with the null imposed hardly ever rejects, and without it far too often; compare randomisation inference.`,
  ];
}
