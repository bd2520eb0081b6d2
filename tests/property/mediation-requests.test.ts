import {
  buildPanel,
  type MediationResult,
  makeSpec,
  mediation,
  type Panel,
  PhiloxStream,
  registry,
  runLocally,
  summarizePanel,
} from '@spillway/core';

/** 12 firms, 6 years; fixed never varies within a firm, common within a year. */
function panelOf(entities = 12, periods = 6, more: Readonly<Record<string, (i: number) => number>> = {}): Panel {
  const draws = new PhiloxStream(77, 3);
  const rows = Array.from({ length: entities * periods }, (_, i) => i);
  const normals = () => rows.map(() => draws.normal());
  const [x, z, w] = [normals(), normals(), normals()];
  const m = rows.map((i) => 0.8 * x[i] + draws.normal());
  const y = rows.map((i) => 0.3 * x[i] + 0.7 * m[i] + 0.5 * x[i] * w[i] + draws.normal());
  const firm = (i: number) => Math.floor(i / periods);
  const columns = {
    ...{ y, x, m, z, w },
    fixed: rows.map((i) => Math.sin(firm(i))),
    common: rows.map((i) => i % periods),
    one: rows.map(() => 1),
    region: rows.map((i) => firm(i) % 3),
    doubled: x.map((value) => 2 * value),
    both: rows.map((i) => Math.sin(firm(i)) + (i % periods)),
    exact: rows.map((i) => 2 * x[i] - z[i]),
    ...Object.fromEntries(Object.entries(more).map(([name, of]) => [name, rows.map(of)])),
  };
  return buildPanel({
    entity: { name: 'firm', values: rows.map((i) => `f${100 + firm(i)}`) },
    time: { name: 'year', values: rows.map((i) => String(2000 + (i % periods))) },
    columns: [
      ...Object.entries(columns).map(([name, values]) => ({ name, values: Float64Array.from(values) })),
      { name: 'word', values: rows.map((i) => (i % 2 === 0 ? 'a' : 'b')) },
    ],
  });
}

const base = { formula: 'y ~ x + z | firm', mediators: ['m'], bootstrap: { replications: 0 }, monteCarlo: { draws: 0 } };

/** What the door says: pointer, code and message of each problem. */
function problems(params: Readonly<Record<string, unknown>>, panel = panelOf(), limits?: { replications: number }): string[] {
  return mediation
    .check(mediation.params.parse({ ...base, ...params }), { panel: summarizePanel(panel), ...(limits && { limits }) })
    .map(({ pointer, code, message }) => `${pointer} ${code}: ${message}`);
}

function job(params: Readonly<Record<string, unknown>>, panel = panelOf()): MediationResult {
  const spec = makeSpec(registry, { analysis: 'mediation', dataset: 'property', params: { ...base, ...params } }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result));
}

function failure(params: Readonly<Record<string, unknown>>, panel = panelOf()): string {
  try {
    job(params, panel);
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return 'none';
}

const close = (got: number, wanted: number, relative = 1e-8) =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted) + 1e-13);

describe('refused at the door', () => {
  test('a good request has no problems', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ moderation: { moderator: 'w' }, mediators: [] })).toEqual([]);
  });

  test.each([
    [{ mediators: ['x'] }, '/mediators/0 mediator_is_treatment: x is the treatment and a mediator'],
    [{ mediators: ['y'] }, '/mediators/0 mediator_is_outcome: y is the outcome and a mediator'],
    [{ mediators: ['z'] }, '/mediators/0 mediator_is_control: z is a control of the formula and a mediator'],
    [{ mediators: ['m', 'm'] }, '/mediators/1 mediator_twice: m is a mediator twice'],
    [{ mediators: ['i(region)'] }, '/mediators/0 several_columns: i(region) is several columns, and one is needed as mediator'],
    [{ mediators: ['word'] }, '/mediators/0 text_column: word: "word" is text'],
    [{ mediators: ['mm'] }, '/mediators/0 unknown_column: mm: there is no column "mm"'],
    [{ mediators: [] }, '/mediators nothing_asked: name a mediator (mediators), or a moderator (moderation)'],
    [{ kind: 'serial' }, '/kind chain_too_short: a chain needs two mediators or more'],
    [
      { kind: 'serial', mediators: ['m', 'w', 'common', 'region', 'fixed'] },
      '/mediators chain_too_long: a chain of 5 mediators has 31 routes, at most 4',
    ],
    [{ treatment: 'w' }, '/treatment not_a_regressor: w is no regressor of the formula; there are x, z'],
    [{ formula: 'y ~ 1 | firm' }, '/formula no_regressors'],
    [
      { formula: 'y ~ i(region) | firm' },
      '/formula several_columns: i(region) is several columns, and one is needed as treatment',
    ],
    [{ formula: 'y ~ z | firm | x ~ w' }, '/formula unsupported_instruments: mediation takes no instruments'],
    [{ mediatorControls: ['m'] }, '/mediatorControls/0 control_has_a_role: m is treatment, mediator or outcome'],
    [{ moderation: { moderator: 'x' } }, '/moderation/moderator moderator_is_treatment: x is the treatment'],
    [{ moderation: { moderator: 'y' } }, '/moderation/moderator moderator_is_outcome'],
    [{ moderation: { moderator: 'i(region)' } }, '/moderation/moderator several_columns'],
    [{ moderation: { moderator: 'word' } }, '/moderation/moderator text_column'],
    [{ covariance: { kind: 'cluster', by: ['frm'] } }, '/covariance/0/by/0 unknown_column: there is no column "frm"'],
    [{ bootstrap: { replications: 10 } }, '/bootstrap/replications too_few_replications: 19 draws are needed for a p of .05'],
  ])('%j', (params, words) => {
    expect(problems(params).join('\n')).toContain(words);
  });

  test('draws beyond the limit of a job', () => {
    const found = problems({ bootstrap: { replications: 5_000 }, monteCarlo: { draws: 5_000 } }, panelOf(), {
      replications: 999,
    });
    expect(found).toEqual([
      '/bootstrap/replications too_many_replications: at most 999 replications, got 5,000',
      '/monteCarlo/draws too_many_replications: at most 999 draws, got 5,000',
    ]);
  });
});

