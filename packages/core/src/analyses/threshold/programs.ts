/** Whose conventions a result follows. Stored in params and results: never rename. */
export const programs = ['spillway', 'xthreg', 'hansen', 'pdr'] as const;
export type Program = (typeof programs)[number];

/** q ≤ γ, or q < γ, is the lower regime. */
export type RegimeRule = 'at-most' | 'below';
/** what σ̂² = S/d divides by in F and LR */
export type Scale = 'within' | 'rows-less-periods' | 'rows';
export type LastPeriod = 'kept' | 'dropped';

/** The choices in which programs differ, each with one home here. */
export interface Conventions {
  readonly rule: RegimeRule;
  readonly scale: Scale;
  readonly lastPeriod: LastPeriod;
  /** candidates: quantiles that a grid has when params name none; null is every distinct value */
  readonly grid: number | null;
  /** which candidates a regime's least size leaves: by rows and entities, or by places in the grid as the programs do */
  readonly room: 'rows' | 'grid-places';
  /** LR(γ) < c rather than ≤ */
  readonly strict: boolean;
}

/**
 * - `spillway`: Hansen (1999), eq. 1, and every distinct value.
 * - `xthreg`: Stata's command (Wang 2015) keeps all rows and scales by NT − T, which reproduces every F that it prints. Where its grid
 *   of quantiles lies is not documented; the one here is the author's.
 * - `hansen`: the author's GAUSS program. It demeans, then drops each entity's last period; q < γ; 400 quantiles.
 * - `pdr`: R's pdR, a port of it, which scales by NT. Its test of a third threshold leaves one out under the null: that is a fault and
 *   is not copied.
 */
const byProgram: Readonly<Record<Program, Conventions>> = {
  spillway: { rule: 'at-most', scale: 'within', lastPeriod: 'kept', grid: null, room: 'rows', strict: false },
  xthreg: { rule: 'at-most', scale: 'rows-less-periods', lastPeriod: 'kept', grid: 300, room: 'grid-places', strict: true },
  hansen: { rule: 'below', scale: 'within', lastPeriod: 'dropped', grid: 400, room: 'grid-places', strict: true },
  pdr: { rule: 'below', scale: 'rows', lastPeriod: 'dropped', grid: 400, room: 'grid-places', strict: true },
};

export interface ConventionRequest {
  readonly program: Program;
  readonly grid: number | null;
  readonly lastPeriod: LastPeriod | null;
  readonly scale: Scale | null;
}

/** A program's conventions, with what the params say otherwise. */
export function conventionsOf({ program, grid, lastPeriod, scale }: ConventionRequest): Conventions {
  const of = byProgram[program];
  return { ...of, grid: grid ?? of.grid, lastPeriod: lastPeriod ?? of.lastPeriod, scale: scale ?? of.scale };
}
