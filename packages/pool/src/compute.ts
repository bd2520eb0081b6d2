import type { CallName, Calls } from './calls.js';

export interface CallOptions {
  /** stops the call: at once between two replications, by ending the thread when it does not listen */
  readonly signal?: AbortSignal | undefined;
  /** longest that the call may take, once it has begun, before its thread is ended */
  readonly wallMs?: number | undefined;
}

/** Where the steps of jobs are computed: the threads of a pool, or a process of its own for each. */
export interface Compute {
  /**
   * @throws EstimationError, InputError, Interrupted or ComputationError from the computation; ThreadDeath when what computed it
   * died or was ended
   */
  call<Name extends Exclude<CallName, 'shard'>>(
    name: Name,
    asked: Calls[Name]['asked'],
    options?: CallOptions,
  ): Promise<Calls[Name]['answered']>;
  /** one shard; may report units computed so far */
  shard(
    asked: Calls['shard']['asked'],
    options?: CallOptions & { readonly onUnits?: (units: number) => void },
  ): Promise<Uint8Array>;
}