describe('refused once the rows are there', () => {
  test.each([
    [
      { mediators: ['fixed'] },
      'mediator_absorbed: fixed never varies within firm: the effects of firm hold all of it: nothing can be seen',
    ],
    [
      { mediators: ['both'], formula: 'y ~ x | firm + year' },
      'mediator_absorbed: the effects of firm and year together hold all of both',
    ],
    [{ mediators: ['one'] }, 'mediator_constant: one is 1 in every row: nothing can be seen to pass through it'],
    [{ formula: 'y ~ fixed + z | firm' }, 'treatment_absorbed: fixed never varies within firm'],
    [{ formula: 'fixed ~ x | firm' }, 'outcome_absorbed: fixed never varies within firm'],
    [{ mediators: ['doubled'] }, 'perfect_fit: doubled is reproduced exactly by z, x'],
    [{ mediators: ['exact'] }, 'perfect_fit: exact is reproduced exactly by z, x'],
    [
      { formula: 'y ~ x + doubled | firm' },
      'path_collinear: in the equation of m, x is a combination of the controls, the effects',
    ],
    [{ mediators: [], moderation: { moderator: 'one' } }, 'moderator_constant: the moderator one is 1 in every row'],
  ])('%j', (params, words) => {
    expect(failure(params)).toContain(words);
  });

  test('one entity: no clusters; with classical errors it runs and says why there is no bootstrap', () => {
    const single = panelOf(1, 30);
    const pooled = { formula: 'y ~ x + z', bootstrap: { replications: 99 } };
    expect(failure(pooled, single)).toMatch(/^too_few_clusters: .*needs G ≥ 2 clusters, got 1/);
    const result = job({ ...pooled, covariance: 'classical' }, single);
    expect(result.mediation!.bootstrap).toBeNull();
    expect(result.mediation!.noBootstrap).toMatch(/3 are needed, there are 1/);
    expect(result.warnings.join(' ')).toMatch(/No bootstrap: entities are drawn/);
    expect(result.adequacy.map(({ method, status }) => `${method}: ${status}`)).toEqual(['bootstrap of entities: cannot run']);
  });

  test('few entities: it runs, and says that intervals are too short', () => {
    const result = job({ formula: 'y ~ x', bootstrap: { replications: 99 } }, panelOf(5, 12));
    expect(result.adequacy.map(({ method, status }) => `${method}: ${status}`)).toEqual([
      'clustered by firm: too small',
      'bootstrap of entities: too small',
    ]);
    expect(result.warnings.join(' ')).toMatch(
      /5 entities: a bootstrap of entities rests on many.*With so few they should not be used/,
    );
    expect(result.warnings.join(' ')).toMatch(/5 clusters \(clustered by firm\): no cluster-robust test is reliable/);
  });
});

test('with few entities and clustered errors the verdict goes by Monte Carlo with t, with many by the bootstrap', () => {
  const words = (entities: number, covariance: string) => {
    const params = mediation.params.parse({ ...base, covariance, bootstrap: { replications: 99 }, monteCarlo: { draws: 999 } });
    const panel = panelOf(entities);
    const { context, shards } = mediation.plan(params, { panel }, 1);
    const parts = shards.map((shard) => mediation.run(params, { panel }, context, shard, () => {}, 1));
    return mediation.report(mediation.combine(params, { panel }, context, parts, 1)).verdict[0];
  };
  expect(words(12, 'cluster')).toContain('(Monte Carlo)');
  expect(words(12, 'classical')).toContain('(bootstrap percentile)');
  expect(words(40, 'cluster')).toContain('(bootstrap percentile)');
});

