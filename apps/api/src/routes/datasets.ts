import { createHash, randomUUID } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { dataset, datasetList, datasetPreview, pendingUpload, uploadQuery } from '@spillway/contracts';
import { type Cost, canonicalJson, type Problem, sha256 } from '@spillway/core';
import { fieldBytes, type JobRecord } from '@spillway/queue';
import type { Request, Response } from 'express';
import { type Deps, localOwner, requireRoom, localTenant as tenant } from '../deps.js';
import { HttpError } from '../http-error.js';
import { presentDataset } from '../present.js';
import { requireMedia } from '../read-body.js';
import { traceOf } from '../request-log.js';
import { pathParameter, type Route } from '../route.js';
import { waitForJob } from '../wait-for-job.js';

const media = ['text/csv', 'text/tab-separated-values'];
/** How long an upload's answer waits for its file to be read. */
const waitMs = 30_000;

/** What is wrong with a table as a panel is 422; a file that cannot be read as a table is 400. */
const notAPanel = new Set([
  'unknown_column',
  'same_column',
  'duplicate_key',
  'missing_key',
  'not_a_panel',
  'bad_time',
  'bad_step',
  'text_in_numeric_column',
  'number_out_of_range',
]);

/** Many clients read no answer before they have sent all: what still comes is let go by, for a second at most. */
async function readOut(req: Request): Promise<void> {
  req.resume();
  await Promise.race([finished(req).catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1_000))]);
}

