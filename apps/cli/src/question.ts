import type { Report } from '@spillway/core';
import type { PanelFileOptions } from './arguments.js';
import type { WeightsBytes } from './weights-argument.js';

/** What `run` was asked, before anybody looked at it. */
export interface Question {
  readonly analysis: string;
  readonly params: Record<string, unknown>;
  readonly seed: number | undefined;
  /** bytes of the file */
  readonly data: Uint8Array;
  /** told of the end, when a service answers */
  readonly webhook?: string | undefined;
  /** of the file, for people */
  readonly name: string;
  readonly file: PanelFileOptions;
  /** in the order given: the options of one may name those before it */
  readonly weights: readonly WeightsBytes[];
}

export interface AnswerToQuestion {
  /** exact bytes, the same here and there */
  readonly result: Uint8Array;
  readonly report: Report;
}
