import type { Job, ProblemBody, Weights } from '@spillway/contracts';
import { dataFile, type Service, startService } from '../harness/service.js';

let service: Service;
let produc: string;
beforeAll(async () => {
  service = await startService();
  produc = (await service.upload(dataFile('produc.csv'), 'entity=state&time=year')).body.id;
});
afterAll(() => service.stop());

const weigh = (bytes: string | Uint8Array, query: string, type = 'text/csv') =>
  service.ask<Weights & ProblemBody>('POST', `/v1/weights?${query}`, bytes, { 'content-type': type });
const states = async () => (await weigh(dataFile('usa48_queen_edges.csv'), 'kind=edge-list')).body.id;
const submit = (body: object) => service.post('/v1/jobs', { dataset: produc, seed: 1, ...body });

test('weights are described, and found again by their content', async () => {
  const { status, headers, body } = await weigh(dataFile('usa48_queen_edges.csv'), 'kind=edge-list&name=48%20states');
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/v1/weights/${body.id}`);
  expect(body).toMatchObject({
    name: '48 states',
    kind: 'edge-list',
    normalisation: 'row',
    units: 48,
    links: 214,
    islands: { count: 0, labels: [] },
    components: 1,
    symmetricLinks: true,
    first: 'ALABAMA',
    last: 'WYOMING',
  });
  expect((await service.get<Weights>(`/v1/weights/${body.id}`)).body).toEqual(body);
  // the same links in another form
  const gal = '0 3 x id\na 1\nb\nb 2\na c\nc 1\nb\n';
  const edges = 'from,to\nc,b\na,b\nb,a\nb,c\n';
  const [one, other] = [await weigh(gal, 'kind=gal', 'text/plain'), await weigh(edges, 'kind=edge-list')];
  expect(one.body).toMatchObject({ units: 3, links: 4 });
  expect(other.body.rowSums).toEqual(one.body.rowSums);
  const preview = (await service.get<{ rows: unknown[] }>(`/v1/weights/${one.body.id}/preview`)).body;
  expect(preview.rows).toEqual([
    ['a', 'b', 1],
    ['b', 'a', 0.5],
    ['b', 'c', 0.5],
    ['c', 'b', 1],
  ]);
  const { data } = (await service.get<{ data: Weights[] }>('/v1/weights')).body;
  expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining([body.id, one.body.id]));
  // and out again, as other programs read them
  const links = async (format: string) =>
    (await service.ask<string>('GET', `/v1/weights/${one.body.id}/links?format=${format}`)).body;
  expect(await links('csv')).toBe('from,to,weight\na,b,1\nb,a,0.5\nb,c,0.5\nc,b,1\n');
  expect(await links('gal')).toContain('b 2\na c\n');
  expect((await weigh(await links('matrix'), 'kind=matrix&normalisation=none')).body).toMatchObject({ units: 3, links: 4 });
  // a matrix is no dataset
  expect((await service.get(`/v1/datasets/${body.id}`)).status).toBe(404);
  expect((await service.get(`/v1/weights/${produc}`)).status).toBe(404);
});

test('a job reads weights by one id, or by names that its formula gives them', async () => {
  const W = await states();
  const one = await submit({ analysis: 'spatial-tests', weights: W, params: { variables: ['unemp'], permutations: 99 } });
  expect(one.status).toBe(202);
  expect(one.body.weights).toEqual({ W });
  const ended = await service.ended(one.body.id);
  expect(ended.failure).toBeNull();
  const { body } = await service.get<{ global: { moran: number }[]; provenance: object }>(`/v1/jobs/${ended.id}/result`);
  expect(body.provenance).toMatchObject({ weights: { W } });

  const both = { near: W, far: (await weigh(dataFile('usa48_queen_edges.csv'), 'kind=edge-list&order=2')).body.id };
  const params = { formula: 'log(gsp) ~ log(pc) + W(log(pc), near) + W(log(pc), far) | state' };
  const two = await submit({ analysis: 'panel-regression', weights: both, params });
  expect((await service.ended(two.body.id)).state).toBe('succeeded');
  // other weights, another job
  const swapped = await submit({ analysis: 'panel-regression', weights: { near: both.far, far: W }, params });
  expect(swapped.body.id).not.toBe(two.body.id);
});

test('polygons, places and numbers become weights', async () => {
  const square = (id: string, x: number, y: number) => ({
    type: 'Feature',
    properties: { id },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [x, y],
          [x + 1, y],
          [x + 1, y + 1],
          [x, y + 1],
          [x, y],
        ],
      ],
    },
  });
  const features = [square('a', 0, 0), square('b', 1, 0), square('c', 0, 1), square('d', 1, 1)];
  const map = JSON.stringify({ type: 'FeatureCollection', features });
  const queen = await weigh(map, 'kind=queen&id=id', 'application/geo+json');
  const rook = await weigh(map, 'kind=rook&id=id', 'application/geo+json');
  expect([queen.body.links, rook.body.links]).toEqual([12, 8]);

  const places = 'id,lon,lat\na,0,0\nb,0,1\nc,0,3\nd,0,7\n';
  const nearest = await weigh(places, 'kind=k-nearest&k=1&id=id&metric=great-circle');
  expect(nearest.body).toMatchObject({ units: 4, links: 4, symmetricLinks: false });
  const band = await weigh(places, 'kind=distance-band&band=250&id=id&metric=great-circle&islands=keep');
  expect(band.body).toMatchObject({ links: 4, islands: { count: 1, labels: ['d'] } });
  const inverse = await weigh(places, 'kind=inverse-distance&power=2&cutoff=400&id=id&metric=great-circle&islands=keep');
  expect(inverse.status).toBe(201);
  const wealth = await weigh('id,gdp\na,1\nb,2\nc,4\n', 'kind=economic&id=id&value=gdp&normalisation=spectral');
  expect(wealth.body).toMatchObject({ units: 3, links: 6, symmetric: true });
  const ties = await weigh('id,gdp\na,1\nb,1\nc,4\n', 'kind=economic&id=id&value=gdp');
  expect(ties.status).toBe(422);
  expect(ties.body.detail).toMatch(/equal|same|tie/);
});

test('weights made of other weights name them by their id', async () => {
  const W = await states();
  const csv = dataFile('produc.csv');
  const economic = await weigh(csv, `kind=economic-scaled&of=${W}&id=state&value=gsp&time=year&base=1970`);
  expect({ status: economic.status, detail: economic.body.detail }).toEqual({ status: 201, detail: undefined });
  expect(economic.body).toMatchObject({ units: 48, links: 214 });
  const nowhere = await weigh(csv, 'kind=economic-scaled&of=other&id=state&value=gsp&time=year&base=1970');
  expect({ status: nowhere.status, code: nowhere.body.code }).toEqual({ status: 422, code: 'unknown_weights' });
});

test('what does not fit is refused in words', async () => {
  const W = await states();
  const refusals: [number, string, Promise<{ status: number; body: ProblemBody }>][] = [
    [400, 'kind', weigh('a,b\n', 'kind=eggs')],
    [400, 'kind', weigh('a,b\n', '')],
    [415, 'text/csv', weigh('a,b\n', 'kind=edge-list', 'application/xml')],
    [422, '-1', weigh('from,to,weight\na,b,-1\n', 'kind=edge-list')],
    [422, 'b', weigh('from,to\na,b\n', 'kind=edge-list')], // b has no neighbours, and rows are to sum to 1
    [422, 'its own', weigh('from,to\na,a\n', 'kind=edge-list')],
    [422, 'no weights', submit({ analysis: 'spatial-tests', weights: 'f'.repeat(64), params: { variables: ['unemp'] } })],
    [422, 'hand some in', submit({ analysis: 'spatial-tests', params: { variables: ['unemp'] } })],
    [
      422,
      'must say which',
      submit({ analysis: 'panel-regression', weights: { a: W, b: W }, params: { formula: 'gsp ~ W(pc)' } }),
    ],
    [
      422,
      'did you mean',
      submit({ analysis: 'panel-regression', weights: { near: W }, params: { formula: 'gsp ~ W(pc, naer)' } }),
    ],
  ];
  for (const [status, words, asked] of refusals) {
    const answer = await asked;
    expect({ words, status: answer.status, body: answer.body }).toMatchObject({ status });
    expect(JSON.stringify(answer.body)).toContain(words);
  }
  // labels that do not match: both sides are named
  const grunfeld = await service.grunfeld();
  const { body } = await service.post('/v1/jobs', {
    ...{ analysis: 'panel-regression', dataset: grunfeld, weights: W, seed: 1 },
    params: { formula: 'inv ~ W(value) | firm' },
  });
  const ended = await service.ended(body.id);
  expect(ended.failure?.code).toBe('weights_mismatch');
  expect(ended.failure?.message).toContain('"ALABAMA"');
});

test('deleted weights are hidden at once, kept for the live job that reads them, and can come back', async () => {
  const W = await states();
  const toy = { analysis: 'toy', weights: W, params: { shards: 40, rounds: 10_000_000 } };
  const { body: job } = await submit(toy);
  expect((await service.ask('DELETE', `/v1/weights/${W}`)).status).toBe(204);
  expect((await service.get(`/v1/weights/${W}`)).status).toBe(404);
  expect((await submit({ ...toy, seed: 2 })).body.code).toBe('unknown_weights');
  expect((await service.ended(job.id)).state).toBe('succeeded');
  expect(await states()).toBe(W);
  const { body: next } = await submit({ ...toy, params: { shards: 2 } });
  expect((await service.ended(next.id)).state).toBe('succeeded');
});

test('OpenAPI lists every option of every kind', async () => {
  const { body } = await service.get<{ paths: Record<string, { post: { parameters: { name: string; required: boolean }[] } }> }>(
    '/openapi.json',
  );
  const parameters = body.paths['/v1/weights'].post.parameters;
  expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['kind']);
  expect(parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['name', 'normalisation', 'k', 'band', 'snap', 'of']),
  );
});

test.each(['spatial-tests', 'gs2sls', 'spatial-ml'])(
  'what the catalogue says can be done is done: the example of %s runs',
  async (analysis) => {
    const { body } = await service.get<{
      example: { dataset: string; weights: { file: string; options: Record<string, string> }; params: object };
    }>(`/v1/analyses/${analysis}`);
    const { weights, params } = body.example;
    const made = await weigh(dataFile(weights.file), new URLSearchParams(weights.options).toString());
    const { body: job } = await service.post<Job>('/v1/jobs', { analysis, dataset: produc, weights: made.body.id, params });
    expect((await service.ended(job.id)).state).toBe('succeeded');
  },
);
