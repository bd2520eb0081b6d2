import {
  buildPanel,
  makeRegistry,
  makeSpec,
  type Panel,
  runLocally,
  type SpatialMlResult,
  spatialMl,
  type Weights,
} from '@spillway/core';
import { referenceArea } from '../harness/reference-cases.js';
import { spatialData } from '../harness/spatial-data.js';

const registry = makeRegistry([spatialMl]);

/**
 * Spatial maximum likelihood against splm 1.6-5, spatialreg 1.2-6, spreg 1.9.0, SDPDmod 0.0.6 and dense recomputations.
 * `SPILLWAY_REFERENCE` names the folder that holds `spatial/`.
 */
const { folder, present, caseOf } = referenceArea('spatial', 'spatial maximum likelihood');
const maybe = present ? describe : describe.skip;
const expectedOf = (id: string) => caseOf(id).expected;
const { file, edges, table, crossSection, decades, produc } = spatialData(folder);

interface Inputs {
  readonly panel: Panel;
  readonly weights: Weights;
}

function cigar(): Inputs {
  const { names, rows } = table('cigar.csv');
  const at = (name: string) => rows.map((cells) => Number(cells[names.indexOf(name)]));
  const codes = [...new Set(at('state'))].sort((a, b) => a - b);
  const [, ...links] = file('usa46_binary.csv').trim().split('\n');
  const named = links.map((line) => {
    const [i, j] = line.split(',');
    return `${codes[Number(i) - 1]},${codes[Number(j) - 1]}`;
  });
  return {
    panel: buildPanel({
      entity: { name: 'state', values: at('state') },
      time: { name: 'year', values: at('year') },
      columns: ['price', 'pop', 'cpi', 'ndi', 'sales'].map((name) => ({ name, values: at(name) })),
    }),
    weights: edges(['from,to', ...named].join('\n')),
  };
}

function run({ panel, weights }: Inputs, params: object): SpatialMlResult {
  const spec = makeSpec(registry, { analysis: 'spatial-ml', dataset: 'reference', params: { draws: 0, ...params } }, 'test');
  return JSON.parse(new TextDecoder().decode(runLocally(registry, spec, { panel, weights: new Map([['W', weights]]) }).result));
}

function expectClose(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
}

/** A peer's names as our terms. */
const terms: Readonly<Record<string, string>> = {
  lpcap: 'log(pcap)',
  lpc: 'log(pc)',
  lemp: 'log(emp)',
  logp: 'log(price/cpi)',
  logy: 'log(ndi/cpi)',
  '(Intercept)': '(constant)',
};
const termOf = (name: string): string => {
  const lagged = /^(?:W_|W\*|lag\.)(.*)$/.exec(name);
  return lagged === null ? (terms[name] ?? name) : `W(${termOf(lagged[1])})`;
};

type Numbers = Readonly<Record<string, number>>;

/** β, θ and their errors; ρ and λ apart. */
function expectSlopes(result: SpatialMlResult, estimates: Numbers, errors: Numbers | null, relative: number, se = relative) {
  const [{ coefficients }] = result.models;
  for (const [name, wanted] of Object.entries(estimates)) {
    const got = coefficients.find(({ term }) => term === termOf(name))!;
    expectClose(got.estimate!, wanted, relative);
    if (errors !== null) expectClose(got.standardError!, errors[name], se);
  }
  expect(coefficients.filter(({ role }) => role !== 'lag')).toHaveLength(Object.keys(estimates).length);
}

const rhoOf = (result: SpatialMlResult) => result.models[0].coefficients.find(({ role }) => role === 'lag')!;

function expectEffects(
  result: SpatialMlResult,
  wanted: Readonly<Record<string, Numbers>>,
  key: 'estimate' | 'standardError',
  relative: number,
) {
  const { variables } = result.models[0].effects!;
  for (const kind of ['direct', 'indirect', 'total'] as const) {
    for (const [name, value] of Object.entries(wanted[kind])) {
      expectClose(variables.find(({ variable }) => variable === termOf(name))![kind][key]!, value, relative);
    }
  }
}

