import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { SubmitJob } from '@spillway/contracts';
import {
  canonicalJson,
  findAnalysis,
  InputError,
  inputInfoOf,
  type JobSpec,
  jobId,
  makeSpec,
  type Problem,
  type WeightsSummary,
} from '@spillway/core';
import type { JobRecord, JobRef, NewJob } from '@spillway/queue';
import { webhookProblem } from '@spillway/settings';
import type { Request, Response } from 'express';
import { type Deps, localOwner, requireRoom, localTenant as tenant } from './deps.js';
import { HttpError } from './http-error.js';
import { presentJob } from './present.js';
import { traceOf } from './request-log.js';
import { pathParameter } from './route.js';

/**
 * Jobs at the door: what routes of jobs and of sweeps have in common.
 * @param only  the analysis whose jobs these routes know; all when left out
 */
export function makeJobDoor(deps: Deps, only?: string) {
  const { settings, registry, core, jobs, datasets, weights, driver, log } = deps;

  /** The request against the catalogue, the data and the cost model: everything that can be refused before a job exists. */
  async function admit(body: SubmitJob): Promise<Pick<NewJob, 'spec' | 'cost'> & { spec: JobSpec }> {
    if (!registry.has(body.analysis)) {
      try {
        findAnalysis(registry, body.analysis);
      } catch (error) {
        if (error instanceof InputError) throw new HttpError(422, error.code, error.message, { errors: error.problems });
      }
    }
    const spec = makeSpec(registry, body, core);
    const data = await datasets.get(tenant, body.dataset);
    if (!data) refuse('unknown_dataset', `no dataset ${body.dataset}: upload it first`, '/dataset');
    const analysis = findAnalysis(registry, spec.analysis);
    const info = inputInfoOf(data.summary, await weightsOf(spec), { replications: settings.maxReplications });
    const problems = analysis.check(spec.params, info);
    if (problems.length > 0) {
      const errors = problems.map((problem): Problem => ({ ...problem, pointer: `/params${problem.pointer}` }));
      throw new HttpError(422, errors[0].code, errors.map(({ message }) => message).join('; '), { errors });
    }
    const cost = analysis.cost(spec.params, info);
    if (cost.cpuSeconds > settings.tenantCpuSeconds || cost.bytes > settings.tenantBytes) {
      refuse(
        'too_costly',
        `this job would take about ${Math.ceil(cost.cpuSeconds)} CPU seconds and ${cost.bytes} bytes of Redis (${cost.arithmetic}); ` +
          `${settings.tenantCpuSeconds} s and ${settings.tenantBytes} bytes are allowed`,
        '/params',
      );
    }
    return { spec, cost };
  }

  function admitWebhook(webhook: string | undefined): string | undefined {
    if (webhook === undefined) return undefined;
    if (settings.webhookSecret === undefined) {
      refuse('no_webhooks', 'this service sends no webhooks: its operator has set no SPILLWAY_WEBHOOK_SECRET', '/webhook');
    }
    const problem = webhookProblem(webhook, settings.webhookHosts);
    if (problem !== null) refuse('bad_webhook', `webhook ${problem}`, '/webhook');
    return new URL(webhook).href;
  }

  async function weightsOf({ weights: named = {} }: JobSpec): Promise<ReadonlyMap<string, WeightsSummary>> {
    const found = new Map<string, WeightsSummary>();
    for (const [name, hash] of Object.entries(named)) {
      const record = await weights.get(tenant, hash);
      if (!record)
        refuse('unknown_weights', `no weights ${hash}: upload them first`, name === 'W' ? '/weights' : `/weights/${name}`);
      found.set(name, record.summary);
    }
    return found;
  }

  async function submit(body: SubmitJob, req: Request, res: Response): Promise<void> {
    const webhook = admitWebhook(body.webhook);
    const { spec, cost } = await admit(body);
    const key = req.get('Idempotency-Key')?.replace(/^"(.*)"$/, '$1');
    if (key !== undefined && (key.length === 0 || key.length > 255)) {
      throw new HttpError(400, 'bad_idempotency_key', 'an Idempotency-Key has 1 to 255 characters');
    }
    const idempotency =
      key === undefined
        ? undefined
        : {
            key: createHash('sha256').update(key).digest('hex'),
            fingerprint: createHash('sha256').update(canonicalJson(req.body)).digest('hex'),
          };
    const ref = { tenant, id: jobId(tenant, spec) };
    const owner = localOwner;
    await enqueue({ ...ref, kind: 'analysis', core, spec, cost, owner, idempotency, webhook, trace: traceOf(req) }, res);
  }

  /** Puts it on, drives it, answers: 202 when it has begun or goes on, 200 when it has ended already. */
  async function enqueue(job: NewJob, res: Response): Promise<void> {
    await requireRoom(deps);
    const submitted = await jobs.submit(job);
    const { tenant, id } = job;
    log.info(
      { job: id, analysis: (job.spec as JobSpec).analysis, outcome: submitted.outcome, trace_id: job.trace },
      'job submitted',
    );
    if (submitted.outcome === 'mismatch') {
      throw new HttpError(422, 'idempotency_mismatch', 'this Idempotency-Key was used with another body');
    }
    if (submitted.outcome === 'webhooks') {
      refuse('too_many_webhooks', `this job tells ${submitted.limit} addresses of its end already`, '/webhook');
    }
    if (submitted.outcome === 'gone') refuse('gone', `${submitted.hash} has just been deleted`, '/dataset');
    if (submitted.outcome === 'over') {
      const { what, held, wanted, limit } = submitted;
      throw new HttpError(429, 'over_quota', `${what}: ${held} held by unfinished jobs + ${wanted} wanted > ${limit}`, {
        retryAfterSeconds: 10,
      });
    }
    if (submitted.outcome === 'final') {
      throw new HttpError(409, 'final_failure', 'the same numbers fail the same way: change the request or the data');
    }
    await driver.drive({ tenant, id });
    const record = await find({ tenant, id });
    res.location(`/v1/${only === undefined ? 'jobs' : 'sweeps'}/${id}`);
    if (submitted.outcome !== 'ended') res.status(202).set('Retry-After', '1');
    res.json(presentJob(record));
  }

  async function find(ref: JobRef): Promise<JobRecord> {
    const record = await jobs.get(ref);
    if (record?.kind !== 'analysis' || (only !== undefined && (record.spec as JobSpec).analysis !== only))
      throw new HttpError(404, 'unknown_job', `no job ${ref.id}; if it was accepted before an outage, send it again`);
    return record;
  }
  const refOf = (req: Request): JobRef => ({ tenant, id: pathParameter(req, 'id') });

  /** The record of a job whose result is there; otherwise the answer says why it is not. */
  async function findResult(req: Request): Promise<JobRecord> {
    const record = await find(refOf(req));
    if (record.state === 'failed')
      throw new HttpError(409, record.failure?.code ?? 'failed', `the job failed: ${record.failure?.message}`);
    if (record.state !== 'succeeded') {
      throw new HttpError(409, 'not_ready', `the job is ${record.state}; its result is not there yet`, { retryAfterSeconds: 1 });
    }
    await jobs.touch(record, record.epoch);
    return record;
  }

  async function sendResult(req: Request, res: Response): Promise<void> {
    const record = await findResult(req);
    res.set('ETag', `"${record.result}"`).set('Cache-Control', 'no-cache');
    if (req.get('If-None-Match') === `"${record.result}"`) {
      res.status(304).end();
      return;
    }
    const fields = jobs.result(record, record.epoch);
    const first = await fields.next();
    if (first.done) throw new HttpError(410, 'expired', 'the result has expired; submit the job again');
    res.type('application/json').set('Content-Length', String(record.resultBytes));
    await pipeline(async function* () {
      yield first.value;
      yield* fields;
    }, res);
  }

  async function sendReport(req: Request, res: Response): Promise<void> {
    const record = await findResult(req);
    const report = await jobs.report(record, record.epoch);
    if (!report) throw new HttpError(410, 'expired', 'the report has expired; submit the job again');
    res.type('application/json').send(Buffer.from(report));
  }

  async function cancel(req: Request, res: Response): Promise<void> {
    const ref = refOf(req);
    await find(ref);
    const outcome = await jobs.cancel(ref, localOwner);
    if (outcome === 'succeeded' || outcome === 'failed')
      throw new HttpError(409, 'already_ended', `the job has ${outcome} already`);
    if (outcome === 'not_owner')
      throw new HttpError(409, 'not_owner', 'others want this job too, and you have taken your name off it');
    res.status(202).json(presentJob(await find(ref)));
  }

  async function retry(req: Request, res: Response): Promise<void> {
    const record = await find(refOf(req));
    if (record.state === 'succeeded') throw new HttpError(409, 'already_ended', 'the job has succeeded');
    const { tenant, id, cost } = record;
    const spec = { ...(record.spec as JobSpec), core };
    if (registry.get(spec.analysis)?.version !== spec.version)
      throw new HttpError(409, 'version_gone', `this service has another version of ${spec.analysis}: submit the job anew`);
    await enqueue({ tenant, id, kind: 'analysis', core, spec, cost, owner: localOwner, retry: true, trace: traceOf(req) }, res);
  }

  async function forget(req: Request, res: Response): Promise<void> {
    const ref = refOf(req);
    await find(ref);
    if ((await jobs.forget(ref)) === 'live') throw new HttpError(409, 'not_ended', 'cancel the job first');
    res.status(204).end();
  }

  return { submit, find, findResult, refOf, sendResult, sendReport, cancel, retry, forget };
}
export type JobDoor = ReturnType<typeof makeJobDoor>;

function refuse(code: string, message: string, pointer: string): never {
  throw new HttpError(422, code, message, { errors: [{ pointer, code, message }] });
}
