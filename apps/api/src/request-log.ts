import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorForLog } from '@spillway/settings';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

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

/** The request's own id: the one it came with when that is one, else a new one; the answer repeats it. */
function identify(req: IncomingMessage, res: ServerResponse): string {
  const given = req.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  res.setHeader('X-Request-Id', id);
  return id;
}

/**
 * One line for each answered request: method, path, status, time, request and trace id. No headers, which hold secrets; no query,
 * which holds names out of people's data.
 */
export const requestLog = (log: Logger) =>
  pinoHttp({
    logger: log,
    autoLogging: { ignore: (req) => unlogged.has((req.url ?? '').split('?')[0]) },
    genReqId: identify,
    customProps: (req) => ({ trace_id: traceOf(req) }),
    wrapSerializers: false,
    serializers: {
      req: (req: Request) => ({ id: req.id, method: req.method, path: (req.originalUrl ?? req.url ?? '').split('?')[0] }),
      res: (res: ServerResponse) => ({ status: res.statusCode }),
      err: errorForLog,
    },
  });
