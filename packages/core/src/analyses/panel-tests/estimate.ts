import { chiSquaredUpper } from '../../distributions/chi-squared.js';
import { EstimationError } from '../../errors.js';
import { maxDummies } from '../../formula/frame.js';
import type { FTest } from '../../instruments/first-stage.js';
import { isPerfectFit, type LinearFit } from '../../panel-models/linear-fit.js';
import { pooledFit } from '../../panel-models/pooled.js';
import type { PanelSample } from '../../panel-models/sample.js';
import { withinFit } from '../../panel-models/within.js';
import { type AuxiliaryTest, auxiliaryTest, whiteRegressors } from '../../specification/auxiliary-regression.js';
import { crossSectionTests } from '../../specification/cross-section.js';
import { effectsFTest } from '../../specification/effects-f.js';
import { modifiedWaldTest } from '../../specification/groupwise-heteroskedasticity.js';
import type { HausmanTest } from '../../specification/hausman.js';
import { breuschPaganLm } from '../../specification/lagrange-multiplier.js';
import { mundlakTest, randomOrFixed } from '../../specification/random-or-fixed.js';
import { wooldridgeTest } from '../../specification/serial-correlation.js';
import { adequacyTable, testTitles } from './adequacy.js';
import { conventions } from './conventions.js';
import type { PanelTestName, PanelTestsParams } from './params.js';
import type { TestedSample } from './request.js';
import type { PanelTestsResult, TestEntry } from './result.js';
import { verdict } from './verdict.js';

type Draft = Omit<TestEntry, 'test' | 'status' | 'note'> & { readonly note?: string | undefined };

/** What tests add to the result besides their entries. */
interface Extras {
  hausman: PanelTestsResult['hausman'];
  crossSection: PanelTestsResult['crossSection'];
  rho: number | null;
}

/** All tests asked for, each on its own: one that these data cannot give says why in its place. */
export function testBattery(params: PanelTestsParams, of: TestedSample): PanelTestsResult {
  const adequacy = adequacyTable(params, of);
  const extras: Extras = { hausman: null, crossSection: null, rho: null };
  const tests = params.tests.flatMap((test, at): TestEntry[] => {
    const { status } = adequacy[at];
    return attempt(test, () => drafts(test, params, of, extras)).map(({ note, ...draft }) => ({
      ...draft,
      test,
      note: note ?? null,
      status: Number.isNaN(draft.statistic) ? 'unavailable' : note !== undefined || status === 'too small' ? 'doubtful' : 'ok',
    }));
  });
  const { sample, effects, own, names } = of;
  const answers = {
    adequacy,
    tests,
    ...extras,
    sample: { rows: sample.rows, entities: sample.entity.levels, periods: sample.time.levels, dropped: [...of.dropped] },
    variables: {
      outcome: names.outcome,
      regressors: [...names.regressors],
      effects: [...(effects.entity ? [own.entity] : []), ...(effects.time ? [own.time] : [])],
    },
  };
  return { ...answers, verdict: verdict(answers, params.alpha), conventions: conventions(params, of) };
}

/** An entry without a number for a test that these data do not allow. */
function attempt(test: PanelTestName, compute: () => Draft[]): Draft[] {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return [
      {
        name: test,
        title: testTitles[test],
        null: nulls[test],
        statistic: Number.NaN,
        distribution: 'chi2',
        df1: 0,
        df2: null,
        pValue: Number.NaN,
        note: error.message,
      },
    ];
  }
}

const nulls: Record<PanelTestName, string> = {
  'effects-f': 'no effects',
  'breusch-pagan-lm': 'effects have no variance',
  hausman: 'effects are uncorrelated with the regressors',
  wooldridge: 'no first-order serial correlation',
  'modified-wald': 'one error variance for all entities',
  white: 'one error variance whatever the regressors',
  'breusch-pagan': 'one error variance whatever the regressors',
  'pesaran-cd': 'no correlation between entities',
};

const chi2 = (
  name: string,
  title: string,
  none: string,
  { statistic, df, pValue }: { statistic: number; df: number; pValue: number },
  note?: string,
): Draft => ({
  name,
  title,
  null: none,
  statistic,
  distribution: 'chi2',
  df1: df,
  df2: null,
  pValue,
  note,
});
const f = (name: string, title: string, none: string, { statistic, df1, df2, p }: FTest, note?: string): Draft => ({
  name,
  title,
  null: none,
  statistic,
  distribution: 'F',
  df1,
  df2,
  pValue: p,
  note,
});
const normal = (
  name: string,
  title: string,
  none: string,
  { statistic, pValue }: { statistic: number; pValue: number },
): Draft => ({
  name,
  title,
  null: none,
  statistic,
  distribution: 'normal',
  df1: 0,
  df2: null,
  pValue,
});

