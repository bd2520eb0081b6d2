import type { Problem } from '@spillway/core';

/** This request is wrong, or cannot be served now: answered as `application/problem+json`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly more: { readonly errors?: readonly Problem[]; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
  }
}
