import { STATUS_CODES } from 'node:http';
import type { ProblemBody } from '@spillway/contracts';
import { InputError, type Problem } from '@spillway/core';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HttpError } from './http-error.js';

/** Where a failed request of Redis shows: nothing is known of what it did, and all we ask of it may be asked again. */
const outageNames = new Set(['MaxRetriesPerRequestError', 'AbortError', 'ReplyError']);

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
  const { type, status, name, message } = error as { type?: string; status?: number; name?: string; message?: string };
  if (type === 'entity.too.large') return new HttpError(413, 'too_large', 'the body is larger than this service reads');
  if (type === 'entity.parse.failed') return new HttpError(400, 'malformed_json', `the body is not JSON: ${message}`);
  if (type === 'encoding.unsupported')
    return new HttpError(415, 'unsupported_encoding', 'bodies are read without Content-Encoding only');
  if (status !== undefined && status >= 400 && status < 500)
    return new HttpError(status, 'bad_request', message ?? 'bad request');
  if (isOutage(name, message)) {
    return new HttpError(503, 'storage_unavailable', 'the store does not answer; it is safe to send this request again', {
      retryAfterSeconds: 2,
    });
  }
  log.error({ err: error }, 'request failed');
  return new HttpError(500, 'internal', 'something went wrong here; it has been logged');
}

function isOutage(name = '', message = ''): boolean {
  return (
    outageNames.has(name) ||
    /Command timed out|isn't writeable|Connection is closed|ECONNREFUSED|ECONNRESET|Reached the max retries/.test(message)
  );
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
