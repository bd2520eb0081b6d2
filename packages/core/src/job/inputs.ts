import type { InputInfo, Inputs } from '../analyses/analysis.js';
import { decodePanel } from '../panel/encoded.js';
import type { Panel, PanelSummary } from '../panel/panel.js';
import { decodeWeights } from '../weights/encoded.js';
import type { WeightsSummary } from '../weights/summary.js';
import type { Weights } from '../weights/weights.js';

/** What a job reads, as it is stored: encoded, by the names that its spec gives them. */
export interface InputBytes {
  readonly dataset: Uint8Array;
  readonly weights?: Readonly<Record<string, Uint8Array>> | undefined;
}

/** The inputs of an analysis; the panel has the weights with it, so that W(…) finds them wherever a formula is evaluated. */
export function inputsOf(panel: Panel, weights?: ReadonlyMap<string, Weights> | undefined): Inputs {
  return weights === undefined || weights.size === 0 ? { panel } : { panel: { ...panel, weights }, weights };
}

/** The same for what is known at the door. */
export function inputInfoOf(
  panel: PanelSummary,
  weights: ReadonlyMap<string, WeightsSummary> | undefined,
  limits?: InputInfo['limits'],
): InputInfo {
  const known = weights === undefined || weights.size === 0 ? { panel } : { panel: { ...panel, weights }, weights };
  return limits === undefined ? known : { ...known, limits };
}

/** Views on the bytes: no copies when these are 8-byte aligned. */
export function decodeInputs({ dataset, weights = {} }: InputBytes): Inputs {
  const named = Object.entries(weights).map(([name, bytes]) => [name, decodeWeights(bytes)] as const);
  return inputsOf(decodePanel(dataset), new Map(named));
}