const produced = (effects: string) => `log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp${effects}`;
const effectsOf: Readonly<Record<string, string>> = { individual: ' | state', time: ' | year', twoways: ' | state + year' };
const without = (key: string, numbers: Numbers): Numbers =>
  Object.fromEntries(Object.entries(numbers).filter(([name]) => name !== key));

/** splm: ρ of Wy is lambda, λ of the errors rho; its classical order of lag and demeaning; σ² = SSR/NT, or /N(T − 1). */
maybe('splm', () => {
  const order = { demeaning: 'before-lag' };
  const models: Readonly<Record<string, string>> = { lag: 'sar', error: 'sem', sarar: 'sarar' };

  test.each([
    ['produc-fe-lag-individual', 1e-6],
    ['produc-fe-lag-individual-leeyu', 1e-6],
    ['produc-fe-lag-time', 1e-6],
    ['produc-fe-lag-twoways', 1e-6],
    ['produc-fe-error-individual', 1e-6],
    ['produc-fe-error-individual-leeyu', 1e-6],
    ['produc-fe-error-twoways', 1e-6],
    // nlminb stops early in two dimensions
    ['produc-fe-sarar-individual', 1e-4],
    ['produc-fe-sarar-individual-leeyu', 1e-4],
    ['produc-fe-sarar-twoways', 1e-4],
  ])('%s', (id, relative) => {
    const [, kind, effects] = /^produc-fe-(\w+)-(\w+)/.exec(id)!;
    const { coefficients, se, sigma2, logLik_as_reported: logLik } = expectedOf(id);
    const approach = id.endsWith('leeyu') ? 'transformation' : 'direct';
    const result = run(produc(), { formula: produced(effectsOf[effects]), models: [models[kind]], approach, ...order });
    expectSplm(result, coefficients, se, relative);
    expectClose(result.models[0].sigma2.estimate, sigma2, relative);
    if (kind === 'lag') expectClose(result.models[0].logLikelihood, logLik, 1e-9);
    // without constants, and of N·T rows whatever the correction
    if (kind === 'error' && approach === 'direct') expectClose(bare(result), logLik, 1e-9);
  });

  /** T·log|I − λW| − (NT/2)·log SSR from a log-likelihood with its constants. */
  function bare({ models: [{ logLikelihood, observations: n }] }: SpatialMlResult): number {
    return logLikelihood + (n / 2) * (Math.log(2 * Math.PI) + 1) - (n / 2) * Math.log(n);
  }

  function expectSplm(result: SpatialMlResult, coefficients: Numbers, se: Numbers, relative: number) {
    expectSlopes(result, without('lambda', without('rho', coefficients)), se, relative);
    const [{ lambda }] = result.models;
    const pairs = [
      ...('lambda' in coefficients ? [[rhoOf(result), 'lambda'] as const] : []),
      ...('rho' in coefficients ? [[lambda!, 'rho'] as const] : []),
    ];
    for (const [ours, theirs] of pairs) {
      expectClose(ours.estimate!, coefficients[theirs], relative);
      expectClose(ours.standardError!, se[theirs], relative);
    }
  }

  test('produc-fe-error-time-leeyu', () => {
    // splm takes σ² = SSR/((N − 1)T) and keeps log|I − λW|: not the transformation. So its estimates are the direct ones, its errors of β
    // √(N/(N − 1)) of those, and that of λ, whose information mixes the two counts, 5e-4 more
    const { coefficients, se, sigma2 } = expectedOf('produc-fe-error-time-leeyu');
    const result = run(produc(), { formula: produced(' | year'), models: ['sem'], approach: 'direct', ...order });
    expectSlopes(result, without('rho', coefficients), null, 1e-6);
    for (const { term, standardError } of result.models[0].coefficients) {
      expectClose(standardError! * Math.sqrt(48 / 47), se[term], 1e-6);
    }
    expectClose(result.models[0].lambda!.estimate!, coefficients.rho, 1e-6);
    expectClose(result.models[0].lambda!.standardError!, se.rho, 1e-3);
    expectClose(result.models[0].sigma2.estimate * (48 / 47), sigma2, 1e-6);
  });

  test.each([
    ['produc-fe-lag-twoways-leeyu', 'sar'],
    ['produc-fe-error-twoways-leeyu', 'sem'],
    ['produc-fe-sarar-twoways-leeyu', 'sarar'],
  ])('%s: peerDefect', (id, model) => {
    // splm subtracts what is to be added, without a factor NT, and (lag, error) multiplies σ² by T/(T + 1): its correction of ρ is a
    // hundred times too small and leads the other way. Ours is that of Lee & Yu, whose σ² is T/(T − 1) of the direct one and more
    const { coefficients, sigma2 } = expectedOf(id);
    const formula = produced(' | state + year');
    const direct = run(produc(), { formula, models: [model], approach: 'direct', ...order });
    const ours = run(produc(), { formula, models: [model], approach: 'bias-corrected', ...order });
    const spatial = (result: SpatialMlResult) => (model === 'sar' ? rhoOf(result) : result.models[0].lambda!).estimate!;
    const theirs = model === 'sar' ? coefficients.lambda : coefficients.rho;
    expect(spatial(ours) - spatial(direct)).toBeGreaterThan(0.01);
    expect(Math.abs(theirs - spatial(direct))).toBeLessThan(1e-4);
    expect(ours.models[0].sigma2.estimate).toBeGreaterThan((17 / 16) * direct.models[0].sigma2.estimate);
    if (model !== 'sarar') expectClose(sigma2, (17 / 18) * direct.models[0].sigma2.estimate, 1e-3);
    if (model === 'sar') expectClose(spatial(ours), 0.2114, 1e-3);
  });

  test.each(['produc-spml-sdm-individual', 'produc-spml-sdm-twoways'])('%s', (id) => {
    const effects = id.split('-')[3];
    const { coefficients, se, sigma2, logLik, effects: wanted } = expectedOf(id);
    const result = run(produc(), { formula: produced(effectsOf[effects]), models: ['sdm'], approach: 'direct', ...order });
    expectSplm(result, coefficients, se, 1e-6);
    expectClose(result.models[0].sigma2.estimate, sigma2, 1e-7);
    expectClose(result.models[0].logLikelihood, logLik, 1e-10);
    expectEffects(result, wanted, 'estimate', 1e-6);
  });

  test('produc-impacts-lag-twoways', () => {
    const expected = expectedOf('produc-impacts-lag-twoways');
    const result = run(produc(), {
      formula: produced(effectsOf.twoways),
      models: ['sar'],
      approach: 'direct',
      ...order,
      draws: 4_000,
    });
    expectEffects(result, expected, 'estimate', 1e-6);
    // its draws leave cov(ρ, β) out, so that errors of total effects come out too large; those of the direct hardly depend on ρ
    for (const { variable, direct, total } of result.models[0].effects!.variables) {
      expectClose(direct.simulated!.standardError!, expected.mc_se_direct[variable], 0.1);
      expectClose(direct.simulated!.standardError!, direct.standardError!, 0.05);
      expectClose(total.simulated!.standardError!, total.standardError!, 0.05);
    }
    expect(result.models[0].effects!.draws).toEqual({ used: 4_000, outside: 0 });
  });

  test.each([
    ['cigar-splm-lag-twoways', 'sar', 'twoways'],
    ['cigar-splm-error-individual', 'sem', 'individual'],
  ])('%s', (id, model, effects) => {
    const { coefficients, se, sigma2, logLik_as_reported: logLik } = expectedOf(id);
    const result = run(cigar(), { formula: smoked(effectsOf[effects]), models: [model], approach: 'direct', ...order });
    expectSplm(result, coefficients, se, 1e-6);
    expectClose(result.models[0].sigma2.estimate, sigma2, 1e-6);
    expectClose(model === 'sem' ? bare(result) : result.models[0].logLikelihood, logLik, 1e-9);
  });
});