function drafts(test: PanelTestName, params: PanelTestsParams, of: TestedSample, extras: Extras): Draft[] {
  switch (test) {
    case 'effects-f':
      return effectsDrafts(of);
    case 'breusch-pagan-lm':
      return lagrangeDrafts(of);
    case 'hausman':
      return hausmanDrafts(params, of, extras);
    case 'wooldridge':
      return wooldridgeDrafts(of, extras);
    case 'modified-wald':
      return modifiedWaldDrafts(of);
    case 'white':
    case 'breusch-pagan':
      return auxiliaryDrafts(test, of);
    case 'pesaran-cd':
      return crossSectionDrafts(of, extras);
  }
}

/** F of the effects the model has: all of them, and with two each given the other. */
function effectsDrafts({ sample, effects, intercept, own }: TestedSample): Draft[] {
  const fits = {
    none: () => pooledFit(sample, intercept),
    entity: () => withinFit(sample, [sample.entity]),
    time: () => withinFit(sample, [sample.time]),
    both: () => withinFit(sample, [sample.entity, sample.time]),
  };
  const compare = (restricted: keyof typeof fits, full: keyof typeof fits) => {
    const [a, b] = [fits[restricted](), fits[full]()];
    return effectsFTest({ restricted: a.ssr, full: b.ssr, df1: a.residualDf - b.residualDf, df2: b.residualDf });
  };
  if (effects.entity && !effects.time)
    return [f('f-entity', `F, effects of ${own.entity}`, `no effects of ${own.entity}`, compare('none', 'entity'))];
  if (effects.time && !effects.entity)
    return [f('f-time', `F, effects of ${own.time}`, `no effects of ${own.time}`, compare('none', 'time'))];
  const both = `${own.entity} and ${own.time}`;
  return [
    f('f-two-way', `F, effects of ${both}`, `no effects of ${both}`, compare('none', 'both')),
    f('f-entity', `F, ${own.entity} given ${own.time}`, `no effects of ${own.entity}`, compare('time', 'both')),
    f('f-time', `F, ${own.time} given ${own.entity}`, `no effects of ${own.time}`, compare('entity', 'both')),
  ];
}

function lagrangeDrafts({ sample, own }: TestedSample): Draft[] {
  const residuals = residualsOf(pooledFit(sample));
  const entity = breuschPaganLm(residuals, sample.entity);
  const time = breuschPaganLm(residuals, sample.time);
  const both = entity.statistic + time.statistic;
  const none = (what: string) => `variance of ${what} effects is 0`;
  const found: Draft[] = [];
  const one = (name: string, what: string, of: typeof entity) => {
    found.push(chi2(`lm-${name}`, `Breusch–Pagan LM, ${what}`, none(what), { ...of, df: 1 }));
    found.push(
      normal(`honda-${name}`, `  one-sided (Honda), ${what}`, none(what), { statistic: of.honda, pValue: of.oneSidedP }),
    );
  };
  one('entity', own.entity, entity);
  one('time', own.time, time);
  const what = `${own.entity} and ${own.time}`;
  found.push(
    chi2('lm-two-way', `Breusch–Pagan LM, ${what}`, none(what), { statistic: both, df: 2, pValue: chiSquaredUpper(both, 2) }),
  );
  return found;
}

/** The sample with a dummy for every period but the first, when the model has period effects. */
function withPeriods({ sample, effects }: TestedSample): PanelSample {
  if (!effects.time) return sample;
  if (sample.time.levels > maxDummies) {
    throw new EstimationError(
      'too_many_periods',
      `dummies of ${sample.time.levels} periods are more than ${maxDummies}: leave the period effects out`,
    );
  }
  const dummies = Array.from({ length: sample.time.levels - 1 }, (_, t) =>
    Float64Array.from(sample.time.codes, (code) => (code === t + 1 ? 1 : 0)),
  );
  return { ...sample, regressors: [...sample.regressors, ...dummies] };
}

function hausmanDrafts({ varianceComponents }: PanelTestsParams, of: TestedSample, extras: Extras): Draft[] {
  const { method, unbalanced } = varianceComponents;
  const sample = withPeriods(of);
  const k = of.sample.regressors.length;
  const { compared, classic, sigmamore, sigmaless } = randomOrFixed(sample, k, method, unbalanced);
  const none = nulls.hausman;
  const one = (name: string, title: string, test: HausmanTest) => chi2(name, title, none, test, hausmanNote(test));
  const mundlak = attemptMundlak(() => mundlakTest(sample, k, method, unbalanced));
  extras.hausman = {
    rows: classic.rows.map((row, j) => ({ term: of.names.regressors[compared[j]], ...row })),
    positiveDefinite: classic.positiveDefinite,
    mundlakTerms: mundlak.tested.map((j) => of.names.regressors[j]),
  };
  return [
    one('hausman', 'Hausman, classic', classic),
    one('hausman-sigmamore', 'Hausman, sigmamore', sigmamore),
    one('hausman-sigmaless', 'Hausman, sigmaless', sigmaless),
    f('mundlak', 'Mundlak, clustered', none, mundlak, mundlak.note),
  ];
}

