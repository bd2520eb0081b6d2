/**
 * What of an error is logged: its class, code, words and where it was thrown. Nothing else that hangs on it: a failed Redis
 * command carries its arguments, and those are somebody's data.
 */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '', code } = error as Error & { code?: unknown };
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 10);
  // the words of a parser repeat what it could not parse
  return {
    type: name,
    ...(code !== undefined && { code }),
    message: name === 'SyntaxError' ? 'a text does not parse' : message,
    frames,
  };
}

/** For `log.child({}, { serializers })`: what every log of ours goes through. */
export const logSerializers = { err: errorForLog };
