import type { Writable } from 'node:stream';

/** What a command may touch of the process it runs in. */
export interface Surroundings {
  /** answers, and nothing else */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** progress, messages */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** aborted by the first Ctrl-C */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** module that exports `registry`: the core's analyses, or others in tests */
  readonly registryUrl: string;
}

const widest = 120;
const ofPipes = 100;

export const widthOf = (stream: { readonly columns?: number }): number => Math.min(widest, stream.columns || ofPipes);
