import { wrap } from '@spillway/render';

/** As much of JSON Schema (draft 2020-12) as is read aloud here. */
export interface ParamsSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, ParamsSchema>>;
  readonly required?: readonly string[];
  readonly items?: ParamsSchema;
  readonly anyOf?: readonly ParamsSchema[];
  readonly oneOf?: readonly ParamsSchema[];
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  array: 'list',
};

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: ParamsSchema): string {
  const least = exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : minimum !== undefined ? `from ${minimum}` : '';
  const most = exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : maximum !== undefined ? `to ${maximum}` : '';
  // 2⁵³ − 1 on either side only says that the number is an integer.
  const safe = Number.MAX_SAFE_INTEGER;
  return [minimum === -safe ? '' : least, maximum === safe ? '' : most].filter(Boolean).join(' ');
}

/** "whole number from 1 to 1000000", "list of text", "a | b" */
function kind(schema: ParamsSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(kind))].join(', or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `list${schema.items ? ` of ${kind(schema.items)}` : ''}`;
  const type = [schema.type ?? 'anything'].flat().map((name) => names[name] ?? name);
  return [type.join(' or '), range(schema)].filter(Boolean).join(' ');
}

/** Every parameter: its path, what it takes, its default, and what it means; members of objects under their object. */
export function paramsText(schema: ParamsSchema, width: number, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const need = member.default !== undefined ? `default ${JSON.stringify(member.default)}` : '';
    const required = need === '' && schema.required?.includes(name) ? 'required' : need;
    const takes = member.properties ? 'object' : kind(member);
    return [
      `  ${path}  (${[takes, required].filter(Boolean).join('; ')})`,
      ...(member.description ? wrap(member.description, width - 6).map((line) => `      ${line}`) : []),
      ...paramsText(member, width, `${path}.`),
    ];
  });
}
