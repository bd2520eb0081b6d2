import type { Job } from '@spillway/client';
import type { Report, Table } from '@spillway/core';
import { formatNumber, type JobProgress, progressText } from '@spillway/render';
import { Failure } from './failure.js';
import { shortTime } from './output.js';

/** Progress as it is drawn; null before the job is planned. */
export function drawnProgress({ progress }: Job): JobProgress | null {
  return progress.total === null ? null : { ...progress, total: progress.total };
}

export function jobsTable(jobs: readonly Job[]): Table {
  return {
    title: '',
    columns: ['job', 'analysis', 'state', 'progress', 'created (UTC)'].map((label) => ({ label, align: 'left' })),
    rows: jobs.map((job) => ({ label: job.id, cells: [job.analysis, job.state, progressWords(job), shortTime(job.createdAt)] })),
    notes: [],
  };
}

function progressWords(job: Job): string {
  const progress = drawnProgress(job);
  return progress === null ? '' : progressText({ ...progress, partial: null });
}

export function jobLines(job: Job): string[] {
  const { cost, failure, ran, webhooks } = job;
  const facts: [string, string | null][] = [
    ['job', job.id],
    ['state', job.state],
    ['analysis', `${job.analysis} ${job.version}`],
    ['dataset', job.dataset],
    ['seed', String(job.seed)],
    ['cost', `${formatNumber(cost.cpuSeconds, 'significant', 2)} s of CPU: ${cost.arithmetic}`],
    ['progress', drawnProgress(job) && progressText(drawnProgress(job)!)],
    ['failure', failure && `${failure.message} (${failure.code})`],
    ['result', job.result && `sha256 ${job.result.sha256}, ${formatNumber(job.result.bytes, 'count')} bytes`],
    [
      'webhooks',
      webhooks &&
        `${webhooks.delivered} delivered, ${webhooks.pending} pending, ${webhooks.givenUp} given up${webhooks.problem === null ? '' : ` (${webhooks.problem})`}`,
    ],
    ['times', times(job)],
    ['ran', job.endedAt && `${ran.shards} shards, ${ran.recomputed} recomputed, ${ran.retried} retried`],
    ['core', job.core],
    ['params', JSON.stringify(job.params)],
  ];
  return facts.filter(([, words]) => words !== null).map(([name, words]) => `${name.padEnd(9)} ${words}`);
}

function times({ createdAt, startedAt, endedAt }: Job): string | null {
  const said = [
    createdAt && `created ${shortTime(createdAt)}`,
    startedAt && `started ${shortTime(startedAt)}`,
    endedAt && `ended ${shortTime(endedAt)}`,
  ].filter(Boolean);
  return said.length === 0 ? null : `${said.join(', ')} (UTC)`;
}

/** Nothing for a job that succeeded; the failure that every other end is. */
export function requireSuccess(job: Job): void {
  if (job.state === 'succeeded') return;
  if (job.failure) throw new Failure(1, `${job.failure.message} (${job.failure.code})`);
  throw new Failure(1, `job ${job.id} is ${job.state}`);
}

/** The report as it came over the wire. */
export const reportOf = (value: unknown) => value as Report;
