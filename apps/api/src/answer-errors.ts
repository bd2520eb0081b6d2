import { STATUS_CODES } from 'node:http';
import type { ProblemBody } from '@spillway/contracts';
import { InputError, type Problem } from '@spillway/core';
import { isFull, isOutage } from '@spillway/queue';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import { storageFull } from './deps.js';
import { HttpError } from './http-error.js';

function asHttpError(error: unknown, log: Logger): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof InputError) return new HttpError(400, error.code, error.message, { errors: error.problems });
  if (error instanceof z.ZodError) {
    const errors = error.issues.map(
      (issue): Problem => ({
        pointer: issue.path.map((step) => `/${String(step)}`).join(''),
        code: 'invalid',
        message: issue.message,
      }),
    );
    return new HttpError(
      400,
      'invalid_request',
      errors.map(({ pointer, message }) => `${pointer || 'request'}: ${message}`).join('; '),
      { errors },
    );
  }
  const { type, status, message } = error as { type?: string; status?: number; message?: string };
  if (type === 'entity.too.large') return new HttpError(413, 'too_large', 'the body is larger than this service reads');
  if (type === 'entity.parse.failed') return new HttpError(400, 'malformed_json', `the body is not JSON: ${message}`);
  if (type === 'encoding.unsupported')
    return new HttpError(415, 'unsupported_encoding', 'bodies are read without Content-Encoding only');
  if (status !== undefined && status >= 400 && status < 500)
    return new HttpError(status, 'bad_request', message ?? 'bad request');
  if (isFull(error)) return storageFull();
  if (isOutage(error)) {
    return new HttpError(503, 'storage_unavailable', 'the store does not answer; it is safe to send this request again', {
      retryAfterSeconds: 2,
    });
  }
  log.error({ err: error }, 'request failed');
  return new HttpError(500, 'internal', 'something went wrong here; it has been logged');
}

/** The one place where errors become answers. */
export const answerErrors =
  (log: Logger) =>
  (error: unknown, _req: Request, res: Response, _next: NextFunction): void => {
    const { status, code, message, more } = asHttpError(error, log);
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (more.retryAfterSeconds !== undefined) res.set('Retry-After', String(more.retryAfterSeconds));
    const body: ProblemBody = {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      detail: message,
      ...(more.errors && { errors: more.errors.map(({ pointer, code, message: detail }) => ({ pointer, code, detail })) }),
    };
    res.status(status).type('application/problem+json').send(JSON.stringify(body));
  };
