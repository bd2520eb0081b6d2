import type { JobRef } from './keys.js';

/** What of a job a task does: the plan, chunk k of the shards, the early-stop question at checkpoint c, the combining. */
export type Step = 'plan' | 'combine' | `check${number}` | `${number}`;

/**
 * A task is its id: tenant, job, epoch, step and how many processes have died on it. Nothing else is read from BullMQ,
 * whose record of a task can vanish while its id lives.
 */
export interface Task extends JobRef {
  readonly epoch: number;
  readonly step: Step;
  readonly deaths: number;
}

export function taskId({ tenant, id, epoch, step, deaths }: Task): string {
  return `${tenant}.${id}.${epoch}.${step}${deaths > 0 ? `x${deaths}` : ''}`;
}

const pattern = /^([a-z0-9-]+)\.([0-9a-f]+)\.(\d+)\.(plan|combine|check\d+|\d+)(?:x(\d+))?$/;

export function parseTaskId(text: string): Task {
  const match = pattern.exec(text);
  if (!match) throw new TypeError(`not a task id: ${JSON.stringify(text)}`);
  const [, tenant, id, epoch, step, deaths] = match;
  return { tenant, id, epoch: Number(epoch), step: step as Step, deaths: Number(deaths ?? 0) };
}
