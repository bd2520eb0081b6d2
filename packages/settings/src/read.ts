import { type Setting, type Settings, settingsTable } from './table.js';

/** The environment asks for something that cannot be: lists every bad variable at once, so that one run tells all. */
export class SettingsError extends Error {
  readonly code = 'bad_settings';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'a setting is' : `${problems.length} settings are`} wrong:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/;

/** True for addresses that only this machine reaches. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host.toLowerCase());

/**
 * Reads the settings from an environment. A variable that is unset or empty has its default.
 *
 * @param env  usually `process.env`; nothing else is read
 * @throws SettingsError naming every variable that does not fit, with what was needed and what was got
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries<Setting>(settingsTable)) {
    const given = env[entry.variable];
    const text = given === undefined || given === '' ? (entry.default ?? undefined) : given;
    const parsed = entry.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(`${entry.variable} ${parsed.error.issues[0]?.message}${entry.secret ? '' : `, got ${JSON.stringify(text)}`}`);
  }
  const settings = values as unknown as Settings;
  if (problems.length === 0) problems.push(...contradictions(settings));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** Settings that are each fine and do not fit each other. */
function contradictions(settings: Settings): string[] {
  const { host, open, deadAfterMs, lockMs, heartbeatMs, drainMs, shutdownMs } = settings;
  const problems: string[] = [];
  if (settings.webhookOldSecret !== undefined && settings.webhookSecret === undefined) {
    problems.push('SPILLWAY_WEBHOOK_OLD_SECRET needs SPILLWAY_WEBHOOK_SECRET beside it: it is the one that is on its way out');
  }
  if (!open && !isLoopback(host)) {
    problems.push(
      `SPILLWAY_HOST needs a loopback address unless SPILLWAY_OPEN=1, got ${JSON.stringify(host)}: the API has no keys yet, whoever reaches it may use it`,
    );
  }
  if (deadAfterMs >= lockMs) {
    problems.push(`SPILLWAY_DEAD_AFTER_MS needs to be below SPILLWAY_LOCK_MS (${lockMs}), got ${deadAfterMs}`);
  }
  if (heartbeatMs * 2 > deadAfterMs) {
    problems.push(
      `SPILLWAY_HEARTBEAT_MS needs to be at most half of SPILLWAY_DEAD_AFTER_MS (${deadAfterMs}), got ${heartbeatMs}`,
    );
  }
  if (drainMs * 2 > shutdownMs) {
    problems.push(`SPILLWAY_DRAIN_MS needs to be at most half of SPILLWAY_SHUTDOWN_MS (${shutdownMs}), got ${drainMs}`);
  }
  return problems;
}