/** splm's maximum and errors are numerical (nlminb, fdHess), spreg's minimum is a bounded search on values. */
maybe('random effects', () => {
  test('produc-re-lag', () => {
    const { coefficients, se, arcoef, arcoef_se, errcomp, sigma2, logLik } = expectedOf('produc-re-lag');
    const result = run(produc(), { formula: produced(''), models: ['sar'], effects: 'random', covariance: 'observed' });
    expectSlopes(result, coefficients, null, 1e-5);
    expectClose(rhoOf(result).estimate!, arcoef.lambda, 1e-6);
    expectClose(rhoOf(result).standardError!, arcoef_se.lambda, 1e-3);
    // its errors of β take ρ as known: they are those of the outcome y − ρWy without a spatial term
    for (const { term, role, standardError } of result.models[0].coefficients) {
      if (role !== 'lag') expect(standardError!).toBeGreaterThan(se[role === 'constant' ? '(Intercept)' : term]);
    }
    const [{ components, logLikelihood }] = result.models;
    expectClose(components!.idiosyncratic, sigma2.idios, 1e-3);
    expectClose(components!.entity, sigma2.id, 1e-3);
    expectClose(components!.entity / components!.idiosyncratic, errcomp.phi, 1e-3);
    expectClose(logLikelihood, logLik, 1e-7);
    expect(logLikelihood).toBeGreaterThanOrEqual(logLik - 1e-9 * logLik);
  });

  test('spreg-panel-re-lag', () => {
    const { betas, se, sig2, logll } = expectedOf('spreg-panel-re-lag');
    const result = run(
      decades((row) => [9, 10, 11, 12, 13, 23, 24, 25, 33, 34, 36, 37, 42, 44, 45, 50, 51, 54].includes(Number(row.STFIPS))),
      { formula: 'HR ~ RD + PS', models: ['sar'], effects: 'random' },
    );
    const names = ['(constant)', 'RD', 'PS'];
    const numbers = (values: readonly number[]) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
    expectSlopes(result, numbers(betas), numbers(se), 1e-5, 1e-4);
    expectClose(rhoOf(result).estimate!, betas[3], 1e-5);
    expectClose(rhoOf(result).standardError!, se[3], 1e-4);
    const [{ components, sigma2, logLikelihood }] = result.models;
    expectClose(1 - components!.theta, betas[4], 1e-5);
    expectClose(sigma2.estimate, sig2, 1e-5);
    expectClose(logLikelihood, logll, 1e-9);
  });
});

