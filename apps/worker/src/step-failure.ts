/** What went wrong in a shard, and in which: the lowest failing shard of a job is the one reported. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  constructor(
    readonly shard: number,
    override readonly cause: unknown,
  ) {
    super(`shard ${shard} failed`, { cause });
  }
}