describe('shares', () => {
  test('none where the total is small beside its error, or signs differ; the ratio is there either way', () => {
    const same = job({ formula: 'y ~ x + z' }).mediation!;
    expect(same.share.value).toBeCloseTo(same.effects[2].estimate / same.effects[0].estimate, 12);
    const opposite = job({ formula: 'turned ~ x' }, panelOf(12, 6, { turned: (i) => Math.sin(i * 12.9898) })).mediation!;
    expect(opposite.share.value).toBeNull();
    expect(Number.isFinite(opposite.share.ratio)).toBe(true);
    expect(opposite.share.why).toMatch(/opposite signs|small beside its error/);
  });
});

describe('what a·b assumes', () => {
  test('treatment × mediator is tested in the outcome’s equation, and a word says when it matters', () => {
    const panel = panelOf();
    const plain = job({}, panel);
    expect(plain.mediation!.interactions.map(({ term }) => term)).toEqual(['x:m']);
    const { columns } = panel;
    const of = (name: string) => (columns.find((column) => column.name === name) as { values: Float64Array }).values;
    const more = panelOf(12, 6, { bent: (i) => of('y')[i] + 0.8 * of('x')[i] * of('m')[i] });
    const bent = job({ formula: 'bent ~ x + z | firm' }, more);
    const [{ estimate, pValue }] = bent.mediation!.interactions;
    close(estimate, plain.mediation!.interactions[0].estimate + 0.8);
    expect(pValue).toBeLessThan(0.01);
    expect(bent.warnings.join(' ')).toMatch(/x:m has t = .* assume no interaction of treatment and mediator/);
  });

  test('a binary mediator is a linear probability model', () => {
    const panel = panelOf(12, 6, { yes: (i) => (Math.sin(i * 7.13) > 0 ? 1 : 0) });
    const result = job({ mediators: ['yes'] }, panel);
    expect(result.binary).toEqual(['yes']);
    expect(result.warnings.join(' ')).toMatch(/yes takes two values: the equation is a linear probability model/);
    expect(job({}).binary).toEqual([]);
  });
});

describe('moderation', () => {
  /** Coefficients of a regression of the same rows. */
  function regression(formula: string, panel: Panel) {
    const spec = makeSpec(registry, { analysis: 'panel-regression', dataset: 'property', params: { formula } }, 'test');
    const [{ fitted }] = JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel }).result)).columns;
    return (term: string) => fitted.coefficients.find((row: { term: string }) => row.term === term);
  }

  test.each(['', ' | firm', ' | firm + year'])(
    'a slope at w₀ is the coefficient of x when w − w₀ is interacted%s',
    (absorbed) => {
      const panel = panelOf();
      const result = job(
        { formula: `y ~ x + z${absorbed}`, mediators: [], moderation: { moderator: 'w', at: [-1, 0.5, 2] } },
        panel,
      );
      for (const slope of result.moderation!.slopes) {
        const shifted = `I(w - ${slope.value < 0 ? `(${slope.value})` : slope.value})`;
        const { estimate, standardError, pValue } = regression(`y ~ x + z + ${shifted} + x:${shifted}${absorbed}`, panel)('x');
        close(slope.estimate, estimate);
        close(slope.standardError, standardError);
        close(slope.pValue, pValue, 1e-6);
      }
    },
  );

  test('a moderator that the effects hold leaves its interaction, and the table says so', () => {
    const panel = panelOf();
    const result = job({ formula: 'y ~ x + z | firm', mediators: [], moderation: { moderator: 'fixed' } }, panel);
    expect(result.moderation!.equation.collinear).toEqual(['fixed']);
    close(
      result.moderation!.equation.coefficients[1].estimate,
      regression('y ~ x + z + x:fixed | firm', panel)('x:fixed').estimate,
    );
    const { tables } = mediation.report(
      mediation.combine(
        mediation.params.parse({ ...base, formula: 'y ~ x + z | firm', mediators: [], moderation: { moderator: 'fixed' } }),
        { panel },
        { width: 0, draws: 0, entities: 0 },
        [new Float64Array(0)],
        1,
      ),
    );
    expect(tables.flatMap(({ notes }) => notes).join(' ')).toMatch(/fixed itself is held by the effects/);
  });

  test('a moderator and an interaction that stand in the formula are not taken twice', () => {
    const plain = job({ formula: 'y ~ x + z | firm', mediators: [], moderation: { moderator: 'w' } });
    const written = job({ formula: 'y ~ x + z + w + x:w | firm', treatment: 'x', mediators: [], moderation: { moderator: 'w' } });
    close(written.moderation!.slopes[0].estimate, plain.moderation!.slopes[0].estimate);
  });

  test('the region of Johnson and Neyman is where slopes are significant, and its rows are counted', () => {
    const panel = panelOf();
    const { moderation: of } = job({ formula: 'y ~ x | firm', mediators: [], moderation: { moderator: 'w' } }, panel);
    const { ranges } = of!.johnsonNeyman;
    for (const { value, lower, upper } of of!.curve) {
      const inside = ranges.some(({ from, to }) => value > (from ?? -Infinity) && value < (to ?? Infinity));
      expect(inside).toBe(lower > 0 || upper < 0);
    }
    const values = (panel.columns.find(({ name }) => name === 'w') as { values: Float64Array }).values;
    for (const { from, to, rows } of ranges)
      expect(rows).toBe(values.filter((w) => w >= (from ?? -Infinity) && w <= (to ?? Infinity)).length);
    expect(ranges.length).toBeGreaterThan(0);
  });

  test('quartiles and mean ± sd are those of the rows', () => {
    const at = (how: unknown) => job({ mediators: [], moderation: { moderator: 'common', at: how } }).moderation!.slopes;
    expect(at('quartiles').map(({ value }) => value)).toEqual([1, 2.5, 4]);
    const [low, middle, high] = at('mean-sd').map(({ value }) => value);
    expect(middle).toBe(2.5);
    close(high - low, 2 * Math.sqrt((72 * (35 / 12)) / 71));
  });
});