/** SDPDmod looks log|I − ρW| up on a grid of 0.001: its ρ is good to some 4e-3, and all else follows that. */
maybe('SDPDmod', () => {
  test.each([
    'cigar-sdpdmod-sar-individual',
    'cigar-sdpdmod-sar-individual-leeyu',
    'cigar-sdpdmod-sdm-individual',
    'cigar-sdpdmod-sdm-individual-leeyu',
    'cigar-sdpdmod-sdm-time',
    'cigar-sdpdmod-sdm-time-leeyu',
    'cigar-sdpdmod-sar-twoways',
    'cigar-sdpdmod-sdm-twoways',
    'cigar-sdpdmod-sdm-twoways-leeyu',
  ])('%s', (id) => {
    const [, model, effects] = /^cigar-sdpdmod-(\w+)-(\w+)/.exec(id)!;
    const { rho, rho_se: rhoSe, coefficients, se, sigma2, logLik } = expectedOf(id);
    const corrected = id.endsWith('leeyu');
    // with time effects only, its Lee–Yu is the direct estimate with σ² over N − 1
    const approach = !corrected || effects === 'time' ? 'direct' : effects === 'individual' ? 'transformation' : 'bias-corrected';
    const result = run(cigar(), { formula: smoked(effectsOf[effects]), models: [model], approach, demeaning: 'before-lag' });
    const ours = rhoOf(result);
    expect(Math.abs(ours.estimate! - rho)).toBeLessThan(4.5e-3);
    // ∂b/∂ρ times the error of ρ, at most a fifth of a standard error of b
    for (const { term, role, estimate, standardError } of result.models[0].coefficients) {
      if (role === 'lag') continue;
      const [name] = Object.entries(coefficients as Numbers).find(([peer]) => termOf(peer) === term)!;
      expect(Math.abs(estimate! - coefficients[name])).toBeLessThan(0.2 * standardError!);
      // after a correction its information has the corrected σ² and traces of all T periods and N units
      expectClose(standardError!, se[name], corrected ? 0.015 : 5e-3);
    }
    const scale = corrected && effects === 'time' ? 46 / 45 : 1;
    expectClose(result.models[0].sigma2.estimate * scale, sigma2, 2e-3);
    expectClose(ours.standardError!, rhoSe, corrected ? 0.05 : 5e-3);
    if (!corrected) expect(Math.abs(result.models[0].logLikelihood - logLik)).toBeLessThan(0.3);
  });
});

