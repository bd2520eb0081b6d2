import { dataset, datasetList, datasetPreview, pendingUpload, uploadQuery } from '@spillway/contracts';
import type { Request } from 'express';
import { type Deps, requireRoom, localTenant as tenant } from '../deps.js';
import { HttpError } from '../http-error.js';
import { makeIngest } from '../ingest.js';
import { presentDataset } from '../present.js';
import { requireMedia } from '../read-body.js';
import { pathParameter, type Route } from '../route.js';

const media = ['text/csv', 'text/tab-separated-values'];

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

export function datasetRoutes(deps: Deps): Route[] {
  const { datasets } = deps;
  const ingest = makeIngest(deps, {
    kind: 'datasets',
    word: 'dataset',
    store: datasets,
    present: presentDataset,
    cost: (bytes) => ({ cpuSeconds: 0.1 + bytes / 2e7, bytes: 4 * bytes, arithmetic: `${bytes} bytes of file` }),
    status: (code) => (notAPanel.has(code) ? 422 : 400),
  });

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
      handle: async (req, res) => {
        requireMedia(req, media);
        await requireRoom(deps);
        const { name = '', ...options } = uploadQuery.parse(req.query);
        await ingest.upload(req, res, { options, name });
      },
    },
    {
      method: 'get',
      path: '/v1/datasets/uploads/{id}',
      summary: 'What became of an upload',
      answers: {
        201: { description: 'the dataset', schema: dataset },
        202: { description: 'still being read', schema: pendingUpload },
      },
      handle: (req, res) => ingest.later(res, pathParameter(req, 'id')),
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
