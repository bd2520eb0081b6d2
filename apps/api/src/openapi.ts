import { jobEnded, problem, submitJob } from '@spillway/contracts';
import type { Registry } from '@spillway/core';
import { z } from 'zod';
import type { Answer, Route } from './route.js';

/** The OpenAPI 3.1 document of these routes and analyses, from the schemas that validate. */
export function openApi(routes: readonly Route[], registry: Registry, version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path][route.method] = operation(route, registry);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spillway',
      version,
      description: `Panel and spatial econometrics as jobs. Analyses: ${[...registry.values()].map(({ name, title }) => `\`${name}\` (${title})`).join(', ')}.`,
    },
    paths,
    webhooks: {
      'job-ended': {
        post: {
          summary: 'Sent to the `webhook` of a submission when its job has ended; signed as Standard Webhooks has it',
          parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
            name,
            in: 'header',
            required: true,
            schema: { type: 'string' },
          })),
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(jobEnded, 'output') } } },
          responses: { 200: { description: 'taken: any 2xx; 410: not to be sent again; everything else is tried again' } },
        },
      },
    },
    components: { schemas: { Problem: jsonSchema(problem, 'output') } },
  };
}

function operation({ path, summary, query, body, answers }: Route, registry: Registry): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const content = isSchema(body)
    ? { 'application/json': { schema: jsonSchema(body, 'input'), ...(body === submitJob && { examples: examplesOf(registry) }) } }
    : body && Object.fromEntries(body.map((media) => [media, { schema: { type: 'string' } }]));
  return {
    tags: [/^\/v1\/(\w+)/.exec(path)?.[1] ?? 'service'],
    summary,
    parameters: [...inPath, ...queryParameters(query)],
    ...(content && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(Number(status), answer)])),
  };
}

/** One request an analysis, which runs once the data set that it names has been uploaded from `data/`. */
function examplesOf(registry: Registry): Record<string, unknown> {
  return Object.fromEntries(
    [...registry.values()].map(({ name, title, example }) => [
      name,
      {
        summary: `${title}, on ${example.dataset}`,
        value: {
          analysis: name,
          dataset: '<id of the dataset>',
          ...(example.weights && { weights: '<id of the weights>' }),
          params: example.params,
        },
      },
    ]),
  );
}

const isSchema = (body: Route['body']): body is z.ZodType => body instanceof z.ZodType;

function queryParameters(query: z.ZodType | undefined): unknown[] {
  if (!query) return [];
  const alternatives = objectsOf(jsonSchema(query, 'input') as JsonSchema);
  const names = [...new Set(alternatives.flatMap(({ properties = {} }) => Object.keys(properties)))];
  return names.map((name) => {
    const schemas = alternatives.flatMap(({ properties = {} }) => (name in properties ? [properties[name]] : []));
    const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
    return {
      name,
      in: 'query',
      required: alternatives.every(({ required = [] }) => required.includes(name)),
      schema: distinct.length === 1 ? distinct[0] : { anyOf: distinct },
    };
  });
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** The objects that a schema of unions allows, one for each alternative. */
function objectsOf(schema: JsonSchema): JsonSchema[] {
  if (schema.allOf === undefined) return (schema.oneOf ?? schema.anyOf)?.flatMap(objectsOf) ?? [schema];
  return schema.allOf.map(objectsOf).reduce((before, more) =>
    before.flatMap((a) =>
      more.map((b) => ({
        properties: { ...a.properties, ...b.properties },
        required: [...(a.required ?? []), ...(b.required ?? [])],
      })),
    ),
  );
}

function response(status: number, { description, schema, media }: Answer): Record<string, unknown> {
  if (schema) return { description, content: { 'application/json': { schema: jsonSchema(schema, 'output') } } };
  if (media) return { description, content: { [media]: { schema: { type: 'string' } } } };
  if (status < 400) return { description };
  return { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
}

/** The JSON Schema of what is sent (`input`: defaults may be left out) or of what comes back. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
