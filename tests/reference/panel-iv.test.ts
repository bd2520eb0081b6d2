import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPanel, type IvResult, makeSpec, type Panel, panelFromCsv, registry, runLocally } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { defectsIn, testedIn } from './panel-ledger.js';

/**
 * Instrumental variables against Stata's ivreg2, R's AER, plm, fixest and ivreg2r. `SPILLWAY_REFERENCE` names the folder that
 * holds `panel/`.
 */
const { folder, present, caseOf } = referenceArea('panel', 'instrumental variables');

interface Case {
  readonly id: string;
  readonly dataset: string;
  readonly spec: { readonly command?: string; readonly [name: string]: unknown };
  // biome-ignore lint/suspicious/noExplicitAny: the fields differ from case to case
  readonly expected: any;
}

/** Expected values that are known defects or other conventions of a peer: ours differ from them and equal the value beside it. */
const peerDefect: Readonly<Record<string, string>> = {
  'feiv-crime-overid sargan': 'fixest multiplies R² by n; with 90 effects absorbed n − 90 is right (ivreg2r_iid)',
  'feiv-crime-overid cd':
    'fixest leaves the effects out of Cragg–Donald’s degrees of freedom; with one endogenous regressor it must be the first-stage F',
};

function run(params: Readonly<Record<string, unknown>>, panel: Panel): IvResult {
  const spec = makeSpec(registry, { analysis: 'iv', dataset: 'reference', params }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** A CSV of numbers as a panel: its rows are the entities unless `entity` names a column. */
function panelOf(file: string, keep: (row: Readonly<Record<string, string>>) => boolean = () => true, entity?: string): Panel {
  const [head, ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, j) => [names[j], cell]))).filter(keep);
  const seen = new Map<string, number>();
  const times = rows.map((row, i) => {
    const label = entity === undefined ? String(i) : row[entity];
    seen.set(label, (seen.get(label) ?? 0) + 1);
    return seen.get(label)!;
  });
  return buildPanel({
    entity: {
      name: 'row',
      values: rows.map((row, i) => (entity === undefined ? `r${String(i).padStart(5, '0')}` : `c${row[entity]}`)),
    },
    time: { name: 'occasion', values: times.map(String) },
    columns: names
      .filter((name) => rows.every((row) => row[name] === '' || Number.isFinite(Number(row[name]))))
      .map((name) => ({ name, values: Float64Array.from(rows, (row) => (row[name] === '' ? Number.NaN : Number(row[name]))) })),
  });
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-290);
}

/** The tail of a p below 1e-40 loses digits to the 15 printed of its statistic; compared on the logarithm. */
function expectP(got: number, wanted: number): void {
  if (wanted > 1e-40) expectClose(got, wanted, 1e-6 * Math.max(1, -Math.log(wanted)));
  else expectClose(Math.log(got), Math.log(wanted), 1e-6);
}

const stataCovariances: Readonly<Record<string, string>> = { iid: 'classical', hc1: 'robust', cl: 'cluster' };

/** The case's `ivreg2 y x (d = z), endog(d) [robust|cluster(c)] [small]` as a request. */
function stataRequest({ id, spec }: Case) {
  const [, outcome, exogenous, endogenous, instruments] = /^ivreg2 (\w+) ([^(]*)\((\w+) = ([^)]*)\)/.exec(spec.command!)!;
  const sum = (names: string) => names.trim().split(/\s+/).join(' + ');
  const [, kind] = /-(iid|hc1|cl)(?:-small)?$/.exec(id)!;
  return {
    formula: `${outcome} ~ ${sum(exogenous)} | ${endogenous} ~ ${sum(instruments)}`,
    covariance: stataCovariances[kind],
    smallSample: id.endsWith('-small'),
  };
}

const maybe = present ? describe : describe.skip;

test('the cases run are those that the ledger gives to this file', () => {
  expect([...stataIds, 'iv-cigarettes95', ...crimeIds].sort()).toEqual(testedIn('panel-iv.test.ts').sort());
  expect([...new Set(Object.keys(peerDefect).map((key) => key.split(' ')[0]))]).toEqual(defectsIn('panel-iv.test.ts'));
});

const stataIds = [
  ...['iid', 'hc1', 'cl'].map((kind) => `stata-ivreg2-sim-cluster-${kind}`),
  ...['overid', 'just-id'].flatMap((model) => ['iid', 'hc1'].map((kind) => `stata-ivreg2-card-${model}-${kind}`)),
].flatMap((id) => [id, `${id}-small`]);
const crimeIds = ['feiv-crime-justid', 'feiv-crime-overid'];