describe('what it says', () => {
  const report = (params: Readonly<Record<string, unknown>>, panel = panelOf()) => {
    const parsed = mediation.params.parse({ ...base, ...params });
    const { context, shards } = mediation.plan(parsed, { panel }, 1);
    const parts = shards.map((shard) => mediation.run(parsed, { panel }, context, shard, () => {}, 1));
    return mediation.report(mediation.combine(parsed, { panel }, context, parts, 1));
  };

  test('sequential ignorability, the identity, the two-step table and ρ are there', () => {
    const { verdict, tables, figures } = report({ bootstrap: { replications: 99 }, monteCarlo: { draws: 1_000 } });
    const words = verdict.join(' ');
    expect(words).toMatch(/Causal only under sequential ignorability/);
    expect(words).toMatch(/c = c′ \+ Σ indirect to rounding/);
    expect(words).toMatch(/a difference across two outcomes is no indirect one/);
    expect(words).toMatch(/the errors of m and y have the correlation ρ = 0\.\d/);
    expect(tables.map(({ title }) => title)).toEqual([
      'Too small for this?',
      'Effects',
      'Three steps: total effect, mediators, direct effect',
      'Two steps: total effect, and the treatment on each mediator',
      'Tests of indirect effects',
      'If the errors of mediator and outcome were correlated',
    ]);
    expect(figures.map(({ title }) => title)).toEqual(['Paths', 'Effects', 'Indirect effect if errors were correlated']);
    expect(tables.flatMap(({ notes }) => notes).join(' ')).toMatch(/江艇 2022/);
  });

  test('in a chain the two-step table has the mediator on the treatment alone', () => {
    const { mediation: of } = job({ mediators: ['m', 'w'], kind: 'serial' });
    expect(of!.mediators[1].coefficients.map(({ term }) => term)).toEqual(['x', 'm', 'z', '(constant)']);
    expect(of!.mechanism[1].coefficients.map(({ term }) => term)).toEqual(['x', 'z', '(constant)']);
    expect(of!.noSensitivity).toMatch(/several mediators/);
  });

  test('a sweep takes its estimates: the indirect effect first, by error and by bootstrap', () => {
    const rows = mediation.estimates!(
      mediation.combine(
        mediation.params.parse({ ...base, moderation: { moderator: 'w' } }),
        { panel: panelOf() },
        { width: 0, draws: 0, entities: 0 },
        [new Float64Array(0)],
        1,
      ),
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'indirect',
      'total',
      'direct',
      'x:w',
      'slope at mean − sd',
      'slope at mean',
      'slope at mean + sd',
    ]);
    const sweep = makeSpec(
      registry,
      {
        analysis: 'sweep',
        dataset: 'property',
        params: {
          analysis: 'mediation',
          params: { ...base, bootstrap: { replications: 49 } },
          vary: { formula: ['y ~ x | firm', 'y ~ x + z | firm'] },
        },
      },
      'test',
    );
    const result = JSON.parse(new TextDecoder().decode(runLocally(registry, sweep, { panel: panelOf() }).result));
    expect(result.items.term).toEqual(['indirect', 'indirect']);
    expect(result.items.estimate).toEqual(
      ['y ~ x | firm', 'y ~ x + z | firm'].map((formula) => job({ formula }).mediation!.effects[2].estimate),
    );
  });
});
