import { type Cost, canonicalJson, type Problem, sha256 } from '@spillway/core';
import type { JobRecord, ResourceKind, ResourceRecord, Resources } from '@spillway/queue';
import type { Request, Response } from 'express';
import { type Deps, localOwner, localTenant as tenant } from './deps.js';
import { HttpError } from './http-error.js';
import { traceOf } from './request-log.js';
import { takeUpload } from './take-upload.js';
import { waitForJob } from './wait-for-job.js';

/** How long an upload's answer waits for its file to be read. */
const waitMs = 30_000;

/** What an upload becomes, and how it is spoken of. */
export interface Ingested<Summary> {
  readonly kind: ResourceKind;
  /** the one thing: "dataset" */
  readonly word: string;
  readonly store: Resources<Summary>;
  readonly present: (record: ResourceRecord<Summary>) => object;
  readonly cost: (bytes: number) => Cost;
  /** 422 for what can be read and cannot be used, 400 for what cannot be read */
  readonly status: (code: string) => 400 | 422;
}

export interface Reading {
  readonly options: unknown;
  readonly name: string;
  /** weights that the options speak of, by the names they have there */
  readonly others?: Readonly<Record<string, string>> | undefined;
}

/** A file on its way in: taken as it comes, read by a worker, answered when it is there or after a while. */
export function makeIngest<Summary>(deps: Deps, { kind, word, store, present, cost, status }: Ingested<Summary>) {
  const { core, jobs, driver, events, uploads } = deps;

  async function upload(req: Request, res: Response, { options, name, others = {} }: Reading): Promise<void> {
    const taken = await takeUpload(deps, req);
    const id = sha256(canonicalJson({ tenant, into: kind, ingest: taken.hash, core, options, others })).slice(0, 32);
    const spec = { into: kind, upload: taken.upload, options, name, others };
    const asked = {
      tenant,
      id,
      kind: 'ingest',
      core,
      spec,
      cost: cost(taken.bytes),
      owner: localOwner,
      trace: traceOf(req),
    } as const;
    const submitted = await jobs.submit(asked);
    if (submitted.outcome === 'over' || submitted.outcome === 'gone') await uploads.drop(tenant, taken.upload);
    if (submitted.outcome === 'over') {
      const { what, held, wanted, limit } = submitted;
      throw new HttpError(429, 'over_quota', `${what}: ${held} held + ${wanted} wanted > ${limit}`, { retryAfterSeconds: 5 });
    }
    if (submitted.outcome === 'gone')
      throw new HttpError(422, 'unknown_weights', `weights ${submitted.hash} have just been deleted`);
    await driver.drive({ tenant, id });
    await answer(res, await waitForJob(jobs, events, { tenant, id }, waitMs), id);
  }

  async function answer(res: Response, record: JobRecord | null, id: string): Promise<void> {
    if (record === null) throw new HttpError(404, 'unknown_upload', `no upload ${id}`);
    if (record.state === 'succeeded') {
      const made = record.result === null ? null : await store.get(tenant, record.result);
      if (!made) throw new HttpError(404, `unknown_${word}`, `the ${word} of this upload has been deleted`);
      res.status(201).location(`/v1/${kind}/${made.hash}`).json(present(made));
    } else if (record.state === 'failed') {
      const { code, message, problems = [] } = record.failure ?? { code: 'failed', message: 'the file could not be read' };
      if (!record.final) throw new HttpError(500, code, message);
      throw new HttpError(status(code), code, message, { errors: problems as Problem[] });
    } else {
      res.status(202).location(`/v1/${kind}/uploads/${id}`).set('Retry-After', '2').json({ upload: id, state: record.state });
    }
  }

  /** What became of an upload that took longer than its answer waited. */
  const later = async (res: Response, id: string) => answer(res, await jobs.get({ tenant, id }), id);

  return { upload, later };
}
