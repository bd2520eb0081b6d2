import type { Job, ProblemBody, SweepItems } from '@spillway/contracts';
import { parquetReadObjects } from 'hyparquet';
import { dataFile, type Service, startService } from '../harness/service.js';

let service: Service;
let produc: string;
beforeAll(async () => {
  service = await startService({ env: { SPILLWAY_MAX_REPLICATIONS: '100000' } });
  produc = (await service.upload(dataFile('produc.csv'), 'entity=state&time=year')).body.id;
});
afterAll(() => service.stop());

const grid = {
  params: { covariance: 'cluster' },
  formulas: {
    outcomes: ['log(gsp)'],
    treatments: ['log(pcap)'],
    controls: { always: ['log(pc)'], subsetsOf: ['log(emp)', 'unemp'] },
    effects: [[], ['state'], ['state', 'year']],
  },
};
const post = (body: object) => service.post<Job & ProblemBody>('/v1/sweeps', { dataset: produc, seed: 1, ...body });
const raw = async (path: string) => {
  const response = await fetch(service.url + path);
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};

test('a grid is swept; its table comes as CSV, Parquet and JSON, its items in pages', async () => {
  const { status, headers, body } = await post(grid);
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/v1/sweeps/${body.id}`);
  const ended = await service.ended(body.id);
  expect(ended).toMatchObject({ state: 'succeeded', progress: { done: 12, total: 12, unit: 'specifications' } });

  const json = JSON.parse((await raw(`/v1/sweeps/${body.id}/table?format=json`)).bytes.toString());
  expect(json.counts).toEqual({ items: 12, combinations: 12, distinct: 12, fitted: 12, failed: 0 });

  const csv = await raw(`/v1/sweeps/${body.id}/table?format=csv`);
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const [header, ...rows] = csv.bytes.toString().trim().split('\r\n');
  expect(header).toBe(
    '"item","sample","outcome","effects","treatment","controls","term","estimate","standardError","statistic","pValue","lower","upper","rows","equalTo","code","message"',
  );
  expect(rows).toHaveLength(12);
  expect(rows[11].split(',')[7]).toBe(String(json.items.estimate[11]));
  // drawn once: the same again is known by its tag
  const again = await fetch(`${service.url}/v1/sweeps/${body.id}/table?format=csv`, {
    headers: { 'If-None-Match': csv.headers.get('etag')! },
  });
  expect(again.status).toBe(304);

  const parquet = await raw(`/v1/sweeps/${body.id}/table?format=parquet`);
  const { buffer, byteOffset, byteLength } = Uint8Array.from(parquet.bytes);
  const objects = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) });
  expect(objects[11]).toMatchObject({
    item: 11,
    effects: 'state + year',
    controls: 'log(emp) + unemp',
    estimate: json.items.estimate[11],
  });

  const page = (await service.get<SweepItems>(`/v1/sweeps/${body.id}/items?after=10&limit=5`)).body;
  expect(page.total).toBe(12);
  expect(page.items.map(({ item }) => item)).toEqual([10, 11]);
  expect(page.items[1]).toMatchObject({ choices: { effects: 'state + year' }, term: 'log(pcap)', failure: null });

  // watched to its end once, its events have no more to say
  const events = (id?: string) =>
    fetch(`${service.url}/v1/sweeps/${body.id}/events`, { headers: id === undefined ? {} : { 'Last-Event-ID': id } });
  const told = await (await events()).text();
  expect(told).toContain('"state":"succeeded"');
  expect((await events(/^id: ?(.+)$/m.exec(told)?.[1])).status).toBe(204);
  const described = await service.get<{ paths: Record<string, Record<string, { responses: object }>> }>('/openapi.json');
  for (const [path, { get, post, delete: forget }] of Object.entries(described.body.paths)) {
    const twin = described.body.paths[path.replace('/v1/sweeps/', '/v1/jobs/')];
    if (!/^\/v1\/sweeps\/\{id\}(\/(events|cancel|retry))?$/.test(path)) continue;
    for (const [mine, theirs] of [
      [get, twin.get],
      [post, twin.post],
      [forget, twin.delete],
    ]) // what clients may meet
      expect(Object.keys(mine?.responses ?? {})).toEqual(Object.keys(theirs?.responses ?? {}));
  }

  // a sweep is a job, and the same sweep is the same job
  expect((await post(grid)).status).toBe(200);
  expect((await service.get<Job>(`/v1/jobs/${body.id}`)).body.analysis).toBe('sweep');
});

test('while it runs, the items so far are there, and cancelling keeps them for a retry', async () => {
  const slow = {
    analysis: 'threshold',
    params: { formula: 'log(gsp) ~ log(pc) | state', thresholdVariable: 'unemp', regimeRegressors: ['log(pcap)'] },
    vary: { 'bootstrap.replications': Array.from({ length: 40 }, (_, k) => 40_000 + k) },
  };
  const { body } = await post(slow);
  let page: SweepItems | null = null;
  while (page === null) {
    const { status, body: answer } = await service.get<SweepItems & ProblemBody>(`/v1/sweeps/${body.id}/items?limit=40`);
    if (status === 200) page = answer;
    else expect({ status, code: answer.code }).toEqual({ status: 409, code: 'not_ready' });
  }
  const known = page.items.filter(({ estimate }) => estimate !== null).length;
  expect(known).toBeLessThan(40);
  expect((await service.post(`/v1/sweeps/${body.id}/cancel`)).status).toBe(202);
  expect((await service.get(`/v1/sweeps/${body.id}/items`)).status).toBe(409);
  const retried = await service.post<Job>(`/v1/sweeps/${body.id}/retry`);
  expect(retried.status).toBe(202);
  expect(retried.body.epoch).toBeGreaterThan(body.epoch);
  // the parts that were there are there: nothing begins again from nothing
  for (;;) {
    const { body: now } = await service.get<Job>(`/v1/sweeps/${body.id}`);
    if (now.state === 'succeeded' || now.progress.done > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await service.post(`/v1/sweeps/${body.id}/cancel`)).status).toBe(202);
});

test('one item that fails fails alone, and says why', async () => {
  const { body } = await post({
    ...grid,
    samples: [{ name: 'all' }, { name: 'future', keep: [{ column: 'year', min: 2050 }] }],
  });
  expect((await service.ended(body.id)).state).toBe('succeeded');
  const { items } = (await service.get<SweepItems>(`/v1/sweeps/${body.id}/items?limit=24`)).body;
  expect(items.filter(({ failure }) => failure !== null)).toHaveLength(12);
  expect(items[23].failure?.code).toBe('no_complete_rows');
});

test('what cannot be swept is refused with its place and its count', async () => {
  const cases: [object, string, string][] = [
    [{ ...grid, vary: { covarianc: ['hc1'] } }, '/vary/covarianc/0', 'covarianc'],
    [
      { formulas: { ...grid.formulas, controls: { subsetsOf: Array.from({ length: 17 }, (_, k) => `I(unemp+${k})`) } } },
      '',
      '393,216',
    ],
    [{ formulas: { ...grid.formulas, treatments: ['log(pcapp)'] } }, '/formulas', 'did you mean'],
    [{ analysis: 'describe', params: {} }, '/analysis', 'no one estimate'],
  ];
  for (const [body, pointer, words] of cases) {
    const { status, body: problem } = await post(body);
    expect({ status, pointer: problem.errors?.[0].pointer }).toEqual({ status: 422, pointer });
    expect(problem.errors?.[0].detail).toContain(words);
  }
  const wrong = await post({ ...grid, smaples: [] });
  expect(wrong.status).toBe(400);
  const { body: job } = await service.post('/v1/jobs', { analysis: 'describe', dataset: produc, seed: 1, params: {} });
  expect((await service.get(`/v1/sweeps/${job.id}`)).status).toBe(404);
});

test('every choice is held to the limits of a job, wherever it stands among many', async () => {
  const bootstrap = (replications: number) => [{ kind: 'bootstrap', replications }];
  const model = { formula: 'log(gsp) ~ log(pcap) | state' };
  const many = (at: number, most: number) => Array.from({ length: 5_000 }, (_, k) => (k === at ? most : 99 + (k % 900)));
  const over = (at: number) => many(at, 100_001);
  const cases: [object, string][] = [
    [{ params: model, vary: { covariance: over(4_999).map(bootstrap) } }, '/vary/covariance/4999'],
    [{ params: model, list: over(3_000).map((one) => ({ covariance: ['hc1', ...bootstrap(one)] })) }, '/list/3000'],
    [
      { params: { ...model, covariance: bootstrap(99) }, vary: { 'covariance.0.replications': over(2_500) } },
      '/vary/covariance.0.replications/2500',
    ],
  ];
  for (const [body, pointer] of cases) {
    const { status, body: problem } = await post(body);
    expect({ status, errors: problem.errors }).toMatchObject({
      status: 422,
      errors: [{ pointer, code: 'too_many_replications' }],
    });
  }
  const { status, body } = await post({ params: model, vary: { covariance: many(2_500, 100_000).map(bootstrap) } });
  expect(status).toBe(202);
  expect((await service.post(`/v1/sweeps/${body.id}/cancel`)).status).toBe(202);
});

test('a result comes in every form, its figures as pictures', async () => {
  const { body } = await service.post('/v1/jobs', {
    ...{ analysis: 'describe', dataset: produc, seed: 1, params: {} },
  });
  await service.ended(body.id);
  const starts: Record<string, [string, RegExp]> = {
    csv: ['text/csv', /^"/],
    md: ['text/markdown', /^#/],
    html: ['text/html', /^<!doctype html>/i],
    latex: ['application/x-latex', /\\begin\{/],
    docx: ['application/vnd.openxmlformats', /^PK/],
  };
  for (const [format, [media, start]] of Object.entries(starts)) {
    const { status, headers, bytes } = await raw(`/v1/jobs/${body.id}/result?format=${format}`);
    expect({ format, status }).toEqual({ format, status: 200 });
    expect(headers.get('content-type')).toContain(media);
    expect(bytes.toString('latin1')).toMatch(start);
  }
  expect((await raw(`/v1/jobs/${body.id}/figures/1.svg`)).bytes.toString()).toMatch(/^<svg/);
  expect((await raw(`/v1/jobs/${body.id}/figures/1.png`)).bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(JSON.parse((await raw(`/v1/jobs/${body.id}/figures/1.json`)).bytes.toString()).$schema).toContain('vega-lite');
  expect((await raw(`/v1/jobs/${body.id}/figures/99.svg`)).status).toBe(404);
  expect((await raw(`/v1/jobs/${body.id}/figures/one.svg`)).status).toBe(404);
  expect((await raw(`/v1/jobs/${body.id}/result?format=pdf`)).status).toBe(400);
});
