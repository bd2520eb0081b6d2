import { ConnectionError, ProblemError } from '@spillway/client';
import { EstimationError, InputError, Interrupted } from '@spillway/core';

/** 0 done · 1 failed · 2 wrong input */
export type ExitCode = 0 | 1 | 2;

/** A command ends here, with these words for the person and this exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly exitCode: 1 | 2,
    message: string,
  ) {
    super(message);
  }
}

/** What the person asked for cannot be meant: said before anything was computed. */
export const wrongInput = (message: string) => new Failure(2, message);

interface Complaint {
  readonly pointer: string;
  readonly message: string;
}

/** Statuses that the request is to blame for; 409 (too late) and 429 (over quota) are failures. */
const wrongRequest = new Set([400, 404, 405, 406, 413, 414, 415, 422]);

/** Messages of several lines point at a character of the line above, so they are set as they are, one below the other. */
function complaintText({ pointer, message }: Complaint): string {
  const where = pointer === '' ? '' : `${pointer}: `;
  if (!message.includes('\n')) return `  ${where}${message}`;
  const lines = message.split('\n').map((line) => `    ${line}`);
  return pointer === '' ? lines.join('\n') : `  ${pointer}:\n${lines.join('\n')}`;
}

function complaintsText(headline: string, complaints: readonly Complaint[]): string {
  return [headline, ...complaints.map(complaintText)].join('\n');
}

/** Words and exit code of whatever a command threw. */
export function describeFailure(error: unknown): { readonly exitCode: 1 | 2; readonly message: string } {
  if (error instanceof Failure) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof InputError) {
    const { problems } = error;
    const headline =
      problems.length === 1 ? 'the input cannot be used:' : `the input cannot be used, for ${problems.length} reasons:`;
    return { exitCode: 2, message: complaintsText(headline, problems) };
  }
  if (error instanceof EstimationError) return { exitCode: 1, message: `${error.message} (${error.code})` };
  if (error instanceof ProblemError) {
    const { status, detail, code, errors = [] } = error.problem;
    const complaints = errors.map(({ pointer, detail: message }) => ({ pointer, message }));
    // The detail repeats the reasons in one line; below each has its own.
    const headline =
      errors.length > 0 && errors.every((reason) => detail.includes(reason.detail)) ? 'the service refused this' : detail;
    const message = complaintsText(`${headline} (${code})`, complaints);
    return { exitCode: wrongRequest.has(status) ? 2 : 1, message };
  }
  if (error instanceof ConnectionError) {
    return { exitCode: 1, message: `${error.message}; "spillway serve" starts a service on this machine, --url names another` };
  }
  if (error instanceof Interrupted) return { exitCode: 1, message: 'stopped' };
  return { exitCode: 1, message: error instanceof Error ? error.message : String(error) };
}
