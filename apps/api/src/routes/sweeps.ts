import { job, pageQuery, submitSweep, sweepItems, tableQuery } from '@spillway/contracts';
import type { JobRecord } from '@spillway/queue';
import type { Request } from 'express';
import type { Deps } from '../deps.js';
import { makeDocuments } from '../documents.js';
import { HttpError } from '../http-error.js';
import { makeJobDoor } from '../job-door.js';
import { presentJob } from '../present.js';
import { refuseReservedKeys } from '../read-body.js';
import type { Route } from '../route.js';
import { lifeRoutes } from './life.js';

/** A sweep is a job of the analysis `sweep`; these routes say so in its own words. */
export function sweepRoutes(deps: Deps): Route[] {
  const door = makeJobDoor(deps, 'sweep');
  const { submit, find, refOf, sendResult } = door;
  const documents = makeDocuments(deps);

  /** A sweep with something in its table: whole, or as far as it has come. */
  async function withItems(req: Request): Promise<JobRecord> {
    const record = await find(refOf(req));
    if (record.state === 'failed' || record.state === 'cancelled')
      throw new HttpError(
        409,
        record.failure?.code ?? record.state,
        `the sweep has ${record.state}; retry goes on from what it has`,
      );
    if (record.state !== 'succeeded' && record.prefix === 0)
      throw new HttpError(409, 'not_ready', 'no item has been computed yet', { retryAfterSeconds: 1 });
    return record;
  }

  const missing = { 404: { description: 'no such sweep' } };
  return [
    {
      method: 'post',
      path: '/v1/sweeps',
      summary: 'Run an analysis over a grid, a list or a random draw of specifications',
      body: submitSweep,
      answers: {
        202: { description: 'accepted, or already under way', schema: job },
        200: { description: 'ended already: its table is there', schema: job },
        422: { description: 'fits, and is refused: no items or too many, with the count; unknown names and params' },
        429: { description: 'over quota' },
      },
      handle: async (req, res) => {
        refuseReservedKeys(req.body);
        const { dataset, weights, seed, webhook, ...params } = submitSweep.parse(req.body);
        await submit({ analysis: 'sweep', dataset, weights, seed, webhook, params }, req, res).catch((error: unknown) => {
          throw error instanceof HttpError ? unnested(error) : error;
        });
      },
    },
    {
      method: 'get',
      path: '/v1/sweeps/{id}',
      summary: 'State and progress; partial says how many are fitted and failed so far, and their median',
      answers: { 200: { description: 'the sweep as a job', schema: job }, ...missing },
      handle: async (req, res) => {
        res.json(presentJob(await find(refOf(req))));
      },
    },
    {
      method: 'get',
      path: '/v1/sweeps/{id}/items',
      summary: 'Items with their choices in words, a page at a time; while it runs, those so far',
      query: pageQuery,
      answers: { 200: { description: 'a page', schema: sweepItems }, 409: { description: 'none yet' }, ...missing },
      handle: async (req, res) => {
        const { after, limit } = pageQuery.parse(req.query);
        await documents.sendOf(await withItems(req), { what: 'sweep-items', after, limit, format: 'json' }, req, res);
      },
    },
    {
      method: 'get',
      path: '/v1/sweeps/{id}/table',
      summary: 'Every item as CSV, Parquet or JSON; while it runs, those so far',
      query: tableQuery,
      answers: { 200: { description: 'the table', media: 'text/csv' }, 409: { description: 'none yet' }, ...missing },
      handle: async (req, res) => {
        const { format } = tableQuery.parse(req.query);
        const record = await withItems(req);
        if (format !== 'json') await documents.sendOf(record, { what: 'sweep', format }, req, res);
        else if (record.state === 'succeeded') await sendResult(req, res);
        else
          throw new HttpError(409, 'not_ready', 'the JSON table is the result: wait for its end, or ask for items', {
            retryAfterSeconds: 1,
          });
      },
    },
    ...lifeRoutes(deps, door, 'sweep'),
  ];
}

/** What is params of a job is the body of a sweep. */
function unnested({ status, code, message, more }: HttpError): HttpError {
  const errors = more.errors?.map((problem) => ({ ...problem, pointer: problem.pointer.replace(/^\/params/, '') }));
  return new HttpError(status, code, message, errors === undefined ? more : { ...more, errors });
}
