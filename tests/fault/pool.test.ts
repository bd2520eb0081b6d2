import { encodePanel, makeSpec, panelFromCsv, panelHash } from '@spillway/core';
import { type Compute, Pool, sparing, ThreadDeath, toShared } from '@spillway/pool';
import { dataFile } from '../harness/service.js';
import { registry } from '../harness/toy-analyses.mjs';

/* Threads that end: the call they were in is told why, and the next one has a thread. */
const panel = encodePanel(panelFromCsv(dataFile('grunfeld.csv'), { entity: 'firm', time: 'year' }));
const dataset = toShared(panel);
let pool: Pool;
beforeAll(() => {
  pool = new Pool({ threads: 1, registryUrl: new URL('../harness/toy-analyses.mjs', import.meta.url).href });
});
afterAll(() => pool.close());

const plan = (params: object, wallMs: number) =>
  pool.call(
    'plan',
    { spec: makeSpec(registry, { analysis: 'toy', dataset: panelHash(panel), params }, 'any'), inputs: { dataset } },
    { wallMs },
  );
const deathOf = (call: Promise<unknown>): Promise<Pick<ThreadDeath, 'name' | 'kind'>> =>
  call.then(
    () => Promise.reject(new Error('it has not failed')),
    ({ name, kind, message }) => ({ name, kind, message }),
  );

test('what takes too long is ended; the start of the next thread is not counted against what waits for it', async () => {
  for (let round = 0; round < 3; round++) {
    expect(await deathOf(plan({ fails: 'deaf', where: 'plan' }, 300))).toMatchObject({ name: 'ThreadDeath', kind: 'timed_out' });
    expect((await plan({ shards: 2 }, 300)).layout.shards).toHaveLength(2); // a thread takes longer than this to start here
  }
});

test('a thread that ends is replaced, also when it ends again and again', async () => {
  for (let round = 0; round < 3; round++) {
    expect(await deathOf(plan({ fails: 'exits', where: 'plan' }, 60_000))).toMatchObject({ kind: 'crashed' });
  }
  expect((await plan({ shards: 2 }, 60_000)).layout.shards).toHaveLength(2);
});

test('a promise that nobody listens to is the failure of the step that made it, and of no other', async () => {
  const outcomes = await Promise.allSettled([
    plan({ fails: 'rejects', where: 'plan' }, 60_000),
    plan({ shards: 2 }, 60_000),
    plan({ fails: 'rejects', where: 'plan' }, 60_000),
    plan({ shards: 3 }, 60_000),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[0]).toMatchObject({ reason: { name: 'ComputationError' } });
});

test('a step in which everything dies is given up after some thirty deaths: then it is not its units', async () => {
  let deaths = 0;
  const die = () => Promise.reject(new ThreadDeath('crashed', `death ${++deaths}`, 0));
  const shard: Compute['shard'] = ({ shard, lost = [] }) =>
    lost.some(([unit]) => unit === shard.first && shard.count === 1) ? Promise.resolve(new Uint8Array(0)) : die();
  const compute = sparing({ call: die, shard } as Compute, registry);
  const spec = makeSpec(registry, { analysis: 'sweep', dataset: panelHash(panel), params: { analysis: 'toy-item' } }, 'any');
  // a shard of which every unit dies
  const asked = { spec, inputs: { dataset }, context: dataset, shard: { first: 0, count: 1_000 } };
  expect(await deathOf(compute.shard(asked))).toMatchObject({ kind: 'crashed', message: 'death 31' });
  deaths = 0;
  // the plan dies with the same thing in hand although it is told to leave that out
  expect(await deathOf(compute.call('plan', asked))).toMatchObject({ kind: 'crashed', message: 'death 3' });
  deaths = 0;
  // and what cannot be taken apart is judged as it is
  const toy = makeSpec(registry, { analysis: 'toy', dataset: panelHash(panel), params: {} }, 'any');
  expect(await deathOf(compute.shard({ ...asked, spec: toy }))).toMatchObject({ message: 'death 1' });
});
