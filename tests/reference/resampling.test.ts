import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildPanel,
  makeSpec,
  modelFrame,
  type Panel,
  panelFromCsv,
  parseFormula,
  pathAssignments,
  type ResamplingResult,
  reassignedTreatment,
  reassignedWidth,
  registry,
  runLocally,
  sampleOfFrame,
} from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';

/**
 * Resampling against R's lm, fixest 0.14.2, fwildclusterboot 0.13 and plain R. `SPILLWAY_REFERENCE` names the folder that holds
 * `sensitivity/`.
 */
const { folder, present, cases, caseOf } = referenceArea('sensitivity', 'resampling');

const leaveOneOut = ['loo-state-fatalities', 'loo-year-fatalities'];
const enumerated = ['wcb-enum-grunfeld-lc', 'wcb-enum-grunfeld-lv', 'wcb-enum-grunfeld-did'];
const single = [
  'placebo-state-paths-fatalities',
  'placebo-rows-vs-blocks',
  'placebo-exact-did-grunfeld',
  'placebo-in-time-grunfeld',
  'wcb-fatalities-9999',
];

// biome-ignore lint/suspicious/noExplicitAny: one shape a method
type Json = any;

function run(panel: Panel, params: Readonly<Record<string, unknown>>): ResamplingResult {
  const spec = makeSpec(registry, { analysis: 'resampling', dataset: 'reference', params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

const fatalities = () => panelFromCsv(readFileSync(join(folder, 'fatalities.csv')), { entity: 'state', time: 'year' });

/** Grunfeld with `did`: firms 1, 4 and 8 from 1945 on. */
function grunfeld(): Panel {
  const [, ...lines] = readFileSync(join(folder, 'grunfeld.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const column = (name: string, j: number) => ({ name, values: rows.map((row) => row[j]) });
  const did = rows.map(([firm, year]) => ([1, 4, 8].includes(firm) && year >= 1945 ? 1 : 0));
  return buildPanel({
    entity: { name: 'firm', values: rows.map(([firm]) => firm) },
    time: { name: 'year', values: rows.map(([, year]) => year) },
    columns: [column('inv', 2), column('value', 3), column('capital', 4), { name: 'did', values: did }],
  });
}

const fatalitiesFormula = 'frate ~ beertax + unemp + lincome + miles + drinkage | state + year';

const maybe = present ? describe : describe.skip;

maybe('resampling', () => {
  test('every case of these topics is here', () => {
    const topics = ['jackknife', 'placebo', 'wild-cluster-bootstrap'];
    const wanted = cases.filter(({ topic }) => topics.includes(topic)).map(({ id }) => id);
    expect([...leaveOneOut, ...enumerated, ...single].sort()).toEqual(wanted.sort());
  });

  test.each(leaveOneOut)('%s', (id) => {
    const { expected, spec } = caseOf(id);
    const by = spec.leave_out === 'state' ? 'entity' : 'time';
    const { estimate, methods } = run(fatalities(), { formula: fatalitiesFormula, methods: { method: 'leave-one-out', by } });
    const found = methods[0] as Json;
    const close = (got: number, wanted: number) => expectClose(got, wanted, 1e-6);
    close(estimate.value, expected.full);
    expect(found.refits).toBe(expected.n);
    close(found.min.estimate, expected.min);
    close(found.max.estimate, expected.max);
    expect([found.min.leftOut, found.max.leftOut]).toEqual([[expected.argmin], [expected.argmax]]);
    close(found.mean, expected.mean);
    close(found.jackknife.standardError, expected.se_cv3_center_full);
    close(found.jackknife.aroundMean, expected.se_cv3j_center_mean);
    close(100 * found.largestChange.share, expected.max_abs_change_pct);
    close(found.significant.classical, expected.share_iid_p_lt_05);
    for (const { left_out, estimate: b, p_iid } of expected.by) {
      const one = found.each.find(({ leftOut }: Json) => leftOut[0] === left_out);
      close(one.estimate, b);
      expectClose(one.classical.pValue, p_iid, 1e-5); // two digits of t near 2.7 go into each of p
    }
  });

  test('placebo-state-paths-fatalities', () => {
    const { expected } = caseOf('placebo-state-paths-fatalities');
    const panel = fatalities();
    const formula = parseFormula(fatalitiesFormula);
    const asked = ['state', 'year'];
    const frame = modelFrame(panel, { outcome: formula.outcome, regressors: formula.regressors, effects: asked });
    const { sample } = sampleOfFrame(panel, frame, { asked });
    const [treatment, ...controls] = sample.regressors;
    const effects = [sample.entity, sample.time];
    const paths = pathAssignments(treatment, sample.entity, sample.time);
    const reassigned = reassignedTreatment(
      { outcome: sample.outcome, treatment, controls, constant: true, effects },
      sample.entity,
      0,
    );
    // columns of the file and st are both in the order of the C locale; so are Spillway's entities
    const [head, ...lines] = readFileSync(join(folder, 'placebo_perm_fatalities.csv'), 'utf8').trim().split('\n');
    const states = head
      .split(',')
      .slice(1)
      .map((name) => name.replaceAll('"', ''));
    expect(states).toEqual([...states].sort());
    const x = new Float64Array(sample.rows);
    const draws = lines.map((line) => {
      const donor = Uint32Array.from(line.split(',').slice(1), (place) => Number(place) - 1);
      paths.assign(donor, x);
      const out = new Float64Array(reassignedWidth);
      reassigned.fit(x, out, 0);
      return out;
    });
    const b = draws.map(([estimate]) => estimate);
    expect(b).toHaveLength(expected.n_draws);
    for (const [d, wanted] of expected.first5.entries()) expectClose(b[d], wanted, 1e-6);
    const mean = b.reduce((sum, one) => sum + one, 0) / b.length;
    expectClose(mean, expected.mean, 1e-6);
    expectClose(Math.sqrt(b.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (b.length - 1)), expected.sd, 1e-6);
    expectClose(Math.min(...b), expected.min, 1e-6);
    expectClose(Math.max(...b), expected.max, 1e-6);

    const { estimate, methods } = run(panel, {
      formula: fatalitiesFormula,
      methods: { method: 'placebo-in-space', replications: 9_999 },
    });
    expectClose(estimate.value, expected.estimate, 1e-6);
    expectClose(estimate.classical.statistic, expected.t_iid, 1e-6);
    expectClose(estimate.clustered.statistic, expected.t_cluster, 1e-6);
    const beyond = b.filter((one) => Math.abs(one) >= Math.abs(estimate.value)).length;
    expect(beyond).toBe(expected.count_abs_ge);
    expectClose((1 + beyond) / (b.length + 1), expected.p_two_sided_plus1, 1e-9);
    expect(b.filter((one) => one <= estimate.value).length / b.length).toBe(expected.p_left);
    expect(b.filter((one) => one >= estimate.value).length / b.length).toBe(expected.p_right);
    // fixest's factor, effects nested in the clusters not counted: k = 5 slopes + 1 + 6 periods
    const factor = (48 / 47) * (335 / (336 - 12));
    const t = draws.map((out) => out[0] / Math.sqrt(factor * out[2]));
    const iid = draws.map((out) => out[0] / Math.sqrt(out[5] / (336 - 48 - 6 - 5)));
    const share = (of: readonly number[], than: number) => of.filter((one) => Math.abs(one) > than).length / of.length;
    expect(share(t, Math.abs(expected.t_cluster))).toBe(expected.p_t_cluster);
    expect(share(t, 1.96)).toBe(expected.share_cluster_t_gt_1_96);
    expect(share(iid, 1.96)).toBe(expected.share_iid_t_gt_1_96);

    // Spillway's own draws: as many standard errors away as 500 against 9,999 draws may be (4)
    const own = methods[0] as Json;
    expect(Math.abs(own.mean - expected.mean)).toBeLessThan((4 * expected.sd) / Math.sqrt(500));
    expect(Math.abs(own.sd / expected.sd - 1)).toBeLessThan(4 / Math.sqrt(2 * 500));
    const { p_two_sided_simple: p } = expected;
    expect(Math.abs(own.pValues.twoSided.share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 500));
  });

  test('placebo-rows-vs-blocks', () => {
    const { expected } = caseOf('placebo-rows-vs-blocks');
    const { methods, warnings } = run(fatalities(), {
      formula: fatalitiesFormula,
      methods: [
        { method: 'placebo-in-space', replications: 500, shuffle: 'rows' },
        { method: 'placebo-in-space', replications: 500 },
      ],
    });
    const [rows, paths] = methods as Json[];
    expectClose(rows.sd, expected.sd, 0.15);
    expect(Math.abs(rows.mean)).toBeLessThan(0.01);
    expectClose(paths.sd, expected.block_sd, 0.15);
    expect(warnings.some((line) => line.includes('Shuffle paths'))).toBe(true);
  });

  test('placebo-exact-did-grunfeld', () => {
    const { expected } = caseOf('placebo-exact-did-grunfeld');
    const { estimate, methods } = run(grunfeld(), { formula: 'log(inv) ~ did | firm + year', methods: 'placebo-in-space' });
    const [found] = methods as Json[];
    expectClose(estimate.value, expected.estimate, 1e-6);
    expect([found.exact, found.assignments, found.draws]).toEqual([true, expected.n_assignments, expected.n_assignments]);
    expect(Math.abs(found.mean)).toBeLessThan(1e-12);
    for (const field of ['sd', 'min', 'max']) expectClose(found[field], expected[field], 1e-6);
    expect(found.pValues.twoSided.exceeding).toBe(expected.count_abs_ge);
    expectClose(found.pValues.twoSided.pValue, expected.p_exact, 1e-9);
    expectClose(found.pValues.right.pValue, expected.p_right, 1e-9);
  });

  test('placebo-in-time-grunfeld', () => {
    const { expected } = caseOf('placebo-in-time-grunfeld');
    const { methods } = run(grunfeld(), {
      formula: 'log(inv) ~ did | firm + year',
      methods: { method: 'placebo-in-time', shifts: [1, 2, 3, 4, 5] },
    });
    const [{ shifts }] = methods as Json[];
    expect(shifts).toHaveLength(expected.rows.length);
    for (const [r, wanted] of expected.rows.entries()) {
      expect([shifts[r].shift, shifts[r].rows]).toEqual([wanted.shift, wanted.nobs]);
      expect(shifts[r].periods).toEqual([String(1945 - wanted.shift)]);
      expectClose(shifts[r].estimate, wanted.estimate, 1e-6);
      expectClose(shifts[r].classical.standardError, wanted.se_iid, 1e-6);
      expectClose(shifts[r].clustered.standardError, wanted.se_cluster, 1e-6);
    }
  });

  const formulas: Readonly<Record<string, { formula: string; treatment: string }>> = {
    'wcb-enum-grunfeld-lc': { formula: 'log(inv) ~ log(capital) + log(value) | firm + year', treatment: 'log(capital)' },
    'wcb-enum-grunfeld-lv': { formula: 'log(inv) ~ log(capital) + log(value) | firm + year', treatment: 'log(value)' },
    'wcb-enum-grunfeld-did': { formula: 'log(inv) ~ did + log(value) + log(capital) | firm + year', treatment: 'did' },
  };

  test.each(enumerated)('%s', (id) => {
    const { expected } = caseOf(id);
    const wild = { method: 'wild-bootstrap', replications: 1_024, ties: 'strict' };
    const { estimate, methods } = run(grunfeld(), {
      ...formulas[id],
      methods: [wild, { ...wild, imposeNull: false }],
      smallSample: 'areg', // dummies counted
    });
    const [wcr, wcu] = methods as Json[];
    expectClose(estimate.value, expected.b, 1e-6);
    expectClose(estimate.clustered.standardError, expected.se_cr1, 1e-6);
    expectClose(wcr.statistic, expected.t, 1e-6);
    expectClose(estimate.clustered.pValue, expected.p_t_Gminus1, 1e-6);
    expect([wcr.enumerated, wcr.clusters, wcr.draws]).toEqual([true, expected.G, expected.draws]);
    expect(wcr.pStrict).toBe(expected.p_strict);
    expect(wcr.pCounted).toBe(expected.p_weak);
    expect(wcr.exceeding.ties - wcr.exceeding.strict).toBe(expected.ties);
    expect(wcu.pStrict).toBe(expected.p_unrestricted_WCU_strict);
    if (expected.ci95_inverted) {
      expect(Math.abs(wcr.interval.lower - expected.ci95_inverted[0])).toBeLessThan(1e-3);
      expect(Math.abs(wcr.interval.upper - expected.ci95_inverted[1])).toBeLessThan(1e-3);
    }
  });

  test('wcb-fatalities-9999', () => {
    const { expected } = caseOf('wcb-fatalities-9999');
    const wild = { method: 'wild-bootstrap', replications: expected.draws };
    const { estimate, methods } = run(fatalities(), {
      formula: fatalitiesFormula,
      methods: [
        { ...wild, ties: 'strict' },
        { ...wild, weights: 'webb' },
      ],
      smallSample: 'areg',
    });
    const [rademacher, webb] = methods as Json[];
    expectClose(estimate.value, expected.b, 1e-6);
    expectClose(estimate.clustered.standardError, expected.se_cr1, 1e-6);
    expectClose(rademacher.statistic, expected.t, 1e-6);
    expectClose(estimate.clustered.pValue, expected.p_t_Gminus1, 1e-6);
    expect([rademacher.enumerated, rademacher.clusters, rademacher.draws]).toEqual([false, expected.G, expected.draws]);
    expect(rademacher.exceeding.ties - rademacher.exceeding.strict).toBe(expected.ties);
    expect(Math.abs(rademacher.pStrict - expected.p_strict)).toBeLessThan(0.015);
    expect(Math.abs(webb.pStrict - expected.p_webb)).toBeLessThan(0.015);
    expect(Math.abs(rademacher.interval.lower - expected.ci95_inverted[0])).toBeLessThan(0.03);
    expect(Math.abs(rademacher.interval.upper - expected.ci95_inverted[1])).toBeLessThan(0.03);
  });
});