maybe('Stata’s ivreg2', () => {
  test.each(stataIds)('%s', (id) => {
    const reference = caseOf(id);
    const panel = panelOf(reference.dataset, undefined, id.includes('sim') ? 'cluster_id' : undefined);
    const result = run(stataRequest(reference), panel);
    const { coef, diagnostics: wanted, first_stage: first } = reference.expected;
    const close = (got: number, value: number) => expectClose(got, value, 1e-6);

    for (const { term, estimate, std_error } of coef) {
      const got = result.estimates[0].coefficients.find((row) => row.term === (term === '_cons' ? '(constant)' : term))!;
      close(got.estimate, estimate);
      close(got.standardError, std_error);
    }
    const [{ ssr, rootMse, r2, model, overidentification }] = result.estimates;
    close(ssr, wanted.rss);
    close(rootMse, wanted.rmse);
    close(r2, wanted.r2);
    close(model.statistic, wanted.F_stat);
    expect([model.df1, model.df2]).toEqual([wanted.F_df1, wanted.F_df2]);
    expectP(model.pValue, wanted.F_p);

    const [overid] = overidentification;
    expect(overid.name).toBe(id.includes('iid') ? 'Sargan' : 'Hansen J');
    expect(overid.df).toBe(wanted.jdf);
    if (wanted.jdf > 0) {
      close(overid.statistic, wanted.j);
      expectP(overid.pValue, wanted.jp);
    } else expect(overid.pValue).toBeNull();

    const { identification, endogeneity, andersonRubin } = result;
    close(identification.underidentification.statistic, wanted.idstat);
    expect(identification.underidentification.df).toBe(wanted.iddf);
    expectP(identification.underidentification.pValue, wanted.idp);
    close(identification.craggDonaldF, wanted.cdf);
    close(identification.kleibergenPaapF, wanted.widstat);
    close(andersonRubin.f.statistic, wanted.arf);
    expectP(andersonRubin.f.pValue, wanted.arfp);
    close(andersonRubin.chi2.statistic, wanted.archi2);
    expectP(andersonRubin.chi2.pValue, wanted.archi2p);
    expect([andersonRubin.f.df1, andersonRubin.f.df2]).toEqual([wanted.ardf, wanted.ardf_r]);
    close(andersonRubin.stockWright.statistic, wanted.sstat);
    expectP(andersonRubin.stockWright.pValue, wanted.sstatp);
    close(endogeneity.difference.statistic, wanted.estat);
    expect(endogeneity.difference.df).toBe(wanted.estatdf);
    expectP(endogeneity.difference.pValue, wanted.estatp);

    const [stage] = result.firstStages;
    const of = (statistic: string): number => first.find((row: { statistic: string }) => row.statistic === statistic)[stage.term];
    close(stage.rootMse, of('rmse'));
    close(stage.partialR2, of('pr2'));
    close(stage.sheaPartialR2, of('sheapr2'));
    close(stage.f.statistic, of('F'));
    expect([stage.f.df1, stage.f.df2]).toEqual([of('df'), of('df_r')]);
    expectP(stage.f.pValue, of('pvalue'));
    close(stage.sandersonWindmeijer.statistic, of('SWF'));
    expect([stage.sandersonWindmeijer.df1, stage.sandersonWindmeijer.df2]).toEqual([of('SWFdf1'), of('SWFdf2')]);
  });
});

maybe('R’s ivreg', () => {
  const { dataset, expected } = present ? caseOf('iv-cigarettes95') : { dataset: '', expected: null };
  const formula = 'lpacks ~ lrincome | lrprice ~ tdiff + rtax';

  test('iv-cigarettes95', () => {
    const panel = panelOf(dataset, (row) => row.year === '1995');
    const classical = run({ formula, covariance: 'classical' }, panel);
    const robust = run({ formula, covariance: 'robust' }, panel);
    const large = run({ formula, covariance: 'robust', smallSample: false }, panel);
    for (const [j, name] of ['lrprice', 'lrincome', 'const'].entries()) {
      const row = classical.estimates[0].coefficients[j];
      expectClose(row.estimate, expected.coef[name], 1e-7);
      expectClose(row.standardError, expected.se_conventional[name], 1e-7);
      expectClose(robust.estimates[0].coefficients[j].standardError, expected.se_HC1[name], 1e-7);
      expectClose(large.estimates[0].coefficients[j].standardError, expected.se_HC0[name], 1e-7);
    }
    const { rootMse, r2, overidentification } = classical.estimates[0];
    const { Weak_instruments, Wu_Hausman, Sargan } = expected.diagnostics;
    expectClose(rootMse, expected.sigma, 1e-7);
    expectClose(r2, expected.r2, 1e-7);
    for (const [got, wanted] of [
      [classical.firstStages[0].f, Weak_instruments],
      [classical.endogeneity.wuHausman, Wu_Hausman],
    ]) {
      expectClose(got.statistic, wanted.statistic, 1e-7);
      expectClose(got.pValue, wanted.p, 1e-5);
      expect([got.df1, got.df2]).toEqual([wanted.df1, wanted.df2]);
    }
    expectClose(overidentification[0].statistic, Sargan.statistic, 1e-7);
    expectClose(overidentification[0].pValue, Sargan.p, 1e-7);
  });
});

