/**
 * Every reference case of the panel toolbox by its id, and what became of it. `panel-ledger.test.ts` fails when a case is not here, or
 * is here and gone; each test file checks that it runs what this file says it does.
 */
export interface Tested {
  /** the file that compares it, field by field */
  readonly tested: string;
  /** fields that are a peer's defect or another convention; ours differ from them, and the test says from what */
  readonly peerDefect?: string;
  /** fields that are not compared, and why */
  readonly notYet?: string;
}

/** Cases of another part of the project. */
export interface Later {
  readonly later: string;
}

export type Entry = Tested | Later;

const dataSets = ['grunfeld', 'produc', 'empluk-unbal', 'wages'];
const entries = (ids: readonly string[], entry: Entry) => ids.map((id) => [id, entry] as const);
const each = (suffixes: readonly string[], names = dataSets) =>
  names.flatMap((name) => suffixes.map((suffix) => `${name}-${suffix}`));

const regression = 'panel-regression.test.ts';
const iv = 'panel-iv.test.ts';
const tests = 'panel-tests.test.ts';
const unitRoots: Later = { later: 'unit roots and cointegration' };

export const panelLedger: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ...entries(each(['pooled-ols', 'fe-individual', 'fe-time', 'fe-twoways', 're-swar', 'between-fd']), { tested: regression }),
  ...entries(each(['lm-fe', 'lm-fe2', 'lm-re', 'lm-between', 'lm-fd', 'lm-pooled-cluster'], ['grunfeld', 'empluk-unbal']), {
    tested: regression,
  }),
  ...entries(['fixest-vcov-grunfeld', 'fixest-vcov-empluk-unbal'], {
    tested: regression,
    notYet: 'newey_west_panel_default_ssc: fixest’s panel Newey–West is not a covariance offered',
  }),
  ['empluk-unbal-lm-fd', { tested: regression, peerDefect: 'coef, se, se_cluster_entity: differences are weighted' }],
  ['empluk-unbal-lm-re', { tested: regression, peerDefect: 'small_sample_baltagi_chang: a third variant of Swamy–Arora' }],
  [
    'empluk-unbal-re-swar',
    { tested: regression, peerDefect: 'r2_transformed_plm, adj_r2_transformed_plm: a squared correlation, not 1 − SSR/SST' },
  ],
  ['wages-between-fd', { tested: regression, peerDefect: 'fd_no_constant: a regressor is left out' }],
  ...entries(each(['hausman']), { tested: tests }),
  ...entries(each(['spec-tests']), {
    tested: tests,
    notYet: 'plm’s pwfdtest, pwartest and pbgtest: the battery has xtserial’s test',
  }),
  ...entries(
    [
      ...['sim-cluster-iid', 'sim-cluster-hc1', 'sim-cluster-cl', 'card-overid-iid', 'card-overid-hc1'],
      ...['card-just-id-iid', 'card-just-id-hc1'],
    ].flatMap((name) => [`stata-ivreg2-${name}`, `stata-ivreg2-${name}-small`]),
    { tested: iv },
  ),
  ['iv-cigarettes95', { tested: iv }],
  ['feiv-crime-justid', { tested: iv }],
  ['feiv-crime-overid', { tested: iv, peerDefect: 'fixest_fitstat.sargan, .cd: absorbed effects are not counted' }],
  ...entries(
    ['grunfeld-descriptives', 'grunfeld-correlations', 'produc-descriptives', 'produc-correlations', 'seed-jarque-bera-n44'],
    { tested: 'panel-descriptives.test.ts' },
  ),
  ...entries(['groupdiff-grunfeld', 'groupdiff-produc'], { tested: 'panel-group-difference.test.ts' }),
  ...entries(['sur-zellner-ge-westinghouse', 'sur-grunfeld5', 'sur-grunfeld5-dfcor'], { tested: 'panel-sur.test.ts' }),
  ['seed-fe-anova', { tested: 'panel-published.test.ts' }],

  ...entries(
    [
      ...['a1-onestep-robust', 'a2-twostep', 'a2-windmeijer', 'b-twostep'].map((name) => `ab1991-table4-${name}`),
      ...['ab-a1-onestep-robust', 'bb98-system-onestep-robust', 'bb98-system-twostep-windmeijer', 'diff-onestep-nodummies'].map(
        (name) => `gretl-${name}`,
      ),
    ],
    { later: 'dynamic panels' },
  ),
  ...entries(
    [
      ...['intercept', 'trend'].flatMap((kind) => [0, 1, 2].map((lags) => `ur-grunfeld-inv-${kind}-lags-${lags}`)),
      ...['SIC', 'AIC'].map((rule) => `ur-grunfeld-capital-sic-intercept-lags-${rule}`),
      ...['ur-grunfeld4-value-intercept-lags-1', 'ur-grunfeld-inv-none-none-lags-1', 'ur-grunfeld-dinv-intercept-lags-1'],
      ...['cips-grunfeld-inv', 'cips-produc-lgsp', 'mackinnon1996-pvalues', 'kao-grunfeld-bw2-p1', 'kao-grunfeld4-bw1-p1'],
      'seed-adf-fisher',
    ],
    unitRoots,
  ),
  ['mediation-jobs', { tested: 'mediation.test.ts' }],
  [
    'mediation-produc-fe',
    {
      tested: 'mediation.test.ts',
      peerDefect: 'bootstrap: single rows of a panel are drawn, so errors are half of those by entity',
    },
  ],
  ...entries(['entropy-toy-shift-0', 'entropy-toy-shift-1e-04', 'entropy-toy-shift-0.01'], { later: 'entropy index' }),
  ...entries(['location-quotient', 'interpolation-linear', 'coupling-2', 'coupling-3'], { later: 'transforms of data' }),
]);

/** Ids that a test file must run. */
export function testedIn(file: string): string[] {
  return Array.from(panelLedger).flatMap(([id, entry]) => ('tested' in entry && entry.tested === file ? [id] : []));
}

/** Ids of a test file with a peer's defect. */
export const defectsIn = (file: string): string[] =>
  testedIn(file).filter((id) => {
    const entry = panelLedger.get(id)!;
    return 'peerDefect' in entry && entry.peerDefect !== undefined;
  });
