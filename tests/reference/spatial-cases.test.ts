import { readFileSync } from 'node:fs';
import { referenceArea } from '../harness/reference-cases.js';

/** Every case of `spatial/cases.json`, by where it is checked or why it is not. */
const { present, cases } = referenceArea('spatial', 'the spatial toolbox, one by one');
const ids: readonly string[] = cases.map(({ id }) => id);

/** The file that checks a case says its id, or the pattern that it is made of. */
const tested: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'spatial-weights.test.ts': ['columbus-contiguity', 'columbus-knn1', 'columbus-knn4', 'columbus-distance-band', 'ncovr-queen'],
  'spatial-tests.test.ts': [
    'columbus-moran',
    'columbus-lm-tests',
    'spreg-columbus-ols-lm',
    'spreg-baltim-ols-lm',
    'spreg-ncovr-ols-lm',
    /^produc-slmtest-/,
  ],
  'gs2sls.test.ts': [
    'columbus-stsls',
    'columbus-stsls-hc0',
    'columbus-gmerrorsar',
    'columbus-gstsls',
    'columbus-sphet-lag-hom',
    'columbus-sphet-lag-het',
    'columbus-sphet-error-het',
    'columbus-sphet-sarar-hom',
    'columbus-sphet-sarar-het',
    'columbus-sphet-endog-sarar-het',
    'spreg-columbus-tsls',
    'spreg-columbus-gmlag-wlags1',
    'spreg-columbus-gmlag-wlags2',
    'spreg-columbus-gmlag-white',
    'spreg-columbus-gmlag-endog',
    'spreg-columbus-gm-sdm',
    'spreg-columbus-gmcombo',
    'spreg-columbus-gmcombo-het',
    'spreg-columbus-gmerror-het',
    'spreg-baltim-gmlag',
    'spreg-baltim-gmcombo-het',
    'spreg-ncovr-gmlag',
    'spreg-panel-kkp',
    'spreg-ncovr-kkp',
    'stata-texas-gs2sls',
    'produc-gm-lag-within-w2sls',
    'produc-gm-sdm-within',
    'produc-gm-endog-lag-within',
    'produc-gm-endog-nolag-within',
    'produc-gm-lag-random-ec2sls',
    'produc-gm-error-within',
    'produc-gm-sarar-within',
    'produc-gm-endog-error-within',
    'produc-gm-error-random-initial',
    'produc-gm-error-random-fullweights',
    'produc-impacts-gm-lag-within',
    'produc-exact-gs2sls-within',
  ],
  'spatial-ml.test.ts': [
    'produc-fe-lag-individual',
    'produc-fe-lag-individual-leeyu',
    'produc-fe-lag-time',
    'produc-fe-lag-twoways',
    'produc-fe-lag-twoways-leeyu',
    'produc-fe-error-individual',
    'produc-fe-error-individual-leeyu',
    'produc-fe-error-time-leeyu',
    'produc-fe-error-twoways',
    'produc-fe-error-twoways-leeyu',
    'produc-fe-sarar-individual',
    'produc-fe-sarar-individual-leeyu',
    'produc-fe-sarar-twoways',
    'produc-fe-sarar-twoways-leeyu',
    'produc-spml-sdm-individual',
    'produc-spml-sdm-twoways',
    'produc-impacts-lag-twoways',
    /^produc-exact-sar-/,
    /^produc-exact-sdm-/,
    /^cigar-exact-/,
    /^cigar-sdpdmod-/,
    'cigar-splm-lag-twoways',
    'cigar-splm-error-individual',
    'columbus-lagsarlm',
    'columbus-sdm',
    'columbus-errorsarlm',
    'columbus-sacsarlm',
    'spreg-columbus-mllag',
    'spreg-columbus-mlerror',
    'spreg-baltim-mllag',
    'spreg-panel-fe-lag',
    'spreg-panel-fe-error',
    'spreg-panel-re-lag',
    'produc-re-lag',
    'spreg-ncovr-panel-fe-lag',
    'spreg-ncovr-mllag-lu',
  ],
};

/** Expected values that are known defects of a peer; ours differ and equal the value that the test puts beside them. */
const peerDefect: Readonly<Record<string, string>> = {
  'columbus-gmerrorsar lambda_se': 'GMerrorsar takes W′W for A₂ and sums all entries where the trace is meant',
  'columbus-sphet-error-het': 'sphet instruments the filtered regressors, which are exogenous, by the unfiltered ones',
  'produc-fe-lag-twoways-leeyu': 'splm subtracts the correction, without a factor NT, and multiplies σ² by T/(T + 1)',
  'produc-fe-error-twoways-leeyu': 'as the lag model',
  'produc-fe-sarar-twoways-leeyu': 'splm’s correction lacks a factor NT',
  'produc-re-lag se': 'splm’s errors of β take ρ as known; ours do not, and that of ρ is the same',
  'produc-impacts-gm-lag-within mc_se': 'splm draws effects of spgm models with coefficients one place off',
};

/** Tests of random effects and serial correlation in spatial panels, after maximum likelihood. */
const notYet: Readonly<Record<string, string>> = {
  'produc-re-error-b':
    'errors of Baltagi, Song & Koh, whose filter leaves the effect alone; ours filter both (Kapoor, Kelejian & Prucha)',
  'produc-re-sarar-b': 'as the error model',
  'produc-sphtest-ML-lag':
    'of two likelihoods: we give Mundlak’s test; splm’s covariance takes ρ as known with random effects and not with fixed ones',
  'produc-sphtest-ML-error':
    'of two likelihoods: we give Mundlak’s test; splm’s covariance takes ρ as known with random effects and not with fixed ones',
  'produc-bsktest-LMH': 'Baltagi–Song–Koh tests of random effects and spatial errors: with the likelihood models',
  'produc-bsktest-LM1': 'as LMH',
  'produc-bsktest-LM2': 'as LMH',
  'produc-bsktest-CLMlambda': 'as LMH',
};

const matches = (patterns: readonly (string | RegExp)[], id: string) =>
  patterns.some((pattern) => (typeof pattern === 'string' ? pattern === id : pattern.test(id)));

(present ? test : test.skip)('every spatial case is tested or not yet, and only one of these', () => {
  const places = (id: string) => [
    ...Object.entries(tested).flatMap(([name, patterns]) => (matches(patterns, id) ? [name] : [])),
    ...(id in notYet ? ['notYet'] : []),
  ];
  expect(ids.filter((id) => places(id).length !== 1).map((id) => `${id}: ${places(id).join(' and ') || 'nowhere'}`)).toEqual([]);
  expect(ids).toHaveLength(126);
});

(present ? test : test.skip)('no list names a case that does not exist', () => {
  const named = [
    ...Object.values(tested).flat(),
    ...Object.keys(notYet),
    ...Object.keys(peerDefect).map((key) => key.split(' ')[0]),
  ];
  expect(named.filter((pattern) => !ids.some((id) => matches([pattern], id))).map(String)).toEqual([]);
});

test.each(Object.entries(tested))('%s names its cases', (name, patterns) => {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8');
  // an id made from parts is found by the pattern's own text
  const told = (pattern: string | RegExp) =>
    typeof pattern === 'string' ? source.includes(pattern) : source.includes(pattern.source.replaceAll(/[\^\\$]/g, ''));
  expect(patterns.filter((pattern) => !told(pattern)).map(String)).toEqual([]);
});
