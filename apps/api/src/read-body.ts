import type { Request } from 'express';
import { HttpError } from './http-error.js';

/** The media type of a body, refused unless it is one of these and comes as it is. */
export function requireMedia(req: Request, types: readonly string[]): void {
  const encoding = req.get('Content-Encoding');
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpError(415, 'unsupported_encoding', `bodies are read without Content-Encoding only, got ${encoding}`);
  }
  if (req.is([...types]) === false || req.get('Content-Type') === undefined) {
    throw new HttpError(
      415,
      'unsupported_media_type',
      `Content-Type must be ${types.join(' or ')}, got ${req.get('Content-Type') ?? 'none'}`,
    );
  }
}

/** Names through which a body could reach into objects it should not. */
const reserved = new Set(['__proto__', 'constructor', 'prototype']);

/** Deeper than any request needs, and far from what a stack holds. */
const deepest = 32;

/** @throws HttpError naming the first reserved member and where it stands */
export function refuseReservedKeys(value: unknown, pointer = '', depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > deepest) throw new HttpError(400, 'too_deep', `a body may be nested ${deepest} deep`);
  for (const key of Object.getOwnPropertyNames(value)) {
    if (Array.isArray(value) && key === 'length') continue;
    const at = `${pointer}/${key}`;
    if (reserved.has(key)) {
      throw new HttpError(400, 'reserved_key', `a member may not be called ${key}`, {
        errors: [{ pointer: at, code: 'reserved_key', message: `a member may not be called ${key}` }],
      });
    }
    refuseReservedKeys((value as Record<string, unknown>)[key], at, depth + 1);
  }
}
