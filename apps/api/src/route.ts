import type { Request, Response } from 'express';
import type { z } from 'zod';

/** One line of the table of routes: what Express serves and what the OpenAPI document says come from it. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** in OpenAPI's form: `/v1/jobs/{id}` */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType;
  /** the JSON body, or the media types of a body that is taken as it comes */
  readonly body?: z.ZodType | readonly string[];
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (req: Request, res: Response) => Promise<void> | void;
}

export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly media?: string;
}

/** A parameter of the path, which is always one string. */
export function pathParameter(req: Request, name: string): string {
  const value = req.params[name];
  return Array.isArray(value) ? value.join('/') : (value ?? '');
}
