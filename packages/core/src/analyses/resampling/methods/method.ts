import type { EstimationError } from '../../../errors.js';
import type { PanelSummary } from '../../../panel/panel.js';
import type { Model, TreatmentFit } from '../model.js';
import type { MethodRequest, ResamplingParams } from '../params.js';

/** What every method starts from. */
export interface Given {
  readonly params: ResamplingParams;
  readonly model: Model;
  /** the regression on all rows */
  readonly full: TreatmentFit;
}

export interface PlannedMethod<Context> {
  /** small, or what the kernel reads; the rest is made again from params and panel where a shard runs */
  readonly context: Context;
  readonly units: number;
  /** numbers that a unit leaves behind */
  readonly width: number;
  readonly secondsPerUnit: number;
}

/** Writes the numbers of one unit at `at`. @throws EstimationError when this unit alone has none */
export type RunUnit = (unit: number, out: Float64Array, at: number) => void;

/** A unit that has no numbers, and why. */
export interface UnitFailure {
  readonly unit: number;
  readonly code: EstimationError['code'];
  readonly message: string;
}

/** One way of resampling: units that can run anywhere, and what is made of their numbers. */
export interface Method<Request extends MethodRequest, Context, Result> {
  /** units and CPU seconds of each as far as they show at the door */
  foresee(request: Request, panel: PanelSummary, params: ResamplingParams): { readonly units: number; readonly seconds: number };
  plan(request: Request, given: Given): PlannedMethod<Context>;
  start(request: Request, context: Context, given: () => Given, seed: number): RunUnit;
  combine(request: Request, context: Context, given: Given, numbers: Float64Array, failures: readonly UnitFailure[]): Result;
}

/** Streams of the generator: one a kind of draw, so that a method's numbers do not depend on what else was asked for. */
export const streams = { wild: 0, space: 1, rows: 2, mixed: 3, randomization: 4 } as const;

/** CPU seconds of one refit of all columns on other rows, errors included; measured on one core at 2.6 GHz. */
export const refitSeconds = (rows: number, regressors: number) => 1e-4 + rows * 1.2e-7 * (regressors + 1);

/** CPU seconds of one fit with another treatment: one column transformed and swept; measured likewise. */
export const reassignSeconds = (rows: number, regressors: number) => 2e-5 + rows * (5e-8 + 2e-8 * (regressors + 1));
