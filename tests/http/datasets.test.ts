import type { Dataset, DatasetPreview } from '@spillway/contracts';
import { dataFile, type Service, startService } from '../harness/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

test('an upload is described, and found again by its content', async () => {
  const { status, headers, body } = await service.upload(dataFile('empluk.csv'), 'entity=firm&time=year&name=UK%20firms');
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/v1/datasets/${body.id}`);
  expect(body).toMatchObject({
    name: 'UK firms',
    rows: 1031,
    entity: { name: 'firm', count: 140 },
    time: { name: 'year', unit: 'integer', step: 1, count: 9, first: '1976', last: '1984' },
    balanced: false,
    periodsPerEntity: { min: 7, max: 9 },
  });
  expect((await service.get<Dataset>(`/v1/datasets/${body.id}`)).body).toEqual(body);

  // the same rows in another order, written otherwise
  const [header, ...rows] = dataFile('empluk.csv').toString().trim().split('\n');
  const other = [header, ...rows.reverse()].join('\r\n');
  expect((await service.upload(other, 'entity=firm&time=year')).body.id).toBe(body.id);

  const { data } = (await service.get<{ data: Dataset[] }>('/v1/datasets')).body;
  expect(data.filter(({ id }) => id === body.id)).toHaveLength(1);

  const preview = (await service.get<DatasetPreview>(`/v1/datasets/${body.id}/preview`)).body;
  expect(preview.columns).toEqual(['firm', 'year', 'sector', 'emp', 'wage', 'capital', 'output']);
  expect(preview.rows[0]).toEqual(['1', '1977', 7, 5.0409999, 13.1516, 0.58939999, 95.707199]);
});

test('a deleted dataset is hidden at once, kept for the live job that reads it, and can come back', async () => {
  const id = await service.grunfeld();
  const { body: job } = await service.submitToy(id, { shards: 40, rounds: 10_000_000 });
  expect((await service.ask('DELETE', `/v1/datasets/${id}`)).status).toBe(204);
  expect((await service.get(`/v1/datasets/${id}`)).status).toBe(404);
  expect((await service.submitToy(id, { shards: 2 })).body.code).toBe('unknown_dataset');
  expect((await service.ended(job.id)).state).toBe('succeeded');

  expect(await service.grunfeld()).toBe(id);
  const { body: next } = await service.submitToy(id, { shards: 2 });
  expect((await service.ended(next.id)).state).toBe('succeeded');
});

test('tabs, semicolons and decimal commas are read when they are what the file has', async () => {
  const tabs = await service.upload('firm\tyear\tx\n1\t1990\t2.5\n', 'entity=firm&time=year', 'text/tab-separated-values');
  expect(tabs.body.columns).toEqual([{ name: 'x', kind: 'number', missing: 0, distinct: 1, min: 2.5, max: 2.5 }]);
  const commas = await service.upload('firm;year;x\n1;1990;2,5\n', 'entity=firm&time=year&delimiter=%3B&decimal=%2C');
  expect(commas.body.id).toBe(tabs.body.id);
});