function attemptMundlak(
  compute: () => ReturnType<typeof mundlakTest>,
): ReturnType<typeof mundlakTest> & { readonly note?: string } {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof EstimationError)) throw error;
    return { statistic: Number.NaN, df1: 0, df2: 0, p: Number.NaN, tested: [], note: error.message };
  }
}

function hausmanNote({ statistic, positiveDefinite }: HausmanTest): string | undefined {
  if (statistic < 0) {
    return (
      'negative: V(fixed) − V(random) is not positive definite here, so it is no variance and H has no χ² distribution; the sign is left as it ' +
      'comes. It is no evidence for random effects: read sigmamore, sigmaless and Mundlak'
    );
  }
  if (Number.isNaN(statistic)) return 'V(fixed) − V(random) has no inverse';
  return positiveDefinite
    ? undefined
    : 'V(fixed) − V(random) is not positive definite: H has no χ² distribution; read sigmamore, sigmaless and Mundlak';
}

function wooldridgeDrafts(of: TestedSample, extras: Extras): Draft[] {
  const found = wooldridgeTest(withPeriods(of));
  extras.rho = found.rho;
  return [f('wooldridge', 'Wooldridge, first differences', nulls.wooldridge, found)];
}

/** Fixed-effects residuals: of entity effects, and of periods when the model has them. */
function residualsWithin({ sample, effects }: TestedSample): Float64Array {
  return residualsOf(withinFit(sample, effects.time ? [sample.entity, sample.time] : [sample.entity]));
}

/** Residuals that are more than rounding. */
function residualsOf(fit: LinearFit): Float64Array {
  if (isPerfectFit(fit)) throw new EstimationError('perfect_fit', 'the model fits perfectly: there are no errors to test');
  return fit.residuals;
}

function modifiedWaldDrafts(of: TestedSample): Draft[] {
  const { sample } = of;
  const periods = sample.rows / sample.entity.levels;
  const note =
    periods < 30 ? `not valid for small T (here ${Number(periods.toPrecision(3))} periods): it rejects far too often` : undefined;
  return [
    chi2(
      'modified-wald',
      'Modified Wald, groupwise',
      nulls['modified-wald'],
      modifiedWaldTest(residualsWithin(of), sample.entity),
      note,
    ),
  ];
}

function auxiliaryDrafts(test: 'white' | 'breusch-pagan', { sample, intercept }: TestedSample): Draft[] {
  const residuals = residualsOf(pooledFit(sample, intercept));
  const z = test === 'white' ? whiteRegressors(sample.regressors) : sample.regressors;
  const found: AuxiliaryTest = auxiliaryTest(residuals, z);
  const title = test === 'white' ? 'White' : 'Breusch–Pagan';
  const none = nulls[test];
  const { df } = found;
  return [
    f(`${test}-f`, `${title}, F`, none, { ...found.f, df1: df, p: found.f.pValue }),
    chi2(`${test}-n-r2`, `${title}, n·R²${test === 'white' ? '' : ' (Koenker)'}`, none, { ...found.observedR2, df }),
    chi2(`${test}-scaled`, `${title}, scaled explained SS`, none, { ...found.scaledExplained, df }),
  ];
}

function crossSectionDrafts(of: TestedSample, extras: Extras): Draft[] {
  const { sample, effects, own } = of;
  if (effects.time) {
    throw new EstimationError(
      'cd_after_period_effects',
      `not computed after effects of ${own.time}: residuals then sum to zero in every period and CD is near −√(T/2) = ` +
        `${(-Math.sqrt(sample.time.levels / 2)).toFixed(2)} whatever the dependence; take residuals of ${own.entity} effects only`,
    );
  }
  const found = crossSectionTests(residualsOf(withinFit(sample, [sample.entity])), sample);
  const { meanCorrelation, meanAbsoluteCorrelation, pairs, skippedPairs } = found;
  extras.crossSection = { meanCorrelation, meanAbsoluteCorrelation, pairs, skippedPairs };
  const none = nulls['pesaran-cd'];
  // the LM statistics add up T·r² − 1 over all pairs and need T well above N
  const note = sample.time.levels < sample.entity.levels ? 'needs more periods than entities' : undefined;
  return [
    normal('pesaran-cd', 'Pesaran CD', none, found.cd),
    { ...chi2('lm-cross-section', 'Breusch–Pagan LM, all pairs', none, found.lm), note },
    { ...normal('scaled-lm', 'Scaled LM', none, found.scaledLm), note },
    ...(found.biasCorrectedLm === null
      ? []
      : [normal('bias-corrected-lm', 'Bias-corrected scaled LM', none, found.biasCorrectedLm)]),
  ];
}
