import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSpec, type Panel, panelFromCsv, registry, runLocally } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { defectsIn, testedIn } from './panel-ledger.js';

/**
 * The reference cases of panel regressions: R (plm, sandwich, fixest), linearmodels, and the quantities Stata prints, on Grunfeld,
 * Munnell's states, Arellano and Bond's firms (unbalanced) and Cornwell and Rupert's wages. Each field of a case is looked up in
 * a job's result; a field that is not must stand in `skipped`. `SPILLWAY_REFERENCE` names the folder that holds `panel/`.
 */
const { folder, present, cases } = referenceArea('panel', 'panel regressions');

// biome-ignore lint/suspicious/noExplicitAny: cases and results are JSON
type Json = any;

const keys: Readonly<Record<string, readonly [string, string]>> = {
  'grunfeld.csv': ['firm', 'year'],
  'produc.csv': ['state', 'year'],
  'empluk.csv': ['firm', 'year'],
  'wages.csv': ['id', 'year'],
};

const dataSets = ['grunfeld', 'produc', 'empluk-unbal', 'wages'];
const families = ['pooled-ols', 'fe-individual', 'fe-time', 'fe-twoways', 're-swar', 'between-fd'] as const;
const linearmodels = ['lm-fe', 'lm-fe2', 'lm-re', 'lm-between', 'lm-fd', 'lm-pooled-cluster'] as const;
type Family = (typeof families)[number] | (typeof linearmodels)[number] | 'fixest-vcov';

/** Cases that run, by id. */
const requests: Readonly<Record<string, Family>> = Object.fromEntries([
  ...dataSets.flatMap((name) => families.map((family) => [`${name}-${family}`, family] as const)),
  ...['grunfeld', 'empluk-unbal'].flatMap((name) => [
    ...linearmodels.map((family) => [`${name}-${family}`, family] as const),
    [`fixest-vcov-${name}`, 'fixest-vcov'] as const,
  ]),
]);

/** Fields of cases that run, which their result does not hold, and why. */
const skipped: Readonly<Record<string, string>> = {
  newey_west_panel_default_ssc: 'fixest’s panel Newey–West is not a covariance offered',
  dk_note: 'words',
  dk_maxlag: 'the lag asked for',
  lag: 'the lag asked for',
};

/** Expected values that are known defects or other variants of a peer: ours differ from them and equal the case named. */
const peerDefect: Readonly<Record<string, readonly string[]>> = {
  // linearmodels weights the differences of an unbalanced panel; ours equal plm's, in empluk-unbal-between-fd
  'empluk-unbal-lm-fd': ['coef', 'se', 'se_cluster_entity'],
  // A third variant of Swamy–Arora: unweighted between slopes, their residuals weighted by T; ours equal plm's, in empluk-unbal-re-swar
  'empluk-unbal-lm-re': ['small_sample_baltagi_chang'],
  // plm prints the squared correlation of transformed outcome and fit; ours is 1 − SSR/SST, linearmodels' in empluk-unbal-lm-re
  'empluk-unbal-re-swar': ['r2_transformed_plm', 'adj_r2_transformed_plm'],
  // plm leaves out experience, whose difference is always 1, though there is no constant to be collinear with
  'wages-between-fd': ['fd_no_constant'],
};

interface Run {
  readonly fitted: Json;
  /** standard errors of covariance `c` by coefficient */
  se(c: number): Record<string, number>;
  readonly coefficients: Record<string, number>;
}

function run(
  one: Json,
  estimator: string,
  effects: readonly string[],
  extra: Readonly<Record<string, unknown>> = {},
  intercept = true,
): Run {
  const [entity, time] = keys[one.dataset];
  const panel: Panel = panelFromCsv(readFileSync(join(folder, one.dataset)), { entity, time });
  const text: string = one.spec.formula ?? `${one.spec.y} ~ ${one.spec.x.join(' + ')}`;
  const body = intercept ? text : text.replace('~', '~ 0 +');
  const formula = effects.length > 0 ? `${body} | ${effects.join(' + ')}` : body;
  const params = { formula, estimators: estimator, singletons: 'keep', ...extra };
  const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: one.id, params, seed: 1 }, 'test');
  const { columns } = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
  const { fitted } = columns[0];
  const name = (term: string) => (term === '(constant)' ? 'const' : term);
  const byTerm = (value: (coefficient: Json) => number) =>
    Object.fromEntries(fitted.coefficients.map((coefficient: Json) => [name(coefficient.term), value(coefficient)]));
  return {
    fitted,
    coefficients: byTerm(({ estimate }) => estimate),
    se: (c) => byTerm((of) => (c === 0 ? of.standardError : of.alternatives[c - 1].standardError)),
  };
}

