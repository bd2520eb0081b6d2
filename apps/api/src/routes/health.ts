import { z } from 'zod';
import type { Deps } from '../deps.js';
import type { Route } from '../route.js';

export function healthRoutes({ ready, metrics }: Deps): Route[] {
  return [
    {
      method: 'get',
      path: '/livez',
      summary: 'This process turns its event loop; says nothing of Redis',
      answers: { 200: { description: 'alive', schema: z.object({ status: z.string() }) } },
      handle: (_req, res) => {
        res.json({ status: 'alive' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      summary: 'Work can be taken: Redis answers, and keeps what it is given',
      answers: {
        200: { description: 'ready', schema: z.object({ status: z.string() }) },
        503: { description: 'not ready, and why' },
      },
      handle: async (_req, res) => {
        const { ready: yes, detail } = await ready();
        res.status(yes ? 200 : 503).json({ status: detail });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      summary: "Metrics of the service and of this process, in Prometheus' text format",
      answers: { 200: { description: 'metrics', media: 'text/plain' } },
      handle: async (_req, res) => {
        res.set('Content-Type', metrics.contentType).send(await metrics.text());
      },
    },
  ];
}
