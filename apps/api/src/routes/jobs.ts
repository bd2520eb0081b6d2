import { documentQuery, job, jobList, jobListQuery, submitJob } from '@spillway/contracts';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { type Deps, localTenant as tenant } from '../deps.js';
import { makeDocuments } from '../documents.js';
import { HttpError } from '../http-error.js';
import { makeJobDoor } from '../job-door.js';
import { presentJob } from '../present.js';
import { refuseReservedKeys } from '../read-body.js';
import { pathParameter, type Route } from '../route.js';
import { lifeRoutes } from './life.js';

export function jobRoutes(deps: Deps): Route[] {
  const { jobs } = deps;
  const door = makeJobDoor(deps);
  const { submit, find, findResult, refOf, sendResult, sendReport } = door;
  const documents = makeDocuments(deps);

  async function list(req: Request, res: Response): Promise<void> {
    const { limit, cursor } = jobListQuery.parse(req.query);
    const before = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
    if (before !== undefined && !/^[0-9a-f]{32}$/.test(before))
      throw new HttpError(400, 'bad_cursor', 'this cursor is none of ours');
    const { records, next } = await jobs.list(tenant, limit, before);
    res.json({ data: records.map(presentJob), nextCursor: next === null ? null : Buffer.from(next).toString('base64url') });
  }

  const missing = { 404: { description: 'no such job' } };
  return [
    {
      method: 'post',
      path: '/v1/jobs',
      summary: 'Submit a job; equal submissions are one job',
      body: submitJob,
      answers: {
        202: { description: 'accepted, or already under way', schema: job },
        200: { description: 'ended already: its result is there', schema: job },
        400: { description: 'does not parse or fit the schema' },
        422: { description: 'fits, and is refused: unknown names, data it cannot be done on, a cost over the limit' },
        429: { description: 'over quota' },
        503: { description: 'the store does not answer; send it again' },
      },
      handle: (req, res) => {
        refuseReservedKeys(req.body);
        return submit(submitJob.parse(req.body), req, res);
      },
    },
    {
      method: 'get',
      path: '/v1/jobs',
      summary: 'Jobs, newest first',
      query: jobListQuery,
      answers: { 200: { description: 'a page', schema: jobList } },
      handle: list,
    },
    {
      method: 'get',
      path: '/v1/jobs/{id}',
      summary: 'State and progress',
      answers: { 200: { description: 'the job', schema: job }, ...missing },
      handle: async (req, res) => {
        res.json(presentJob(await find(refOf(req))));
      },
    },
    {
      method: 'get',
      path: '/v1/jobs/{id}/result',
      summary: 'The result, as JSON whose ETag is its sha256; or its tables, drawn',
      query: documentQuery,
      answers: {
        200: { description: 'see the result schema of the analysis', schema: z.record(z.string(), z.unknown()) },
        503: { description: 'still being drawn: ask again' },
        409: { description: 'not there (yet)' },
        410: { description: 'expired' },
        ...missing,
      },
      handle: async (req, res) => {
        const { format } = documentQuery.parse(req.query);
        if (format === 'json') return sendResult(req, res);
        await documents.sendOf(await findResult(req), { what: 'report', format }, req, res);
      },
    },
    {
      method: 'get',
      path: '/v1/jobs/{id}/report',
      summary: 'Verdict, tables and figures as data',
      answers: {
        200: { description: 'the report', schema: z.record(z.string(), z.unknown()) },
        409: { description: 'not there (yet)' },
        ...missing,
      },
      handle: sendReport,
    },
    {
      method: 'get',
      path: '/v1/jobs/{id}/figures/{figure}',
      summary: 'A figure of the report: 1.svg, 1.png, or 1.json for its Vega-Lite specification',
      answers: {
        200: { description: 'the figure', media: 'image/svg+xml' },
        409: { description: 'not there (yet)' },
        503: { description: 'still being drawn: ask again' },
        ...missing,
      },
      handle: async (req, res) => {
        const [, number, format] = /^([1-9]\d{0,2})\.(svg|png|json)$/.exec(pathParameter(req, 'figure')) ?? [];
        if (number === undefined) throw new HttpError(404, 'unknown_figure', 'figures are 1.svg, 1.png, 1.json, 2.svg, …');
        const document = { what: 'figure', number: Number(number), format: format as 'svg' } as const;
        await documents.sendOf(await findResult(req), document, req, res);
      },
    },
    ...lifeRoutes(deps, door, 'job'),
  ];
}