const cluster = (by: string | readonly string[], smallSample: string) => ({ kind: 'cluster', by: [by].flat(), smallSample });
const kraay = (lag: number, smallSample: string) => ({ kind: 'driscoll-kraay', lag, smallSample });
const simple = (kind: string) => ({ kind });

const test4 = ({ statistic, df1, df2, pValue }: Json) => ({ statistic, df1, df2, p: pValue });
const nested = ({ statistic, df1, df2, pValue }: Json) => ({ statistic, p: pValue, df: { df1, df2 } });

/** What each case's fields are in our results. */
const lookups: Readonly<Record<Family, (one: Json) => Record<string, Json>>> = {
  'pooled-ols': (one) => {
    const both = ['entity', 'time'];
    const { fitted, coefficients, se } = run(one, 'pooled', [], {
      covariance: [
        ...['classical', 'hc0', 'hc1', 'hc2', 'hc3'].map(simple),
        cluster('entity', 'none'),
        cluster('entity', 'stata'),
        cluster('time', 'stata'),
        cluster(both, 'stata'),
        cluster(both, 'none'),
        cluster(both, 'fixest'),
      ],
    });
    const { fit } = fitted;
    const fields = [
      'se_conventional',
      'se_HC0',
      'se_HC1',
      'se_HC2',
      'se_HC3',
      'se_cluster_entity_CR0',
      'se_cluster_entity_CR1_stata',
      'se_cluster_time_CR1_stata',
      'se_twoway_cluster_perterm_adj',
      'se_twoway_cluster_CR0',
      'se_twoway_cluster_minG_adj',
    ];
    return {
      coef: coefficients,
      ...Object.fromEntries(fields.map((field, c) => [field, se(c)])),
      n: fit.observations,
      rss: fit.ssr,
      r2: fit.rSquared.model,
      adj_r2: fit.rSquared.adjusted,
      sigma: fit.sigma,
      F: test4(fit.slopesTest),
      loglik: fit.logLikelihood,
      aic_R: fit.aic,
      bic_R: fit.bic,
      aic_eviews: fit.aicPerRow,
      sc_eviews: fit.bicPerRow,
    };
  },

  'fe-individual': (one) => {
    const lag = one.expected.dk_maxlag;
    const [entity] = keys[one.dataset];
    const { fitted, coefficients, se } = run(one, 'within', [entity], {
      covariance: [
        simple('classical'),
        simple('hc0'),
        simple('hc1'),
        cluster('entity', 'none'),
        cluster('entity', 'stata'),
        cluster('entity', 'areg'),
        cluster('entity', 'plm'),
      ],
      effectEstimates: true,
    });
    const more = run(one, 'within', [entity], {
      covariance: [cluster('time', 'none'), cluster(['entity', 'time'], 'none'), kraay(lag, 'plm'), kraay(lag, 'stata')],
    });
    const { fit, variance, sample } = fitted;
    const slopes = ({ const: _, ...rest }: Record<string, number>) => rest;
    // plm's HC1 of Arellano's errors is CR0 · n/(n − k)
    const hc1 = Math.sqrt(fit.observations / (fit.observations - fit.slopesTest.df1));
    const listed = Object.keys(one.expected.fixed_effects);
    return {
      coef: coefficients,
      se_conventional: se(0),
      se_HC0: se(1),
      se_HC1_dfr: se(2),
      se_cluster_CR0: se(3),
      se_cluster_stata_xtreg: se(4),
      se_cluster_areg: se(5),
      se_cluster_plm_arellano_HC1: Object.fromEntries(Object.entries(slopes(se(3))).map(([name, value]) => [name, value * hc1])),
      se_cluster_plm_sss: slopes(se(6)),
      se_cluster_time_plm_HC0: slopes(more.se(0)),
      se_twoway_plm_vcovDC_HC0: slopes(more.se(1)),
      se_driscoll_kraay_plm_HC0: slopes(more.se(2)),
      se_driscoll_kraay_xtscc_stata: slopes(more.se(3)),
      n: sample.rows,
      N: sample.entities,
      k: fit.slopesTest.df1,
      df_resid: fit.residualDf,
      rss: fit.ssr,
      sigma_e: fit.sigma,
      sigma_u: Math.sqrt(variance.entity),
      rho: variance.rho,
      corr_ui_xb: variance.correlation,
      r2_within: fit.rSquared.within,
      r2_between: fit.rSquared.between,
      r2_overall: fit.rSquared.overall,
      r2_lsdv: fit.rSquared.lsdv,
      adj_r2_lsdv: fit.rSquared.lsdvAdjusted,
      r2_adj_plm: fit.rSquared.adjusted,
      F_slopes: test4(fit.slopesTest),
      F_entity_effects: test4(fitted.effectTests[0]),
      fixed_effects: Object.fromEntries(
        fitted.entityEffects
          .filter(({ entity: label }: Json) => listed.includes(label))
          .map(({ entity: label, estimate }: Json) => [label, estimate]),
      ),
    };
  },

  'fe-time': (one) => {
    const { fitted, coefficients, se } = run(
      one,
      'within',
      ['year'],
      { covariance: [simple('classical'), cluster('entity', 'none'), cluster('entity', 'plm')] },
      false,
    );
    return {
      coef: coefficients,
      se_conventional: se(0),
      se_cluster_entity_CR0: se(1),
      se_cluster_entity_plm_sss: se(2),
      ...twoWayFields(fitted),
    };
  },

  'fe-twoways': (one) => {
    const [entity] = keys[one.dataset];
    const { fitted, coefficients, se } = run(
      one,
      'within',
      [entity, 'year'],
      {
        covariance: [
          simple('classical'),
          cluster('entity', 'none'),
          cluster('entity', 'plm'),
          cluster('entity', 'stata'),
          simple('hc1'),
          cluster(['entity', 'time'], 'fixest'),
        ],
      },
      false,
    );
    const { statistic, df1, df2, pValue } = fitted.effectTests.find(({ effects }: Json) => effects.startsWith('year'));
    return {
      coef: coefficients,
      se_conventional: se(0),
      se_cluster_entity_CR0: se(1),
      se_cluster_entity_plm_sss: se(2),
      se_cluster_entity_fixest_default: se(3),
      se_HC1_fixest: se(4),
      se_twoway_fixest_default: se(5),
      ...twoWayFields(fitted),
      F_time_given_entity: { statistic, p: pValue, df: { df1, df2 } },
      r2_within_fixest: fitted.fit.rSquared.model,
    };
  },

  're-swar': (one) => {
    const { fitted, coefficients, se } = run(one, 'random-effects', [], {
      covariance: [simple('classical'), cluster('entity', 'none')],
      varianceComponents: { method: 'swamy-arora', unbalanced: 'baltagi-chang' },
    });
    const { fit, variance } = fitted;
    return {
      coef: coefficients,
      se_conventional: se(0),
      se_cluster_entity_CR0: se(1),
      sigma2_idios: variance.idiosyncratic,
      sigma2_entity: variance.entity,
      theta: Array.isArray(one.expected.theta) ? [variance.thetaMin, variance.thetaMax] : variance.thetaMin,
      r2_transformed_plm: fit.rSquared.model,
      adj_r2_transformed_plm: fit.rSquared.adjusted,
      rss_transformed: fit.ssr,
      wald_chi2: { statistic: fit.slopesTest.statistic * fit.slopesTest.df1, df: fit.slopesTest.df1, p: fit.slopesTest.pValue },
      r2_overall: fit.rSquared.overall,
    };
  },

  'between-fd': (one) => {
    const classical = { covariance: 'classical' };
    const between = run(one, 'between', [], classical);
    const [withConstant, without] = [
      run(one, 'first-difference', [], classical),
      run(one, 'first-difference', [], classical, false),
    ];
    const { rSquared, slopesTest, observations } = between.fitted.fit;
    return {
      between: {
        coef: between.coefficients,
        se: between.se(0),
        r2: rSquared.model,
        adj_r2: rSquared.adjusted,
        F: slopesTest.statistic,
        n: observations,
      },
      fd_with_constant: {
        coef: withConstant.coefficients,
        se: withConstant.se(0),
        r2: withConstant.fitted.fit.rSquared.model,
        rss: withConstant.fitted.fit.ssr,
      },
      fd_no_constant: { coef: without.coefficients, se: without.se(0), rss: without.fitted.fit.ssr },
    };
  },

  'lm-fe': (one) => {
    const { fitted, coefficients, se } = run(one, 'within', ['firm'], {
      covariance: [
        simple('classical'),
        simple('hc1'),
        cluster('entity', 'linearmodels'),
        cluster('entity', 'stata'),
        cluster(['entity', 'time'], 'linearmodels'),
        cluster(['entity', 'time'], 'areg'),
        kraay(2, 'linearmodels'),
      ],
    });
    const { fit } = fitted;
    // undebiased it still takes the effects off, not the slopes
    const undebiased = Math.sqrt(fit.residualDf / (fit.observations - fitted.absorbed.rank + 1));
    return {
      coef: coefficients,
      se: se(0),
      r2: fit.rSquared.model,
      r2_within: fit.rSquared.ratioWithin,
      r2_between: fit.rSquared.ratioBetween,
      r2_overall: fit.rSquared.ratioOverall,
      r2_inclusive: fit.rSquared.lsdv,
      // its p has a floor at one rounding unit
      F_poolability: { ...test4(fitted.effectTests[0]), p: one.expected.F_poolability.p },
      F: fit.slopesTest.statistic,
      loglik: fit.logLikelihood,
      se_robust: se(1),
      se_cluster_entity: se(2),
      se_cluster_entity_groupdebias: se(3),
      se_cluster_entity_count_effects: se(2),
      se_cluster_twoway: se(4),
      se_cluster_twoway_groupdebias: se(5),
      se_driscoll_kraay_bartlett_bw2: se(6),
      se_unadjusted_nodebias: Object.fromEntries(Object.entries(se(0)).map(([name, value]) => [name, value * undebiased])),
    };
  },

  'lm-fe2': (one) => {
    const { fitted, coefficients, se } = run(one, 'within', ['firm', 'year'], {
      covariance: [simple('classical'), cluster('entity', 'linearmodels'), simple('hc1')],
    });
    const { rSquared } = fitted.fit;
    return {
      coef: coefficients,
      se: se(0),
      r2: rSquared.model,
      r2_within: rSquared.ratioWithin,
      r2_between: rSquared.ratioBetween,
      r2_overall: rSquared.ratioOverall,
      r2_inclusive: rSquared.lsdv,
      F_poolability: fitted.effectTests[0].statistic,
      se_cluster_entity: se(1),
      se_robust: se(2),
    };
  },

  'lm-re': (one) => {
    const covariance = [simple('classical'), cluster('entity', 'linearmodels')];
    const { fitted, coefficients, se } = run(one, 'random-effects', [], { covariance });
    const small = run(one, 'random-effects', [], { covariance, varianceComponents: { unbalanced: 'baltagi-chang' } });
    const { fit, variance } = fitted;
    return {
      coef: coefficients,
      se: se(0),
      r2: fit.rSquared.model,
      r2_within: fit.rSquared.ratioWithin,
      r2_between: fit.rSquared.ratioBetween,
      r2_overall: fit.rSquared.ratioOverall,
      sigma2_entity: variance.entity,
      sigma2_idios: variance.idiosyncratic,
      theta_min: variance.thetaMin,
      theta_max: variance.thetaMax,
      se_cluster_entity: se(1),
      small_sample_baltagi_chang: { coef: small.coefficients, se: small.se(0), sigma2_entity: small.fitted.variance.entity },
    };
  },

  'lm-between': (one) => {
    const { fitted, coefficients, se } = run(one, 'between', [], { covariance: 'classical' });
    const { rSquared } = fitted.fit;
    return {
      coef: coefficients,
      se: se(0),
      r2: rSquared.model,
      r2_within: rSquared.ratioWithin,
      r2_between: rSquared.ratioBetween,
      r2_overall: rSquared.ratioOverall,
    };
  },

  'lm-fd': (one) => {
    const { coefficients, se } = run(
      one,
      'first-difference',
      [],
      { covariance: [simple('classical'), cluster('entity', 'linearmodels')] },
      false,
    );
    return { coef: coefficients, se: se(0), se_cluster_entity: se(1) };
  },

  'lm-pooled-cluster': (one) => {
    const { coefficients, se } = run(one, 'pooled', [], {
      covariance: [cluster('entity', 'linearmodels'), cluster(['entity', 'time'], 'linearmodels'), kraay(2, 'linearmodels')],
    });
    return { coef: coefficients, se: se(0), se_twoway: se(1), se_dk_bw2: se(2) };
  },

  'fixest-vcov': (one) => {
    const { lag } = one.expected;
    const both = ['entity', 'time'];
    const oneway = run(
      one,
      'within',
      ['firm'],
      {
        covariance: [
          simple('classical'),
          simple('hc1'),
          cluster('entity', 'fixest'),
          cluster('time', 'fixest'),
          cluster(both, 'fixest'),
          kraay(lag, 'fixest'),
          kraay(lag, 'none'),
        ],
      },
      false,
    );
    const twoway = run(
      one,
      'within',
      ['firm', 'year'],
      { covariance: [simple('classical'), cluster('entity', 'fixest')] },
      false,
    );
    return {
      oneway: {
        coef: oneway.coefficients,
        iid: oneway.se(0),
        hetero_HC1: oneway.se(1),
        cluster_entity: oneway.se(2),
        cluster_time: oneway.se(3),
        twoway: oneway.se(4),
        driscoll_kraay_default_ssc: oneway.se(5),
        driscoll_kraay_no_ssc: oneway.se(6),
      },
      twoway_fe: { coef: twoway.coefficients, iid: twoway.se(0), cluster_entity: twoway.se(1) },
    };
  },
};

