import { pipeline } from 'node:stream/promises';
import { canonicalJson, type JobSpec, sha256 } from '@spillway/core';
import type { JobRecord, RenderSpec } from '@spillway/queue';
import type { Request, Response } from 'express';
import { type Deps, localOwner, localTenant as tenant } from './deps.js';
import { HttpError } from './http-error.js';
import { traceOf } from './request-log.js';
import { waitForJob } from './wait-for-job.js';

/** What may be drawn of a result: the requests that the worker's renderer knows. */
export type DocumentRequest =
  | { readonly what: 'report'; readonly format: 'csv' | 'md' | 'html' | 'latex' | 'docx' }
  | { readonly what: 'figure'; readonly number: number; readonly format: 'svg' | 'png' | 'json' }
  | { readonly what: 'sweep'; readonly format: 'csv' | 'parquet' }
  | { readonly what: 'weights'; readonly format: 'csv' | 'matrix' | 'gal' | 'gwt' }
  | { readonly what: 'sweep-items'; readonly after: number; readonly limit: number; readonly format: 'json' };

const media: Readonly<Record<DocumentRequest['format'], string>> = {
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  latex: 'application/x-latex; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json; charset=utf-8',
  matrix: 'text/csv; charset=utf-8',
  gal: 'text/plain; charset=utf-8',
  gwt: 'text/plain; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** How long an answer waits for its document to be drawn. */
const waitMs = 30_000;

/** Documents are drawn by workers, as jobs of their own kind, and kept for a while: this process only hands them on. */
export function makeDocuments({ core, jobs, driver, events, log }: Deps) {
  /** @param job  one that has succeeded; or is under way, for a sweep's table so far */
  function sendOf(job: JobRecord, document: DocumentRequest, req: Request, res: Response): Promise<void> {
    const soFar = job.state === 'succeeded' ? {} : { soFar: { spec: job.spec as JobSpec, prefix: job.prefix } };
    const spec = { of: { tenant, id: job.id }, epoch: job.epoch, document, ...soFar };
    return send({ spec, source: job.result, size: job.resultBytes ?? 1e6 }, document, req, res);
  }

  const sendWeights = (hash: string, size: number, format: 'csv' | 'matrix' | 'gal' | 'gwt', req: Request, res: Response) => {
    const document = { what: 'weights', format } as const;
    return send({ spec: { weights: hash, document }, source: hash, size }, document, req, res);
  };

  /** @param source  the hash of what is drawn: another one is another document */
  async function send(
    { spec, source, size }: { spec: RenderSpec; source: string | null; size: number },
    document: DocumentRequest,
    req: Request,
    res: Response,
  ): Promise<void> {
    const etag = `"${sha256(canonicalJson([source, spec, core])).slice(0, 32)}"`;
    if (req.get('If-None-Match') === etag) {
      res.status(304).end();
      return;
    }
    const id = sha256(canonicalJson({ tenant, render: spec, source, core })).slice(0, 32);
    const cost = { cpuSeconds: 0.2 + size / 2e7, bytes: 4 * size, arithmetic: `a document of ${size} bytes of result` };
    const asked = { tenant, id, kind: 'render', core, spec, cost, owner: localOwner, trace: traceOf(req) } as const;
    const submitted = await jobs.submit(asked);
    if (submitted.outcome === 'over') {
      const { what, held, wanted, limit } = submitted;
      throw new HttpError(429, 'over_quota', `${what}: ${held} held + ${wanted} wanted > ${limit}`, { retryAfterSeconds: 5 });
    }
    if (submitted.outcome === 'new') log.info({ job: id, of: source, document, trace_id: asked.trace }, 'document asked for');
    await driver.drive({ tenant, id });
    const drawn = await waitForJob(jobs, events, { tenant, id }, waitMs);
    if (drawn?.state === 'failed') {
      const { code = 'failed', message = 'the document could not be drawn' } = drawn.failure ?? {};
      throw new HttpError(code === 'expired' ? 410 : code === 'unknown_figure' ? 404 : 500, code, message);
    }
    if (drawn?.state !== 'succeeded') {
      throw new HttpError(503, 'still_drawing', 'the document is still being drawn: ask again', { retryAfterSeconds: 2 });
    }
    const fields = jobs.result({ tenant, id }, drawn.epoch);
    const first = await fields.next();
    if (first.done) throw new HttpError(410, 'expired', 'the document has expired: ask again');
    res.set('ETag', etag).set('Cache-Control', 'no-cache').set('Content-Type', media[document.format]);
    res.set('Content-Length', String(drawn.resultBytes));
    // what people wrote stands in reports: nothing in a page that we hand out may run
    if (document.format === 'html' || document.format === 'svg')
      res.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    await pipeline(async function* () {
      yield first.value;
      yield* fields;
    }, res);
  }

  return { sendOf, sendWeights };
}
