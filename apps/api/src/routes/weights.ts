import { pendingUpload, weights, weightsList, weightsPreview } from '@spillway/contracts';
import { weightsNeeded, weightsOptions } from '@spillway/core';
import type { Request } from 'express';
import { z } from 'zod';
import { type Deps, requireRoom, localTenant as tenant } from '../deps.js';
import { makeDocuments } from '../documents.js';
import { HttpError } from '../http-error.js';
import { makeIngest } from '../ingest.js';
import { presentWeights } from '../present.js';
import { requireMedia } from '../read-body.js';
import { pathParameter, type Route } from '../route.js';

const media = ['text/csv', 'text/tab-separated-values', 'text/plain', 'application/geo+json', 'application/json'];

/** What can be read and makes no weights is 422; a file that cannot be read is 400. */
const unreadable = new Set([
  'empty_file',
  'not_utf8',
  'not_json',
  'bad_quote',
  'line_too_long',
  'no_header',
  'no_rows',
  'ragged_row',
]);

const linksQuery = z.strictObject({
  format: z.enum(['csv', 'matrix', 'gal', 'gwt']).default('csv').describe('csv: from, to, weight. matrix: n × n.'),
});

const query = z.intersection(
  z.object({ name: z.string().max(200).optional().describe('for people; not part of the identity') }),
  weightsOptions,
);

export function weightsRoutes(deps: Deps): Route[] {
  const ingest = makeIngest(deps, {
    kind: 'weights',
    word: 'weights',
    store: deps.weights,
    present: presentWeights,
    // the densest file is a matrix; distances between all pairs are refused past a size by the core
    cost: (bytes) => ({ cpuSeconds: 0.1 + bytes / 1e6, bytes: 12 * bytes, arithmetic: `${bytes} bytes of file` }),
    status: (code) => (unreadable.has(code) ? 400 : 422),
  });

  const documents = makeDocuments(deps);

  /** Weights that options speak of by their ids. */
  async function others(names: readonly string[]): Promise<Record<string, string>> {
    for (const id of names) {
      if ((await deps.weights.get(tenant, id)) !== null) continue;
      throw new HttpError(422, 'unknown_weights', `no weights ${id}: the options must name weights by their id`);
    }
    return Object.fromEntries(names.map((id) => [id, id]));
  }

  const find = async (req: Request) => {
    const id = pathParameter(req, 'id');
    const found = await deps.weights.get(tenant, id);
    if (!found) throw new HttpError(404, 'unknown_weights', `no weights ${id}`);
    return found;
  };

  return [
    {
      method: 'post',
      path: '/v1/weights',
      summary: 'Upload spatial weights, or what they are made of: the body is the file',
      query,
      body: media,
      answers: {
        201: { description: 'the weights', schema: weights },
        202: { description: 'still being read; ask again at Location', schema: pendingUpload },
        400: { description: 'the file cannot be read' },
        413: { description: 'too large' },
        415: { description: 'another media type' },
        422: { description: 'the file makes no weights by these options' },
      },
      handle: async (req, res) => {
        requireMedia(req, media);
        await requireRoom(deps);
        const { name = '', ...rest } = req.query;
        if (typeof name !== 'string' || name.length > 200)
          throw new HttpError(400, 'bad_name', 'a name has at most 200 characters');
        const options = weightsOptions.parse(rest);
        await ingest.upload(req, res, { options, name, others: await others(weightsNeeded(options)) });
      },
    },
    {
      method: 'get',
      path: '/v1/weights/uploads/{id}',
      summary: 'What became of an upload',
      answers: {
        201: { description: 'the weights', schema: weights },
        202: { description: 'still being read', schema: pendingUpload },
      },
      handle: (req, res) => ingest.later(res, pathParameter(req, 'id')),
    },
    {
      method: 'get',
      path: '/v1/weights',
      summary: 'Weights, newest first',
      answers: { 200: { description: 'all of them', schema: weightsList } },
      handle: async (_req, res) => {
        res.json({ data: (await deps.weights.list(tenant)).map(presentWeights) });
      },
    },
    {
      method: 'get',
      path: '/v1/weights/{id}',
      summary: 'One matrix: units, links, islands, symmetry, normalisation',
      answers: { 200: { description: 'the weights', schema: weights }, 404: { description: 'none of this id' } },
      handle: async (req, res) => {
        res.json(presentWeights(await find(req)));
      },
    },
    {
      method: 'get',
      path: '/v1/weights/{id}/preview',
      summary: 'The first links',
      answers: {
        200: { description: 'links in the order of units', schema: weightsPreview },
        404: { description: 'none of this id' },
      },
      handle: async (req, res) => {
        const { hash } = await find(req);
        res.type('application/json').send((await deps.weights.preview(tenant, hash)) ?? '{"columns":[],"rows":[]}');
      },
    },
    {
      method: 'get',
      path: '/v1/weights/{id}/links',
      summary: 'Every link, as other programs read it',
      query: linksQuery,
      answers: { 200: { description: 'the weights', media: 'text/csv' }, 404: { description: 'none of this id' } },
      handle: async (req, res) => {
        const { format } = linksQuery.parse(req.query);
        const { hash, bytes } = await find(req);
        await documents.sendWeights(hash, bytes, format, req, res);
      },
    },
    {
      method: 'delete',
      path: '/v1/weights/{id}',
      summary: 'Delete weights: hidden at once, removed when no live job reads them',
      answers: { 204: { description: 'done' }, 404: { description: 'none of this id' } },
      handle: async (req, res) => {
        const { hash } = await find(req);
        await deps.weights.remove(tenant, hash);
        res.status(204).end();
      },
    },
  ];
}
