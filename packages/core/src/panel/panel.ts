import type { WeightsSummary } from '../weights/summary.js';
import type { Weights } from '../weights/weights.js';

/**
 * An immutable panel in columnar form: rows sorted by entity, then time, no key twice. A missing number is NaN; a missing
 * text is code `missingText`. Gaps in time and missing values are kept: what is left out of a computation, and why, is
 * for its result to say.
 */
export interface Panel {
  readonly rows: number;
  readonly entity: EntityIndex;
  readonly time: TimeIndex;
  readonly columns: readonly Column[];
  /** what W(…) may name in the job that reads the panel; no part of the dataset, and not stored with it */
  readonly weights?: ReadonlyMap<string, Weights> | undefined;
  /** rows (1) that the job is confined to; lags and spatial lags still see the others. No part of the dataset */
  readonly kept?: { readonly name: string; readonly rows: Uint8Array } | undefined;
}

export interface EntityIndex {
  readonly name: string;
  readonly labels: readonly string[];
  /** code of each row's entity, ascending */
  readonly codes: Uint32Array;
  /** length labels + 1: entity e has rows starts[e] … starts[e+1] − 1 */
  readonly starts: Uint32Array;
}

export type TimeUnit = 'integer' | 'day' | 'month' | 'quarter';

export interface TimeIndex {
  readonly name: string;
  /** dates that are all the same day, or the last day, of their months are counted in months */
  readonly unit: TimeUnit;
  /** greatest common difference of the times present, in `unit`s, or as given: what `L.` goes back by */
  readonly step: number;
  /** the distinct periods present, ascending: label (2012, 2012-03-31, 2012-03, 2012Q1), and number in `unit`s */
  readonly labels: readonly string[];
  readonly values: Float64Array;
  /** code of each row's period */
  readonly codes: Uint32Array;
}

export type Column = NumberColumn | TextColumn;

export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly values: Float64Array;
}

export interface TextColumn {
  readonly kind: 'text';
  readonly name: string;
  /** distinct texts in code-unit order */
  readonly labels: readonly string[];
  readonly codes: Uint32Array;
}

export const missingText = 0xffffffff;

/** What is known of a panel without its rows: enough for refusals at the door and for the cost of a job. */
export interface PanelSummary {
  readonly rows: number;
  readonly entity: { readonly name: string; readonly count: number; readonly first: string; readonly last: string };
  readonly time: {
    readonly name: string;
    readonly unit: TimeUnit;
    readonly step: number;
    readonly count: number;
    readonly first: string;
    readonly last: string;
  };
  /** every entity has every period */
  readonly balanced: boolean;
  /** rows of the entity with fewest and with most */
  readonly periodsPerEntity: { readonly min: number; readonly max: number };
  /** periods missing between an entity's first and last, over all entities */
  readonly gaps: number;
  readonly columns: readonly ColumnSummary[];
  /** what W(…) may name in the job that reads the panel; not stored with the dataset */
  readonly weights?: ReadonlyMap<string, WeightsSummary> | undefined;
}

export interface ColumnSummary {
  readonly name: string;
  readonly kind: 'number' | 'text';
  readonly missing: number;
  readonly distinct: number;
  /** of the finite numbers; null for text and for columns without any */
  readonly min: number | null;
  readonly max: number | null;
}
