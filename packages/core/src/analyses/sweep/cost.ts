import type { Cost, InputInfo } from '../analysis.js';
import type { AnyAnalysis } from '../registry.js';
import { haveFamilies } from './families.js';
import { gridOf, itemAt } from './grid.js';
import type { SweepParams } from './params.js';

/** Items looked at for what one costs: evenly spread over the grid. */
const looked = 64;

/**
 * CPU seconds of a regression of k columns on n rows within a family: cross-products are shared, what is left is the solution, the residuals and
 * one covariance. Measured on one core of a 2.6 GHz server.
 */
const familySeconds = (rows: number, columns: number) => 6e-5 + rows * columns * 1.2e-8;

/** What a sweep costs, and one of its items. */
export function sweepCost(
  analysis: AnyAnalysis,
  params: SweepParams,
  info: InputInfo,
): Cost & { unitSeconds: number; each: number } {
  const grid = gridOf(params);
  const items = Math.min(grid.size, params.draw?.items ?? grid.size);
  const { formulas } = params;
  const widest =
    formulas === undefined
      ? 0
      : 1 +
        (Array.isArray(formulas.controls)
          ? Math.max(...formulas.controls.map((set) => set.length))
          : formulas.controls.always.length + formulas.controls.subsetsOf.length);
  let each: number;
  let arithmetic: string;
  if (haveFamilies(params)) {
    each = familySeconds(info.panel.rows, widest);
    arithmetic = `${items.toLocaleString('en')} regressions of families × ${info.panel.rows.toLocaleString('en')} rows × up to ${widest} regressors`;
  } else {
    const costs: number[] = [];
    for (let k = 0; k < Math.min(looked, grid.size); k++) {
      const { params: given } = itemAt(params, grid, Math.floor((k * grid.size) / Math.min(looked, grid.size)));
      const parsed = analysis.params.safeParse(given);
      if (parsed.success && analysis.check(parsed.data, info).length === 0)
        costs.push(analysis.cost(parsed.data, info).cpuSeconds);
    }
    each = costs.length === 0 ? 0.01 : costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    arithmetic = `${items.toLocaleString('en')} specifications × ${each.toPrecision(2)} CPU seconds of ${analysis.name}`;
  }
  return {
    cpuSeconds: 0.1 + items * (each + 2e-5),
    // an item: 20 bytes of plan, 60 of its part, up to 300 of the result
    bytes: 200_000 + items * 400,
    arithmetic,
    unitSeconds: each + 1e-5,
    each,
  };
}
