/** One variable on the rows of a sample: as printed, and its values. */
export interface Variable {
  readonly name: string;
  readonly values: Float64Array;
}

/** Rows left out of a sample, and why. */
export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
}

/** The rows that a threshold model is fitted on, sorted by entity, then time: every value finite, lags taken. */
export interface ThresholdSample {
  readonly rows: number;
  readonly entities: number;
  readonly periods: number;
  /** every entity has every period */
  readonly balanced: boolean;
  /** entity of each row, ascending from 0 */
  readonly entity: Uint32Array;
  readonly entityLabels: readonly string[];
  /** period of each row, ascending from 0 within an entity */
  readonly time: Uint32Array;
  readonly timeLabels: readonly string[];
  /** the model has effects of the periods besides those of the entities */
  readonly timeEffects: boolean;
  readonly outcome: Variable;
  /** regime-independent regressors */
  readonly regressors: readonly Variable[];
  /** regime-dependent regressors */
  readonly regimeRegressors: readonly Variable[];
  readonly threshold: Variable;
  readonly dropped: readonly DroppedRows[];
}
