import { analysisDetail, analysisEntry } from '@spillway/contracts';
import { type AnyAnalysis, didYouMean } from '@spillway/core';
import { z } from 'zod';
import type { Deps } from '../deps.js';
import { HttpError } from '../http-error.js';
import { pathParameter, type Route } from '../route.js';

const entry = ({ name, version, title, about }: AnyAnalysis) => ({ name, version, title, about });

/** The JSON Schema of what is sent (`input`: defaults may be left out) or of what comes back. */
export const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });

export function analysisRoutes({ registry }: Deps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/analyses',
      summary: 'The analyses there are',
      answers: { 200: { description: 'the catalogue', schema: z.object({ data: z.array(analysisEntry) }) } },
      handle: (_req, res) => {
        res.json({ data: [...registry.values()].map(entry) });
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
        const { sources, params, result, example } = analysis;
        res.json({
          ...entry(analysis),
          sources,
          params: jsonSchema(params, 'input'),
          result: jsonSchema(result, 'output'),
          example,
        });
      },
    },
  ];
}