maybe('fixed effects: plm, fixest, ivreg2r', () => {
  const requestOf = ({ spec }: Case) => {
    const list = (value: unknown) => ([] as unknown[]).concat(value).join(' + ');
    return { formula: `${spec.y} ~ ${list(spec.exogenous)} | county | ${list(spec.endogenous)} ~ ${list(spec.instruments)}` };
  };

  test.each(crimeIds)('%s', (id) => {
    const reference = caseOf(id);
    const { expected } = reference;
    const panel = panelFromCsv(readFileSync(join(folder, reference.dataset)), { entity: 'county', time: 'year' });
    const request = requestOf(reference);
    const close = (got: number, wanted: number) => expectClose(got, wanted, 1e-5);
    const kinds = { iid: 'classical', robust: 'robust', cluster: 'cluster' } as const;
    for (const [suffix, covariance] of Object.entries(kinds)) {
      const { se, coef, diagnostics } = expected[`ivreg2r_${suffix}`];
      const result = run({ ...request, covariance, smallSample: false }, panel);
      for (const { term, estimate, standardError } of result.estimates[0].coefficients) {
        close(estimate, coef[term]);
        close(estimate, expected.coef[term]);
        close(standardError, se[term]);
      }
      const { identification, andersonRubin, endogeneity, estimates } = result;
      const [overid] = estimates[0].overidentification;
      expect(overid.df).toBe(diagnostics.overid.df);
      if (overid.df > 0) close(overid.statistic, diagnostics.overid.stat);
      close(identification.underidentification.statistic, diagnostics.underid.stat);
      close(identification.craggDonaldF, diagnostics.weak_id.stat);
      close(identification.kleibergenPaapF, (diagnostics.weak_id_robust ?? diagnostics.weak_id).stat);
      close(andersonRubin.f.statistic, diagnostics.anderson_rubin.f_stat);
      close(andersonRubin.f.pValue, diagnostics.anderson_rubin.f_p);
      expect(andersonRubin.f.df2).toBe(diagnostics.anderson_rubin.f_df2);
      close(andersonRubin.chi2.statistic, diagnostics.anderson_rubin.chi2_stat);
      close(andersonRubin.stockWright.statistic, diagnostics.stock_wright.stat);
      close(endogeneity.difference.statistic, diagnostics.endogeneity.stat);
    }

    const classical = run({ ...request, covariance: 'classical' }, panel);
    const clustered = run(request, panel);
    for (const [j, { term, standardError }] of classical.estimates[0].coefficients.entries()) {
      close(standardError, expected.se_conventional_plm[term]);
      close(standardError, expected.se_iid_fixest[term]);
      close(clustered.estimates[0].coefficients[j].standardError, expected.se_cluster_entity_fixest[term]);
    }
    for (const { term, f } of classical.firstStages) {
      close(f.statistic, expected.fixest_fitstat[`ivf1::${term}`].stat);
      close(f.pValue, expected.fixest_fitstat[`ivf1::${term}`].p);
      expect(f.df2).toBe(expected.fixest_fitstat[`ivf1::${term}`].df2);
    }
    close(classical.endogeneity.wuHausman.statistic, expected.fixest_fitstat.wh.stat);
    close(classical.endogeneity.wuHausman.pValue, expected.fixest_fitstat.wh.p);
    expect(classical.endogeneity.wuHausman.df2).toBe(expected.fixest_fitstat.wh.df2);
  });

  test(
    Object.entries(peerDefect)
      .map(([what, why]) => `${what}: ${why}`)
      .join('; '),
    () => {
      const reference = caseOf('feiv-crime-overid');
      const panel = panelFromCsv(readFileSync(join(folder, reference.dataset)), { entity: 'county', time: 'year' });
      const { identification, firstStages, estimates } = run({ ...requestOf(reference), covariance: 'classical' }, panel);
      const { fixest_fitstat: fixest, ivreg2r_iid: right } = reference.expected;
      const sargan = estimates[0].overidentification[0].statistic;
      expect(Math.abs(sargan / fixest.sargan.stat - 1)).toBeGreaterThan(0.1);
      expectClose(sargan, right.diagnostics.overid.stat, 1e-5);
      expectClose(sargan * (630 / 540), fixest.sargan.stat, 1e-5);
      expect(Math.abs(identification.craggDonaldF / fixest.cd - 1)).toBeGreaterThan(0.1);
      expectClose(identification.craggDonaldF, firstStages[0].f.statistic, 1e-12);
    },
  );
});

