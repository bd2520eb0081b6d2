import type { Grouping } from '../effects/grouping.js';
import { EstimationError } from '../errors.js';
import { demeanBy, groupCounts, groupMeans } from '../linalg/demean.js';
import type { SpatialDesign } from './design.js';
import { type FirstStep, firstStep, type WithinDesign, withinDesign } from './first-step.js';

/** Stored in params: never rename. */
export const randomInstruments = ['ec2sls', 'g2sls'] as const;
export type RandomInstruments = (typeof randomInstruments)[number];

/** A balanced panel: every entity in every period, rows by entity. */
export interface BalancedPanel {
  readonly entity: Grouping;
  /** T */
  readonly periods: number;
}

export interface ErrorComponents {
  /** σ_v² */
  readonly idiosyncratic: number;
  /** σ₁² = σ_v² + Tσ_μ² */
  readonly between: number;
  /** θ = 1 − σ_v/σ₁ */
  readonly theta: number;
}

/** Entity means in every row, x̄_i. */
export function meansOf({ entity, periods }: BalancedPanel): (x: Float64Array) => { short: Float64Array; long: Float64Array } {
  const counts = groupCounts(entity.codes, entity.levels);
  if (counts.some((count) => count !== periods)) {
    throw new EstimationError('unbalanced_panel', 'random effects with spatial terms need every entity in every period');
  }
  return (x) => {
    const short = new Float64Array(entity.levels);
    groupMeans(entity.codes, counts, x, short);
    return { short, long: x.map((_, row) => short[entity.codes[row]]) };
  };
}

/** √T times entity means, as columns of length N. */
function betweenDesign(design: SpatialDesign, panel: BalancedPanel): WithinDesign {
  const means = meansOf(panel);
  const root = Math.sqrt(panel.periods);
  return withinDesign(design, (x) => means(x).short.map((value) => value * root));
}

/** The two regressions whose residuals give the error components. */
export function twoRegressions(design: SpatialDesign, panel: BalancedPanel) {
  const within = withinDesign(design, (x) => demeanBy(panel.entity.codes, panel.entity.levels, x));
  const between = betweenDesign(design, panel);
  const [fw, fb] = [firstStep(within), firstStep(between)];
  const [N, T] = [panel.entity.levels, panel.periods];
  const df = N * (T - 1) - fw.coefficients.length;
  const dfBetween = N - fb.coefficients.length;
  if (df < 1 || dfBetween < 1) {
    throw new EstimationError(
      'too_few_entities',
      `random effects need more entities than the ${fb.coefficients.length} coefficients of the between regression, and rows to spare within: got ${N} entities, ${T} periods`,
    );
  }
  return { within, between, fw, fb, idiosyncratic: fw.ssr / df, betweenVariance: fb.ssr / dfBetween };
}

export interface RandomFit {
  readonly columns: WithinDesign;
  readonly first: FirstStep;
  readonly components: ErrorComponents;
}

/**
 * Random effects with a spatial lag or other endogenous regressors: error components from within and between 2SLS, then 2SLS of
 * the quasi-demeaned equation x − θx̄.
 *
 * - `ec2sls`: instruments are [QH, PH], within and between parts of H apart (Baltagi)
 * - `g2sls`: instruments are H quasi-demeaned (Balestra & Varadharajan-Krishnakumar)
 *
 * @throws EstimationError `unbalanced_panel`, `too_few_entities`
 * @see Baltagi & Liu (2011), Economics Letters 111, 135–137; splm's `spgm(model = "random")`
 */
export function spatialRandomEffects(design: SpatialDesign, panel: BalancedPanel, kind: RandomInstruments): RandomFit {
  const { idiosyncratic, betweenVariance } = twoRegressions(design, panel);
  const components = errorComponents(idiosyncratic, betweenVariance);
  const means = meansOf(panel);
  const quasi = quasiDemean(means, components.theta);
  const plain = withinDesign(design, quasi);
  const columns = design.endogenous.length === 0 ? plain : { ...plain, ...instrumentsOf(design, panel, kind, quasi) };
  return { columns, first: firstStep(columns), components };
}

export const errorComponents = (idiosyncratic: number, between: number): ErrorComponents => ({
  idiosyncratic,
  between,
  theta: 1 - Math.sqrt(idiosyncratic / between),
});

export const quasiDemean = (means: ReturnType<typeof meansOf>, theta: number) => (x: Float64Array) => {
  const { long } = means(x);
  return x.map((value, i) => value - theta * long[i]);
};

/** Instruments of the quasi-demeaned equation. */
export function instrumentsOf(
  design: SpatialDesign,
  panel: BalancedPanel,
  kind: RandomInstruments,
  quasi: (x: Float64Array) => Float64Array,
): Pick<WithinDesign, 'instruments'> & { names: WithinDesign['names'] } {
  const names = {
    endogenous: design.endogenous.map(({ name }) => name),
    exogenous: design.exogenous.map(({ name }) => name),
    instruments: [] as string[],
  };
  if (kind === 'g2sls') {
    names.instruments = design.instruments.map(({ name }) => name);
    return { instruments: design.instruments.map(({ values }) => quasi(values)), names };
  }
  const means = meansOf(panel);
  const all = [...design.exogenous.filter(({ role }) => role !== 'constant'), ...design.instruments];
  names.instruments = [...all.map(({ name }) => `within ${name}`), ...all.map(({ name }) => `between ${name}`)];
  const within = (x: Float64Array) => demeanBy(panel.entity.codes, panel.entity.levels, x);
  return { instruments: [...all.map(({ values }) => within(values)), ...all.map(({ values }) => means(values).long)], names };
}
