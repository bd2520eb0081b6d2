/** Errors whose words tell of somebody's data: a cell that cannot be read, a text that does not parse, whatever a computation came upon. */
const tellsOfData = new Set(['SyntaxError', 'InputError', 'EstimationError', 'ComputationError']);

/**
 * What of an error is logged: its class, code, words (unless they tell of data) and where it was thrown. Nothing else that hangs on it: a failed Redis
 * command carries its arguments, and those are somebody's data.
 */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '', code } = error as Error & { code?: unknown };
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 10);
  return { type: name, ...(code !== undefined && { code }), ...(!tellsOfData.has(name) && { message }), frames };
}

/** For `log.child({}, { serializers })`: what every log of ours goes through. */
export const logSerializers = { err: errorForLog };