/** ivreg2 with three endogenous regressors: what one cannot tell apart (Sanderson–Windmeijer, rank tests), LIML and GMM. */
describe('Stata’s ivreg2 on the Arellano–Bond panel', () => {
  const fixtures = new URL('../fixtures/ivreg2-abdata.json', import.meta.url);
  const wanted = JSON.parse(readFileSync(fixtures, 'utf8'));
  const source = panelFromCsv(readFileSync(new URL('../../data/empluk.csv', import.meta.url)), { entity: 'firm', time: 'year' });
  const single = (name: string) => {
    const column = source.columns.find((candidate) => candidate.name === name)!;
    if (column.kind !== 'number') throw new Error(`${name} is not numbers`);
    return { kind: 'number' as const, values: column.values.map((value) => Math.fround(Math.log(Math.fround(value)))) };
  };
  const names = { n: 'emp', w: 'wage', k: 'capital', ys: 'output' };
  const panel: Panel = { ...source, columns: Object.entries(names).map(([name, from]) => ({ name, ...single(from) })) };
  const formula = 'n ~ 1 | w + k + ys ~ D.w + D.k + D.ys + D2.w + D2.k + D2.ys';
  /** single-precision data: their last bit is 6e-8, and second differences of logs near 4 leave 1e-6 of them */
  const close = (got: number, value: number) => expectClose(got, value, 2e-6);

  test.each(['classical', 'robust', 'cluster'] as const)('first stages, %s', (covariance) => {
    const { firstStages, sample } = run({ formula, covariance }, panel);
    const { rmse, sheapr2, pr2, F, df_r, SWF, SWFp } = wanted.firstStage[covariance];
    expect(sample.rows).toBe(751);
    for (const [j, stage] of firstStages.entries()) {
      close(stage.f.statistic, F[j]);
      close(stage.sandersonWindmeijer.statistic, SWF[j]);
      expectClose(stage.sandersonWindmeijer.pValue, SWFp[j], 1e-4);
      expect([stage.f.df2, stage.sandersonWindmeijer.df1]).toEqual([df_r, 4]);
      if (covariance !== 'classical') continue;
      close(stage.rootMse, rmse[j]);
      close(stage.sheaPartialR2, sheapr2[j]);
      close(stage.partialR2, pr2[j]);
    }
  });

  test('LIML, clustered', () => {
    const { limlCluster: liml } = wanted;
    const large = run({ formula, estimators: 'liml', smallSample: false }, panel);
    const small = run({ formula, estimators: 'liml' }, panel);
    const [estimate] = large.estimates;
    for (const [j, { term, estimate: b, standardError }] of estimate.coefficients.entries()) {
      close(b, liml.coefficients[term]);
      close(standardError, liml.standardErrors[term]);
      close(small.estimates[0].coefficients[j].standardError, liml.standardErrorsSmall[term]);
    }
    close(estimate.kappa, liml.kappa);
    close(estimate.ssr, liml.rss);
    close(estimate.r2, liml.r2);
    close(estimate.model.statistic, liml.F);
    const [hansen, ratio] = estimate.overidentification;
    close(hansen.statistic, liml.j);
    close(hansen.pValue, liml.jp);
    close(ratio.statistic, liml.arubin);
    close(large.identification.underidentification.statistic, liml.idstat);
    close(large.identification.craggDonaldF, liml.cdf);
    close(large.identification.kleibergenPaapF, liml.widstat);
  });

  test('two-step GMM, clustered, small', () => {
    const { gmmClusterSmall: gmm } = wanted;
    const { estimates } = run({ formula, estimators: 'gmm' }, panel);
    for (const { term, estimate, standardError } of estimates[0].coefficients) {
      close(estimate, gmm.coefficients[term]);
      close(standardError, gmm.standardErrors[term]);
    }
    close(estimates[0].ssr, gmm.rss);
    close(estimates[0].overidentification[0].statistic, gmm.j);
    close(estimates[0].overidentification[0].pValue, gmm.jp);
  });
});
