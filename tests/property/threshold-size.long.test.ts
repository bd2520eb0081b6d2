import { alike, analyse, type Design, simulateDesign, tied, trending } from '../harness/threshold-designs.js';

/*
 * Size of the bootstrap tests and coverage of the LR set, 31 entities × 12 periods as in a panel of provinces, B = 199. What is
 * expected comes from simulations made before this program, of designs of the same kind; bands are 3.3 standard errors of the
 * simulations here (two-sided 0.1 %). The trends of the designs without year effects were chosen among some that give sizes from .04 to 1:
 * they show that leaving year effects out can do this much harm, and do not confirm the earlier figures independently.
 */
const simulations = 1_000;

const run = (design: Design, seed: number, params: object) => analyse(simulateDesign(seed, design), seed, params);

/** Share of simulations in which each method rejects at 5 %. */
function sizes(design: Design, bootstrap: object, params: object = {}): number[] {
  const rejections: number[] = [];
  for (let s = 0; s < simulations; s++) {
    const { tests } = run(design, s, { ...params, bootstrap: { replications: 199, ...bootstrap } });
    for (const [m, { pValue }] of tests[0].bootstraps.entries()) {
      rejections[m] = (rejections[m] ?? 0) + (pValue <= 0.05 ? 1 : 0);
    }
  }
  return rejections.map((count) => count / simulations);
}

/** Within 3.3 standard errors of what is expected, or of the nearer end of a range. */
function expectShare(got: number, low: number, high = low): void {
  const error = (p: number) => 3.3 * Math.sqrt((p * (1 - p)) / simulations);
  expect(got).toBeGreaterThanOrEqual(low - error(low));
  expect(got).toBeLessThanOrEqual(high + error(high));
}

test('errors alike: both bootstraps hold their size', () => {
  for (const size of sizes(alike, {})) expectShare(size, 0.04, 0.05);
});

test('error variances tied to the means of entities: blocks reject far too often, wild by entity does not', () => {
  const [blocks, wild] = sizes(tied, {});
  expectShare(blocks, 0.36, 0.39);
  expectShare(wild, 0.08);
});

test('residual blocks of unrestricted residuals: the same', () => {
  const bootstrap = { residuals: 'unrestricted', methods: ['residual-blocks'] };
  expectShare(sizes(alike, bootstrap)[0], 0.04, 0.05);
  expectShare(sizes(tied, bootstrap)[0], 0.36, 0.39);
});

test('wild by entity of unrestricted residuals rejects too often, of which a result warns', () => {
  const bootstrap = { residuals: 'unrestricted', methods: ['wild-entity'] };
  expectShare(sizes(alike, bootstrap)[0], 0.1); // measured with this program, as is the next
  expectShare(sizes(tied, bootstrap)[0], 0.21);
  const { warnings } = run(alike, 1, { bootstrap: { replications: 99, ...bootstrap } });
  expect(warnings.join(' ')).toMatch(/unrestricted residuals/);
});

for (const weights of ['mammen', 'webb']) {
  test(`errors alike: the wild bootstrap with weights of ${weights} does not reject too often`, () => {
    const [size] = sizes(alike, { methods: ['wild-entity'], weights });
    expectShare(size, 0, 0.05);
  });
}

test('the 95 % LR set holds the threshold in 96 % of simulations, slope gap 0.6', () => {
  let covered = 0;
  for (let s = 0; s < simulations; s++) {
    const { profiles } = run({ ...alike, gap: 0.6 }, s, { bootstrap: { replications: 0 } });
    // γ = 0 splits the rows as the last candidate below it does
    const at = profiles[0].values.findLastIndex((value) => value <= 0);
    if (profiles[0].ratios[at] <= 7.352) covered++;
  }
  expectShare(covered / simulations, 0.96);
});

test('year effects left out where all entities share trends: both bootstraps reject far too often', () => {
  const [blocks, wild] = sizes(trending, {});
  expectShare(blocks, 0.15, 0.22);
  expectShare(wild, 0.68);
  // measured with this program
  expectShare(sizes(trending, { residuals: 'unrestricted', methods: ['residual-blocks'] })[0], 0.34);
});

test('with year effects in the formula both hold their size', () => {
  for (const size of sizes(trending, {}, { formula: 'y ~ x | unit + year' })) expectShare(size, 0.03, 0.05);
});

test('where the trends alone make a threshold, the check with year effects says so', () => {
  let [found, warned] = [0, 0];
  for (let s = 0; s < simulations; s++) {
    const { tests, warnings } = run(trending, s, { bootstrap: { replications: 199 }, timeEffectsCheck: true });
    if (tests[0].decision === 'not-supported') continue;
    found++;
    if (warnings.some((words) => words.startsWith('Period effects change the verdict'))) warned++;
  }
  expect(found / simulations).toBeGreaterThan(0.6);
  expect(warned / found).toBeGreaterThan(0.9);
});
