import { buildPanel, type Panel, PhiloxStream, threshold } from '@spillway/core';

/*
 * Size of the bootstrap tests and coverage of the LR set, 31 entities × 12 periods as in a panel of provinces, B = 199. What is
 * expected comes from simulations made before this program, of designs of the same kind; bands are 3.3 standard errors of the
 * simulations here (two-sided 0.1 %).
 */
const [entities, periods] = [31, 12];
const simulations = 1_000;

interface Design {
  /** change of the slope at q = 0 */
  readonly gap: number;
  /** share of the entity's mean in the regime regressor */
  readonly mean: number;
  /** standard deviation of the errors of an entity by its mean */
  readonly sigma: (mean: number) => number;
}

/** y = m_i + x + (1 + gap · 1(q > 0)) r + σ(m_i) e,  q = m_i + u,  r = mean · m_i + v. */
function simulate(seed: number, { gap, mean, sigma }: Design): Panel {
  const draws = new PhiloxStream(seed, 5);
  const m = Array.from({ length: entities }, () => draws.normal());
  const rows = Array.from({ length: entities * periods }, (_, i) => {
    const own = m[Math.floor(i / periods)];
    const [q, r, x] = [own + draws.normal(), mean * own + draws.normal(), draws.normal()];
    return { q, r, x, y: own + x + (1 + (q > 0 ? gap : 0)) * r + sigma(own) * draws.normal() };
  });
  const column = (name: 'y' | 'x' | 'r' | 'q') => ({ name, values: rows.map((row) => row[name]) });
  return buildPanel({
    entity: { name: 'unit', values: rows.map((_, i) => `e${100 + Math.floor(i / periods)}`) },
    time: { name: 'year', values: rows.map((_, i) => 2000 + (i % periods)) },
    columns: [column('y'), column('x'), column('r'), column('q')],
  });
}

function run(panel: Panel, seed: number, bootstrap: object) {
  const params = threshold.params.parse({
    formula: 'y ~ x | unit',
    thresholdVariable: 'q',
    regimeRegressors: ['r'],
    bootstrap,
    timeEffectsCheck: false,
  });
  const { context, shards } = threshold.plan(params, { panel }, seed);
  const parts = shards.map((shard) => threshold.run(params, { panel }, context, shard, () => {}, seed));
  return threshold.combine(params, { panel }, context, parts, seed);
}

/** Share of simulations in which each method rejects at 5 %. */
function sizes(design: Design, bootstrap: object): number[] {
  const rejections: number[] = [];
  for (let s = 0; s < simulations; s++) {
    for (const [m, { pValue }] of run(simulate(s, design), s, {
      replications: 199,
      ...bootstrap,
    }).tests[0].bootstraps.entries()) {
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

const alike: Design = { gap: 0, mean: 0, sigma: () => 1 };
const tied: Design = { gap: 0, mean: 1, sigma: Math.exp };

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
  expect(run(simulate(1, alike), 1, { replications: 99, ...bootstrap }).warnings.join(' ')).toMatch(/unrestricted residuals/);
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
    const { profiles } = run(simulate(s, { ...alike, gap: 0.6 }), s, { replications: 0 });
    // γ = 0 splits the rows as the last candidate below it does
    const at = profiles[0].values.findLastIndex((value) => value <= 0);
    if (profiles[0].ratios[at] <= 7.352) covered++;
  }
  expectShare(covered / simulations, 0.96);
});
