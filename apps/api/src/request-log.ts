import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

/** Asked for by machines, all the time. */
const unlogged = new Set(['/livez', '/readyz', '/metrics']);

const traces = new WeakMap<IncomingMessage, string>();

/**
 * The trace that a request belongs to: that of its `traceparent`, or a new one.
 *
 * @see W3C Trace Context (2021), §3.2: version, trace id and parent id, none of them all zeros, version not ff
 */
export function traceOf(req: IncomingMessage): string {
  const had = traces.get(req);
  if (had !== undefined) return had;
  const given = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/.exec(
    String(req.headers.traceparent ?? ''),
  );
  const trace = given?.[1] ?? randomBytes(16).toString('hex');
  traces.set(req, trace);
  return trace;
}

/**
 * One line for each answered request: method, path, status, time, request and trace id. No headers, which hold secrets; no query,
 * which holds names out of people's data. The request's own id is the one it came with when that is one, else a new one; the answer
 * repeats it.
 */
export const requestLog =
  (log: Logger) =>
  (req: Request, res: Response, next: NextFunction): void => {
    const given = req.headers['x-request-id'];
    const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    res.setHeader('X-Request-Id', id);
    const began = performance.now();
    res.once('close', () => {
      const level = res.statusCode >= 500 ? 'error' : 'info';
      const path = req.originalUrl.split('?')[0];
      if (unlogged.has(path) || !log.isLevelEnabled(level)) return;
      log[level](
        {
          req: { id, method: req.method, path },
          res: { status: res.statusCode, complete: res.writableFinished },
          trace_id: traceOf(req),
          ms: Math.round(performance.now() - began),
        },
        'request answered',
      );
    });
    next();
  };
