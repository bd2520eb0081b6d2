import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** One setting. Values are strings, as the environment gives them; the schema turns the string into what the program uses. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Name of the environment variable. */
  variable: string;
  /** The default, written as a person would write it in the environment; null when unset means "not there". */
  default: string | null;
  /** What the table shows when the default depends on the machine. */
  defaultInWords?: string;
  unit: string;
  about: string;
  schema: Schema;
  /** True when the value may hold a password: messages do not repeat it. */
  secret?: true;
}

/** Keeps the type of each schema, so that the settings object is typed by the table itself. */
const setting = <Schema extends z.ZodType>(entry: Setting<Schema>): Setting<Schema> => entry;

/** A whole number in decimal digits: no signs, exponents or hexadecimal, which are typing errors far more often than meant. */
const whole = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `needs a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const yesNo = z
  .string()
  .refine((text) => ['0', '1', 'true', 'false'].includes(text), { error: 'needs 0 or 1' })
  .transform((text) => text === '1' || text === 'true');

const text = (what: string) => z.string().refine((value) => value.trim() === value && value !== '', { error: `needs ${what}` });

const redisAddress = z.string().refine(
  (value) => {
    const { protocol, hostname } = URL.canParse(value) ? new URL(value) : { protocol: '', hostname: '' };
    return (protocol === 'redis:' || protocol === 'rediss:') && hostname !== '';
  },
  { error: 'needs an address such as redis://user:password@host:6379/0 (or rediss:// for TLS)' },
);

const webhookSecret = z.string().refine((value) => /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(value), {
  error: 'needs whsec_ and the base64 of at least 24 random bytes, such as whsec_$(openssl rand -base64 32)',
});

/** Host names in lower case, as they stand in an address. */
const hostList = z
  .string()
  .transform((value) =>
    value
      .toLowerCase()
      .split(',')
      .map((host) => host.trim()),
  )
  .refine((hosts) => hosts.every((host) => /^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(host)), {
    error: 'needs host names between commas, without ports or stars',
  });

const webAddress = z.string().refine((value) => /^https?:\/\/[^/]/.test(value) && URL.canParse(value) && !value.endsWith('/'), {
  error: 'needs an address such as https://spillway.example.org, without a slash at the end',
});

const YEAR_MS = 365 * 86_400_000;

/** The one table of settings. Everything a process reads from its environment is a line here. */
export const settingsTable = {
  redisUrl: setting({
    variable: 'REDIS_URL',
    default: null,
    unit: 'address',
    about: 'The Redis to use. Unset: `npm start` runs a private one. Refused unless its maxmemory-policy is noeviction.',
    schema: redisAddress.optional(),
    secret: true,
  }),
  redisServer: setting({
    variable: 'SPILLWAY_REDIS_SERVER',
    default: null,
    unit: 'path',
    about: 'The redis-server or valkey-server program to run when REDIS_URL is unset, instead of looking for one.',
    schema: text('the path of a program').optional(),
  }),
  dataDir: setting({
    variable: 'SPILLWAY_DATA_DIR',
    default: '.spillway',
    unit: 'path',
    about: 'Where `npm start` keeps the private Redis and its append-only file.',
    schema: text('the path of a folder'),
  }),
  host: setting({
    variable: 'SPILLWAY_HOST',
    default: '127.0.0.1',
    unit: 'address',
    about: 'Address the API listens on. Anything but loopback is refused unless SPILLWAY_OPEN=1.',
    schema: text('a host name or address'),
  }),
  port: setting({
    variable: 'SPILLWAY_PORT',
    default: '7420',
    unit: 'TCP port',
    about: 'Port the API listens on; 0 takes any free one.',
    schema: whole(0, 65_535),
  }),
  open: setting({
    variable: 'SPILLWAY_OPEN',
    default: '0',
    unit: '0 or 1',
    about: 'Allows the API, which has no keys yet, to listen beyond loopback. Whoever reaches it may use all of it.',
    schema: yesNo,
  }),
  workers: setting({
    variable: 'SPILLWAY_WORKERS',
    default: '2',
    unit: 'processes',
    about: 'Worker processes that `npm start` and the demo run.',
    schema: whole(1, 256),
  }),
  threads: setting({
    variable: 'SPILLWAY_THREADS',
    default: String(availableParallelism()),
    defaultInWords: 'cores (`npm start` and the demo share them out among their workers)',
    unit: 'threads',
    about: 'Computing threads of one worker process, and so the chunks it computes at once.',
    schema: whole(1, 1024),
  }),
  logLevel: setting({
    variable: 'SPILLWAY_LOG_LEVEL',
    default: 'info',
    unit: 'level',
    about: 'Least level that is logged: fatal, error, warn, info, debug, trace or silent. Data values are never logged.',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'needs fatal, error, warn, info, debug, trace or silent',
    }),
  }),
  uploadBytes: setting({
    variable: 'SPILLWAY_UPLOAD_BYTES',
    default: '50000000',
    unit: 'bytes',
    about: 'Largest data upload; more is answered 413.',
    schema: whole(1, 2 ** 31 - 1),
  }),
  jsonBytes: setting({
    variable: 'SPILLWAY_JSON_BYTES',
    default: '1000000',
    unit: 'bytes',
    about: 'Largest JSON request body; more is answered 413.',
    schema: whole(1, 2 ** 31 - 1),
  }),
  maxReplications: setting({
    variable: 'SPILLWAY_MAX_REPLICATIONS',
    default: '1000000',
    unit: 'replications',
    about: 'Most replications one job may ask for; more is refused at the door with the arithmetic.',
    schema: whole(1, 2 ** 32 - 1),
  }),
  tenantCpuSeconds: setting({
    variable: 'SPILLWAY_TENANT_CPU_SECONDS',
    default: '1000000',
    unit: 'seconds of CPU',
    about: 'Estimated CPU time that the unfinished jobs of one tenant may hold reserved; over it is 429.',
    schema: whole(1, 2 ** 40),
  }),
  tenantBytes: setting({
    variable: 'SPILLWAY_TENANT_BYTES',
    default: '2000000000',
    unit: 'bytes',
    about: 'Estimated Redis memory that the unfinished jobs of one tenant may hold reserved; over it is 429.',
    schema: whole(1, 2 ** 50),
  }),
  tenantJobs: setting({
    variable: 'SPILLWAY_TENANT_JOBS',
    default: '10000',
    unit: 'jobs',
    about: 'Unfinished jobs one tenant may have at once; over it is 429.',
    schema: whole(1, 10_000_000),
  }),
  resultDays: setting({
    variable: 'SPILLWAY_RESULT_DAYS',
    default: '30',
    unit: 'days',
    about: 'How long a result is kept after it was last read.',
    schema: whole(1, 3650),
  }),
  partsSeconds: setting({
    variable: 'SPILLWAY_PARTS_SECONDS',
    default: '3600',
    unit: 'seconds',
    about: 'How long the parts and context of a job are kept after it succeeded or was cancelled.',
    schema: whole(1, 31_536_000),
  }),
  failedSeconds: setting({
    variable: 'SPILLWAY_FAILED_SECONDS',
    default: '86400',
    unit: 'seconds',
    about: 'How long the parts and context of a job are kept after it failed, so that a retry can use them.',
    schema: whole(1, 31_536_000),
  }),
  idempotencySeconds: setting({
    variable: 'SPILLWAY_IDEMPOTENCY_SECONDS',
    default: '86400',
    unit: 'seconds',
    about: 'How long an Idempotency-Key is remembered.',
    schema: whole(1, 31_536_000),
  }),
  lockMs: setting({
    variable: 'SPILLWAY_LOCK_MS',
    default: '10000',
    unit: 'milliseconds',
    about: "BullMQ's lock on a task. Short is safe: nothing computes on the thread that renews it.",
    schema: whole(500, YEAR_MS),
  }),
  stalledMs: setting({
    variable: 'SPILLWAY_STALLED_MS',
    default: '5000',
    unit: 'milliseconds',
    about: 'How often BullMQ looks for tasks whose lock has run out.',
    schema: whole(250, YEAR_MS),
  }),
  deadAfterMs: setting({
    variable: 'SPILLWAY_DEAD_AFTER_MS',
    default: '3000',
    unit: 'milliseconds',
    about:
      'Silence after which a worker process counts as dead and its chunks are given to others. Must stay below SPILLWAY_LOCK_MS.',
    schema: whole(200, YEAR_MS),
  }),
  heartbeatMs: setting({
    variable: 'SPILLWAY_HEARTBEAT_MS',
    default: '600',
    unit: 'milliseconds',
    about: 'How often a worker process says that it lives. At most half of SPILLWAY_DEAD_AFTER_MS.',
    schema: whole(50, YEAR_MS),
  }),
  dueTickMs: setting({
    variable: 'SPILLWAY_DUE_TICK_MS',
    default: '500',
    unit: 'milliseconds',
    about: 'How often every process takes due jobs and drives them on.',
    schema: whole(50, YEAR_MS),
  }),
  stepWallMs: setting({
    variable: 'SPILLWAY_STEP_WALL_MS',
    default: '60000',
    unit: 'milliseconds',
    about: 'Every step of a job may take at least so long; 30 times its estimate when that is more. Then its thread is ended.',
    schema: whole(500, YEAR_MS),
  }),
  threadHeapMb: setting({
    variable: 'SPILLWAY_THREAD_HEAP_MB',
    default: '2048',
    unit: 'MB',
    about: 'Memory of one computing thread, its objects and its buffers each. A step that needs more fails as out_of_memory.',
    schema: whole(64, 2 ** 20),
  }),
  rehomeMs: setting({
    variable: 'SPILLWAY_REHOME_MS',
    default: '60000',
    unit: 'milliseconds',
    about: 'How long a job waits for a worker of its own core version before workers of another one take it over.',
    schema: whole(100, YEAR_MS),
  }),
  janitorMs: setting({
    variable: 'SPILLWAY_JANITOR_MS',
    default: '3600000',
    unit: 'milliseconds',
    about: 'How often what lost tasks and expired jobs have left in Redis is cleared away.',
    schema: whole(100, YEAR_MS),
  }),
  emptiedMs: setting({
    variable: 'SPILLWAY_EMPTIED_MS',
    default: '60000',
    unit: 'milliseconds',
    about:
      'How long /readyz of an API that has seen Redis lose its data says so, before the empty one is taken as it is. An API that starts later knows of no past.',
    schema: whole(0, YEAR_MS),
  }),
  webhookSecret: setting({
    variable: 'SPILLWAY_WEBHOOK_SECRET',
    default: null,
    unit: 'secret',
    about:
      'What webhooks are signed with (`whsec_` and base64, as Standard Webhooks has it); APIs and workers need it. Unset: `webhook` is refused.',
    schema: webhookSecret.optional(),
    secret: true,
  }),
  webhookOldSecret: setting({
    variable: 'SPILLWAY_WEBHOOK_OLD_SECRET',
    default: null,
    unit: 'secret',
    about: 'The secret before this one: while it is set, every webhook is signed with both, and receivers may know either.',
    schema: webhookSecret.optional(),
    secret: true,
  }),
  webhookHosts: setting({
    variable: 'SPILLWAY_WEBHOOK_HOSTS',
    default: null,
    unit: 'host names',
    about:
      'The only hosts that webhooks may go to, between commas; their addresses may be private. Unset: any host whose addresses are all public.',
    schema: hostList.optional(),
  }),
  webhookAttempts: setting({
    variable: 'SPILLWAY_WEBHOOK_ATTEMPTS',
    default: '12',
    unit: 'attempts',
    about: 'How often a webhook is tried before it is given up; with the other defaults that takes about a day.',
    schema: whole(1, 100),
  }),
  webhookRetryMs: setting({
    variable: 'SPILLWAY_WEBHOOK_RETRY_MS',
    default: '5000',
    unit: 'milliseconds',
    about: 'Longest pause before the second attempt of a webhook; three times as long before each further one, up to six hours.',
    schema: whole(10, YEAR_MS),
  }),
  webhookTimeoutMs: setting({
    variable: 'SPILLWAY_WEBHOOK_TIMEOUT_MS',
    default: '5000',
    unit: 'milliseconds',
    about:
      'How long one attempt of a webhook may take. A worker that dies with one leaves it to others after four times as long.',
    schema: whole(100, 60_000),
  }),
  publicUrl: setting({
    variable: 'SPILLWAY_PUBLIC_URL',
    default: null,
    unit: 'address',
    about: 'Where clients reach the API: put before the links in webhooks. Unset: the links are paths.',
    schema: webAddress.optional(),
  }),
  drainMs: setting({
    variable: 'SPILLWAY_DRAIN_MS',
    default: '0',
    unit: 'milliseconds',
    about:
      'How long an API that was told to stop still takes requests while /readyz says that it is leaving, so that a load balancer notices first. At most half of SPILLWAY_SHUTDOWN_MS.',
    schema: whole(0, 1_800_000),
  }),
  shutdownMs: setting({
    variable: 'SPILLWAY_SHUTDOWN_MS',
    default: '20000',
    unit: 'milliseconds',
    about: 'From SIGTERM to the end of the process: work is handed back, open answers are finished, then it exits by itself.',
    schema: whole(100, 3_600_000),
  }),
};

type Table = typeof settingsTable;

/** What a process knows of its environment: one typed value for each line of the table. */
export type Settings = { readonly [Name in keyof Table]: z.output<Table[Name]['schema']> };