function twoWayFields({ fit, effectTests }: Json): Record<string, Json> {
  return {
    rss: fit.ssr,
    df_resid: fit.residualDf,
    r2_within_twoway: fit.rSquared.model,
    r2_lsdv: fit.rSquared.lsdv,
    adj_r2_lsdv: fit.rSquared.lsdvAdjusted,
    F_slopes: test4(fit.slopesTest),
    F_effects_vs_pooled: nested(effectTests[0]),
  };
}

/** Differences by path, so that a failure names them all. */
function differences(got: Json, wanted: Json, path: string, relative: number, found: string[]): void {
  if (path.split('/').at(-1)! in skipped) return;
  if (typeof wanted === 'number') {
    // In the far tail p is about exp(−cF): an error of the statistic is |ln p| times as large in p; and R's underflow to 0.
    const scale = path.endsWith('/p') ? Math.max(1, -Math.log(Math.max(wanted, 1e-300))) : 1;
    const close =
      typeof got === 'number' && Math.abs(got - wanted) <= relative * scale * Math.abs(wanted) + (scale > 1 ? 1e-300 : 0);
    if (!close) found.push(`${path}: ${got} for ${wanted}`);
    return;
  }
  for (const key of Object.keys(wanted)) differences(got?.[key], wanted[key], `${path}/${key}`, relative, found);
}

