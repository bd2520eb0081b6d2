import { job } from '@spillway/contracts';
import type { Deps } from '../deps.js';
import type { JobDoor } from '../job-door.js';
import type { Route } from '../route.js';
import { streamEvents } from '../stream-events.js';

/** Watched, cancelled, tried again, forgotten: alike for jobs under every name. */
export function lifeRoutes(deps: Deps, { refOf, find, cancel, retry, forget }: JobDoor, noun: 'job' | 'sweep'): Route[] {
  const path = `/v1/${noun}s/{id}`;
  const missing = { 404: { description: `no such ${noun}` } };
  return [
    {
      method: 'get',
      path: `${path}/events`,
      summary: `Server-sent events: a snapshot, then the ${noun} whenever it changes, until it ends`,
      answers: {
        200: { description: 'events named `job`', media: 'text/event-stream' },
        204: { description: 'ended, and you have seen it' },
        ...missing,
      },
      handle: (req, res) => streamEvents(deps, refOf(req), find, req, res),
    },
    {
      method: 'post',
      path: `${path}/cancel`,
      summary: 'Cancel',
      answers: { 202: { description: 'cancelled', schema: job }, 409: { description: 'ended already' }, ...missing },
      handle: cancel,
    },
    {
      method: 'post',
      path: `${path}/retry`,
      summary: `Run a failed or cancelled ${noun} again, from what it has`,
      answers: {
        202: { description: 'a new epoch', schema: job },
        409: { description: 'succeeded, or failed for good' },
        ...missing,
      },
      handle: retry,
    },
    {
      method: 'delete',
      path,
      summary: `Forget an ended ${noun} and its result`,
      answers: { 204: { description: 'done' }, 409: { description: 'has not ended' }, ...missing },
      handle: forget,
    },
  ];
}