maybe('spatialreg and spreg, one period', () => {
  const crime = 'CRIME ~ INC + HOVAL';
  const columbus = (links: string) => ({
    panel: crossSection('columbus.csv'),
    weights: edges(file(`columbus_${links}_binary.csv`)),
  });

  test.each([
    ['columbus-lagsarlm', 'sar', 1e-6],
    ['columbus-sdm', 'sdm', 1e-6],
    ['columbus-errorsarlm', 'sem', 1e-6],
    // nlminb stops early in two dimensions; its errors come from a numerical Hessian and so differ by more
    ['columbus-sacsarlm', 'sarar', 1e-4],
  ])('%s', (id, model, relative) => {
    const { coefficients, se, sigma2, logLik, rho, rho_se, lambda, lambda_se, impacts } = expectedOf(id);
    const result = run(columbus('gal'), { formula: crime, models: [model] });
    expectSlopes(result, coefficients, se, relative);
    const [ours] = result.models;
    if (rho !== undefined) {
      expectClose(rhoOf(result).estimate!, rho, relative);
      expectClose(rhoOf(result).standardError!, rho_se, relative);
      expectEffects(result, impacts, 'estimate', relative);
    }
    if (lambda !== undefined) {
      expectClose(ours.lambda!.estimate!, lambda, 10 * relative);
      expectClose(ours.lambda!.standardError!, lambda_se, relative);
    }
    expectClose(ours.sigma2.estimate, sigma2, relative);
    expectClose(ours.logLikelihood, logLik, 1e-9);
  });

  const price = ['NROOM', 'NBATH', 'PATIO', 'FIREPL', 'AC', 'GAR', 'AGE', 'LOTSZ', 'SQFT'];
  const baltimore = () => ({ panel: crossSection('baltimore.csv'), weights: edges(file('baltimore_queen_binary.csv')) });
  const states = [9, 10, 11, 12, 13, 23, 24, 25, 33, 34, 36, 37, 42, 44, 45, 50, 51, 54];
  const counties = () => decades((row) => states.includes(Number(row.STFIPS)));
  const ncovr = () => ({ panel: crossSection('ncovr.csv'), weights: edges(file('ncovr_queen_binary.csv')) });
  const spreg: readonly (readonly [string, () => Inputs, string, string, readonly string[]])[] = [
    ['spreg-columbus-mllag', () => columbus('queen'), crime, 'sar', ['(constant)', 'INC', 'HOVAL']],
    ['spreg-columbus-mlerror', () => columbus('queen'), crime, 'sem', ['(constant)', 'INC', 'HOVAL']],
    ['spreg-baltim-mllag', baltimore, `PRICE ~ ${price.join(' + ')}`, 'sar', ['(constant)', ...price]],
    ['spreg-panel-fe-lag', counties, 'HR ~ RD + PS | entity', 'sar', ['RD', 'PS']],
    ['spreg-panel-fe-error', counties, 'HR ~ RD + PS | entity', 'sem', ['RD', 'PS']],
    ['spreg-ncovr-panel-fe-lag', () => decades(() => true), 'HR ~ RD + PS | entity', 'sar', ['RD', 'PS']],
    ['spreg-ncovr-mllag-lu', ncovr, 'HR90 ~ RD90 + PS90 + UE90 + DV90', 'sar', ['(constant)', 'RD90', 'PS90', 'UE90', 'DV90']],
  ];
  test.each(spreg)('%s', (id, inputs, formula, model, names) => {
    const { betas, se, sig2, logll, aic, schwarz, pr2 } = expectedOf(id);
    const result = run(inputs(), { formula, models: [model], approach: 'direct' });
    const [ours] = result.models;
    const numbers = (values: readonly number[]) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
    // a bounded search that stops at 1e-5 or so of ρ; RD's coefficient is a thirtieth of its error's row in the information
    expectSlopes(result, numbers(betas), numbers(se), 1e-5, 1e-5);
    const spatial = model === 'sem' ? ours.lambda! : rhoOf(result);
    expectClose(spatial.estimate!, betas[names.length], 1e-5);
    expectClose(spatial.standardError!, se[names.length], 1e-4);
    expectClose(ours.sigma2.estimate, sig2, 1e-6);
    expectClose(ours.logLikelihood, logll, 1e-9);
    if (!id.includes('panel')) {
      // spreg counts β and, in a lag model, ρ
      const counted = names.length + (model === 'sar' ? 1 : 0);
      expectClose(ours.aic - 2 * (ours.parameters - counted), aic, 1e-9);
      expectClose(ours.bic - Math.log(ours.observations) * (ours.parameters - counted), schwarz, 1e-9);
      expectClose(ours.squaredCorrelation!, pr2, 1e-5);
    }
  });
});

