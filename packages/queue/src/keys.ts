/** One hash tag for everything, ours and BullMQ's: Lua scripts may touch both, also on Redis Cluster. */
export const prefix = '{spillway}';

/** Channel of hints that a job has changed: `tenant.id.seq.state`. The job's hash is the truth. */
export const eventsChannel = `${prefix}:events`;

/** A job is found by its tenant and its id. */
export interface JobRef {
  readonly tenant: string;
  readonly id: string;
}

const tenantKey = (tenant: string, kind: string, name = '') => `${prefix}:t:${tenant}:${kind}${name && `:${name}`}`;

/** Every key outside the Lua scripts is built here; the scripts build the same names from the prefix. */
export const keys = {
  job: ({ tenant, id }: JobRef) => tenantKey(tenant, 'job', id),
  /** ids by time of creation */
  jobs: (tenant: string) => tenantKey(tenant, 'jobs'),
  context: ({ tenant, id }: JobRef, planId: string) => tenantKey(tenant, 'ctx', `${id}:${planId}`),
  parts: ({ tenant, id }: JobRef, planId: string) => tenantKey(tenant, 'parts', `${id}:${planId}`),
  result: ({ tenant, id }: JobRef, epoch: number) => tenantKey(tenant, 'res', `${id}:${epoch}`),
  /** a dataset or weights */
  resource: (tenant: string, hash: string) => tenantKey(tenant, 'data', hash),
  resourceBytes: (tenant: string, hash: string) => tenantKey(tenant, 'blob', hash),
  /** hashes by time of creation */
  resources: (tenant: string, kind: 'datasets' | 'weights') => tenantKey(tenant, kind),
  pins: (tenant: string, hash: string) => tenantKey(tenant, 'pins', hash),
  upload: (tenant: string, upload: string) => tenantKey(tenant, 'up', upload),
  inFlight: (incarnation: string) => `${prefix}:fl:${incarnation}`,
  heartbeats: `${prefix}:hb`,
  due: `${prefix}:due`,
  /** word of ended jobs that is still to be sent, by when it is to be tried next */
  outbox: `${prefix}:outbox`,
  processes: `${prefix}:procs`,
  /** what the whole service has counted since its Redis was empty */
  totals: `${prefix}:totals`,
  /** what one process has reported */
  meter: (incarnation: string) => `${prefix}:meter:${incarnation}`,
  janitor: `${prefix}:janitor`,
  /** names this store: gone, or another one, when somebody has emptied it */
  store: `${prefix}:store`,
} as const;

/** A name that may stand in keys and task ids: no `:`, no `.`. */
export function checkTenant(tenant: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(tenant)) throw new TypeError(`a tenant is 1–40 of a–z, 0–9 and -, got ${JSON.stringify(tenant)}`);
  return tenant;
}
