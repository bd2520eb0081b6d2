import { type ProblemBody, problem } from '@spillway/contracts';

/** The service said no: its `application/problem+json`, or one made of the status where the answer was something else. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly problem: ProblemBody) {
    super(problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }

  /** stable; programs may depend on it */
  get code(): string {
    return this.problem.code;
  }
}

/** The service could not be reached, or went silent. Whether it acted is unknown; repeating is safe, for ids are content. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

const shownOfStrangers = 300;

/** @param body  what came with a status of 400 or more */
export function problemOf(status: number, statusText: string, body: Uint8Array): ProblemError {
  const text = new TextDecoder().decode(body);
  try {
    const parsed = problem.safeParse(JSON.parse(text));
    if (parsed.success) return new ProblemError(parsed.data);
  } catch {
    // not JSON: a proxy's page, most often
  }
  const title = statusText || `status ${status}`;
  const detail = text.trim() === '' ? title : `${title}: ${text.trim().slice(0, shownOfStrangers)}`;
  return new ProblemError({ type: 'about:blank', title, status, code: `http_${status}`, detail });
}