/** Cases of a dense recomputation: SAR and SDM, all effects, direct and by transformation, in both orders of lag and demeaning. */
maybe('exact', () => {
  const ids = [
    'produc-exact-sar-individual',
    'produc-exact-sar-individual-leeyu',
    'produc-exact-sdm-individual-leeyu',
    'produc-exact-sar-time',
    'produc-exact-sar-time-leeyu',
    'produc-exact-sar-time-peerconv',
    'produc-exact-sar-twoways',
    'produc-exact-sar-twoways-leeyu',
    'produc-exact-sar-twoways-peerconv',
    'produc-exact-sdm-twoways',
    'produc-exact-sdm-twoways-leeyu',
    'produc-exact-sdm-twoways-peerconv',
    'cigar-exact-sar-individual',
    'cigar-exact-sdm-individual',
    'cigar-exact-sdm-time',
    'cigar-exact-sdm-time-leeyu',
    'cigar-exact-sdm-time-peerconv',
    'cigar-exact-sar-twoways',
    'cigar-exact-sar-twoways-leeyu',
    'cigar-exact-sar-twoways-peerconv',
    'cigar-exact-sdm-twoways',
    'cigar-exact-sdm-twoways-leeyu',
    'cigar-exact-sdm-twoways-peerconv',
  ];
  test.each(ids)('%s', (id) => {
    const [, data, model, effects] = /^(produc|cigar)-exact-(\w+)-(\w+)/.exec(id)!;
    const inputs = data === 'produc' ? produc() : cigar();
    const before = id.endsWith('peerconv');
    const params = {
      formula: data === 'produc' ? produced(effectsOf[effects]) : smoked(effectsOf[effects]),
      models: [model],
      approach: id.endsWith('leeyu') ? 'transformation' : 'direct',
      demeaning: before ? 'before-lag' : 'after-lag',
    };
    const { rho, beta, sigma2, logLik, se, effects: wanted, effects_delta_se: errors, ...corrected } = expectedOf(id);
    const result = run(inputs, params);
    // the recomputation finds ρ to about 1e-8 by a search on values
    expectSlopes(result, beta, without('sigma2', without('rho', se)), 1e-6, 1e-6);
    expectClose(rhoOf(result).estimate!, rho, 1e-7);
    expectClose(rhoOf(result).standardError!, se.rho, 1e-6);
    const [{ sigma2: ours, logLikelihood }] = result.models;
    expectClose(ours.estimate, sigma2, 1e-8);
    expectClose(ours.standardError!, se.sigma2, 1e-6);
    expectClose(logLikelihood, logLik, 1e-12);
    expectEffects(result, wanted, 'estimate', 2e-6);
    expectEffects(result, errors, 'standardError', 1e-5);
    if (corrected.leeyu_bias_corrected !== undefined) {
      const again = run(inputs, { ...params, approach: 'bias-corrected' });
      const { rho: moved, sigma2: more, ...slopes } = corrected.leeyu_bias_corrected;
      expectSlopes(again, slopes, null, 1e-6);
      expectClose(rhoOf(again).estimate!, moved, 1e-6);
      expectClose(again.models[0].sigma2.estimate, more, 1e-7);
      expectEffects(again, corrected.leeyu_bias_corrected_effects, 'estimate', 2e-6);
    }
  });
});

function smoked(effects: string): string {
  return `log(sales) ~ log(price/cpi) + log(ndi/cpi)${effects}`;
}
