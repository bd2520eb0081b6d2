import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPanel, makeSpec, type Panel, registry, runLocally, type SpecCurveResult, type SweepResult } from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';

/**
 * A sweep against 1,024 regressions of R's fixest 0.14.2, one at a time: the reference's `speccurve-darfur-1024`.
 * `SPILLWAY_REFERENCE` names the folder that holds `sensitivity/`.
 */
const { folder, present, caseOf } = referenceArea('sensitivity', 'sweeps');
const maybe = present ? test : test.skip;

function table(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(folder, file), 'utf8').replaceAll('"', '').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, k) => [names[k], cell])));
}

const outcomes = ['peacefactor', 'peace_formerenemies', 'peace_jjindiv', 'peace_jjtribes'];
const controls = ['age', 'farmer_dar', 'herder_dar', 'pastvoted', 'hhsize_darfur', 'female'];

function darfurPanel(): Panel {
  const rows = table('darfur.csv');
  return buildPanel({
    entity: { name: 'person', values: rows.map((_, i) => i) },
    time: { name: 'wave', values: rows.map(() => 1) },
    columns: ['directlyharmed', 'village_id', ...outcomes, ...controls].map((name) => ({
      name,
      values: rows.map((row) => Number(row[name])),
    })),
  });
}

function darfur(covariance: string): SweepResult {
  const panel = darfurPanel();
  const params = {
    params: { covariance: covariance === 'classical' ? 'classical' : { kind: 'cluster', by: ['village_id'] } },
    formulas: { outcomes, treatments: ['directlyharmed'], controls: { subsetsOf: controls }, effects: [[], ['village_id']] },
    samples: [{ name: 'all' }, { name: 'age<=35', keep: [{ column: 'age', max: 35 }] }],
  };
  const spec = makeSpec(registry, { analysis: 'sweep', dataset: 'reference', params, seed: 1 }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

/** Item of each specification of the table, by its choices. */
function itemsByKey({ dimensions, items }: SweepResult): Map<string, number> {
  const at = (name: string) => dimensions.findIndex((dimension) => dimension.name === name);
  return new Map(
    items.choices[0].map((_, k) => {
      const word = (name: string) => dimensions[at(name)].options[items.choices[at(name)][k]];
      const set = controls.filter((_control, c) => (items.choices[at('controls')][k] >> c) % 2 === 1);
      return [[word('outcome'), word('sample'), word('effects'), set.join('+')].join('|'), k];
    }),
  );
}

maybe('speccurve-darfur-1024: every specification of fixest, estimate, classical and clustered', () => {
  const { expected } = caseOf('speccurve-darfur-1024');
  const [classical, clustered] = [darfur('classical'), darfur('cluster')];
  const places = itemsByKey(classical);
  const specs = table('speccurve_darfur_expected.csv');
  expect([specs.length, classical.counts.items, classical.counts.failed]).toEqual([1024, 1024, 0]);
  const near = (ours: number | null, theirs: string | number, relative = 1e-6) =>
    expect(Math.abs(ours! - Number(theirs))).toBeLessThanOrEqual(relative * Math.abs(Number(theirs)) + 1e-12);
  for (const row of specs) {
    const set = controls.filter((control) => row.controls.split(/[+;| ]+/).includes(control));
    const k = places.get([row.y, row.sample, row.fe === 'none' ? 'none' : 'village_id', set.join('+')].join('|'));
    if (k === undefined) throw new Error(`no item for ${JSON.stringify(row)}`);
    near(classical.items.estimate[k], row.estimate);
    near(classical.items.standardError[k], row.se_iid);
    near(classical.items.pValue[k], row.p_iid);
    expect(classical.items.rows[k]).toBe(Number(row.nobs));
    // without effects the table clusters by village as well
    near(clustered.items.standardError[k], row.se_cluster);
    near(clustered.items.pValue[k], row.p_cluster);
  }
  const { summary } = classical;
  near(summary!.quartiles[1], expected.median);
  near(summary!.quartiles[0], expected.q25);
  near(summary!.quartiles[2], expected.q75);
  near(summary!.minimum, expected.min);
  near(summary!.maximum, expected.max);
  near(summary!.positive, expected.share_positive);
  near(summary!.positiveSignificant + summary!.negativeSignificant, expected.share_sig05_iid);
});

function curve(params: object, seed = 1): SpecCurveResult {
  const spec = makeSpec(registry, { analysis: 'spec-curve', dataset: 'reference', params, seed }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel: darfurPanel() }).result));
}

maybe('speccurve-darfur-1024 as a curve: its order, its median by choice, Stouffer’s Z', () => {
  const { expected } = caseOf('speccurve-darfur-1024');
  const result = curve({
    ...{ covariance: 'classical', inference: { permutations: 0, bootstrap: 0 } },
    formulas: { outcomes, treatments: ['directlyharmed'], controls: { subsetsOf: controls }, effects: [[], ['village_id']] },
    samples: [{ name: 'all' }, { name: 'age<=35', keep: [{ column: 'age', max: 35 }] }],
  });
  expect(result.joint.specifications).toBe(1024);
  expect(result.joint.observed.median).toBeCloseTo(expected.median, 10);
  expect(Math.abs(result.joint.observed.stouffer / expected.stouffer_z_iid - 1)).toBeLessThan(1e-6);
  expect(result.joint.observed.share).toBeCloseTo(expected.share_sig05_iid_same_sign_as_median, 10);
  const sorted = result.order.map((k) => result.items.estimate[k]!);
  expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
});

maybe('speccurve-darfur-null-inference: the treatment permuted over rows', () => {
  const { expected } = caseOf('speccurve-darfur-null-inference');
  const result = curve({
    ...{ covariance: 'classical', inference: { permutations: 499, bootstrap: 0 } },
    formulas: { outcomes, treatments: ['directlyharmed'], controls: { subsetsOf: controls } },
  });
  const { observed, tests } = result.joint;
  expect(Math.abs(observed.median / expected.obs_median - 1)).toBeLessThan(1e-6);
  expect(observed.share).toBeCloseTo(expected.obs_share_sig_dominant, 10);
  const [{ pValue, nullSd, nullShare }] = tests;
  expect(Math.abs(pValue.median - expected.p_median)).toBeLessThan(0.02);
  expect(Math.abs(pValue.share - expected.p_share_sig)).toBeLessThan(0.02);
  expect(Math.abs(nullSd / expected.null_median_sd - 1)).toBeLessThan(0.15);
  expect(Math.abs(nullShare.mean - expected.null_share_sig_mean)).toBeLessThan(0.02);
});
