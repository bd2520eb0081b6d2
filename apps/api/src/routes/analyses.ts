import { analysisDetail, analysisList } from '@spillway/contracts';
import { describeAnalysis, didYouMean } from '@spillway/core';
import type { Deps } from '../deps.js';
import { HttpError } from '../http-error.js';
import { pathParameter, type Route } from '../route.js';

export function analysisRoutes({ registry }: Deps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/analyses',
      summary: 'The analyses there are',
      answers: { 200: { description: 'the catalogue', schema: analysisList } },
      handle: (_req, res) => {
        res.json({ data: [...registry.values()].map(({ name, version, title, about }) => ({ name, version, title, about })) });
      },
    },
    {
      method: 'get',
      path: '/v1/analyses/{name}',
      summary: 'One analysis: what it does, its sources, the schemas of params and result, an example that runs',
      answers: { 200: { description: 'the analysis', schema: analysisDetail }, 404: { description: 'none of this name' } },
      handle: (req, res) => {
        const name = pathParameter(req, 'name');
        const analysis = registry.get(name);
        if (!analysis)
          throw new HttpError(404, 'unknown_analysis', `no analysis named "${name}"${didYouMean(name, registry.keys())}`);
        res.json(describeAnalysis(analysis));
      },
    },
  ];
}