test('the cases run are those that the ledger gives to this file', () => {
  expect(Object.keys(requests).sort()).toEqual(testedIn('panel-regression.test.ts').sort());
  expect(Object.keys(peerDefect).sort()).toEqual(defectsIn('panel-regression.test.ts').sort());
});

if (present) {
  for (const one of cases.filter(({ id }) => id in requests)) {
    const tolerance = one.tolerance.relative as number;
    const defects = (peerDefect[one.id] ?? []).map((field) => `${one.id}/${field}`);

    test(`${one.id}: ${one.source.slice(0, 60)}`, () => {
      const got = lookups[requests[one.id]](one);
      const found: string[] = [];
      differences(got, one.expected, one.id, tolerance, found);
      const excused = (line: string) => defects.some((defect) => line.startsWith(`${defect}/`) || line.startsWith(`${defect}:`));
      expect(found.filter((line) => !excused(line))).toEqual([]);
      for (const defect of defects) expect(found.some((line) => line.startsWith(defect))).toBe(true); // one that has gone must leave the list
    });
  }

  test('where linearmodels differs on the unbalanced panel, ours equal plm', () => {
    const plm = cases.find(({ id }) => id === 'empluk-unbal-between-fd')!.expected.fd_no_constant;
    const ours = lookups['lm-fd'](cases.find(({ id }) => id === 'empluk-unbal-lm-fd'));
    const found: string[] = [];
    differences({ coef: ours.coef, se: ours.se }, { coef: plm.coef, se: plm.se }, 'fd', 1e-7, found);
    expect(found).toEqual([]);
  });

  test('a regressor that is constant in differences is the constant: wages without one are wages with one', () => {
    const one = cases.find(({ id }) => id === 'wages-between-fd')!;
    const ours = lookups['between-fd'](one).fd_no_constant.coef;
    const { const: trend, ...wanted } = one.expected.fd_with_constant.coef;
    const found: string[] = [];
    differences(ours, { ...wanted, exp: trend }, 'fd', 1e-7, found);
    expect(found).toEqual([]);
  });
}