export function datasetRoutes(deps: Deps): Route[] {
  const { settings, core, jobs, datasets, driver, events } = deps;

  /** Takes the body into Redis in fields of 1 MB as it arrives; the file is never whole in this process. */
  async function takeUpload(req: Request): Promise<{ upload: string; hash: string; bytes: number }> {
    const tooLarge = () => new HttpError(413, 'too_large', `an upload may have ${settings.uploadBytes} bytes`);
    if (Number(req.get('Content-Length') ?? 0) > settings.uploadBytes) throw tooLarge();
    const upload = randomUUID();
    const hash = createHash('sha256');
    let pending: Buffer[] = [];
    let held = 0;
    let bytes = 0;
    let field = 0;
    const put = async (part: Buffer) => datasets.putUpload(tenant, upload, field++, part);
    try {
      // Not destroyed when it is refused: the answer goes out on the same connection.
      for await (const piece of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > settings.uploadBytes) throw tooLarge();
        hash.update(piece);
        pending.push(piece);
        held += piece.length;
        while (held >= fieldBytes) {
          const all = Buffer.concat(pending);
          await put(all.subarray(0, fieldBytes));
          pending = [all.subarray(fieldBytes)];
          held = all.length - fieldBytes;
        }
      }
      if (held > 0 || field === 0) await put(Buffer.concat(pending));
    } catch (error) {
      await datasets.dropUpload(tenant, upload).catch(() => {});
      await readOut(req);
      throw error;
    }
    return { upload, hash: hash.digest('hex'), bytes };
  }

  async function upload(req: Request, res: Response): Promise<void> {
    requireMedia(req, media);
    await requireRoom(deps);
    const { name = '', ...options } = uploadQuery.parse(req.query);
    const taken = await takeUpload(req);
    const id = sha256(canonicalJson({ tenant, ingest: taken.hash, core, options })).slice(0, 32);
    const cost: Cost = {
      cpuSeconds: 0.1 + taken.bytes / 2e7,
      bytes: 4 * taken.bytes,
      arithmetic: `${taken.bytes} bytes of file`,
    };
    const spec = { upload: taken.upload, options, name };
    const submitted = await jobs.submit({ tenant, id, kind: 'ingest', core, spec, cost, owner: localOwner, trace: traceOf(req) });
    if (submitted.outcome === 'over') {
      await datasets.dropUpload(tenant, taken.upload);
      throw new HttpError(
        429,
        'over_quota',
        `${submitted.what}: ${submitted.held} held + ${submitted.wanted} wanted > ${submitted.limit}`,
        {
          retryAfterSeconds: 5,
        },
      );
    }
    await driver.drive({ tenant, id });
    await answerUpload(res, await waitForJob(jobs, events, { tenant, id }, waitMs), id);
  }

  async function answerUpload(res: Response, record: JobRecord | null, id: string): Promise<void> {
    if (record === null) throw new HttpError(404, 'unknown_upload', `no upload ${id}`);
    if (record.state === 'succeeded') {
      const made = record.result === null ? null : await datasets.get(tenant, record.result);
      if (!made) throw new HttpError(404, 'unknown_dataset', 'the dataset of this upload has been deleted');
      res.status(201).location(`/v1/datasets/${made.hash}`).json(presentDataset(made));
    } else if (record.state === 'failed') {
      const { code, message, problems = [] } = record.failure ?? { code: 'failed', message: 'the file could not be read' };
      if (!record.final) throw new HttpError(500, code, message);
      throw new HttpError(notAPanel.has(code) ? 422 : 400, code, message, { errors: problems as Problem[] });
    } else {
      res.status(202).location(`/v1/datasets/uploads/${id}`).set('Retry-After', '2').json({ upload: id, state: record.state });
    }
  }

  const find = async (req: Request) => {
    const id = pathParameter(req, 'id');
    const found = await datasets.get(tenant, id);
    if (!found) throw new HttpError(404, 'unknown_dataset', `no dataset ${id}`);
    return found;
  };

  return [
    {
      method: 'post',
      path: '/v1/datasets',
      summary: 'Upload a panel: the body is the file',
      query: uploadQuery,
      body: media,
      answers: {
        201: { description: 'the dataset', schema: dataset },
        202: { description: 'still being read; ask again at Location', schema: pendingUpload },
        400: { description: 'the file cannot be read as a table' },
        413: { description: 'too large' },
        415: { description: 'another media type' },
        422: { description: 'the table is not a panel by these columns' },
      },
      handle: upload,
    },
    {
      method: 'get',
      path: '/v1/datasets/uploads/{id}',
      summary: 'What became of an upload',
      answers: {
        201: { description: 'the dataset', schema: dataset },
        202: { description: 'still being read', schema: pendingUpload },
      },
      handle: async (req, res) => {
        const id = pathParameter(req, 'id');
        await answerUpload(res, await jobs.get({ tenant, id }), id);
      },
    },
    {
      method: 'get',
      path: '/v1/datasets',
      summary: 'Datasets, newest first',
      answers: { 200: { description: 'all of them', schema: datasetList } },
      handle: async (_req, res) => {
        res.json({ data: (await datasets.list(tenant)).map(presentDataset) });
      },
    },
    {
      method: 'get',
      path: '/v1/datasets/{id}',
      summary: 'One dataset: columns, entities, periods, balance, what is missing',
      answers: { 200: { description: 'the dataset', schema: dataset }, 404: { description: 'none of this id' } },
      handle: async (req, res) => {
        res.json(presentDataset(await find(req)));
      },
    },
    {
      method: 'get',
      path: '/v1/datasets/{id}/preview',
      summary: 'The first rows',
      answers: {
        200: { description: 'rows in canonical order', schema: datasetPreview },
        404: { description: 'none of this id' },
      },
      handle: async (req, res) => {
        const { hash } = await find(req);
        res.type('application/json').send((await datasets.preview(tenant, hash)) ?? '{"columns":[],"rows":[]}');
      },
    },
    {
      method: 'delete',
      path: '/v1/datasets/{id}',
      summary: 'Delete a dataset: hidden at once, removed when no live job reads it',
      answers: { 204: { description: 'done' }, 404: { description: 'none of this id' } },
      handle: async (req, res) => {
        const { hash } = await find(req);
        await datasets.remove(tenant, hash);
        res.status(204).end();
      },
    },
  ];
}
