import type { Job, ProblemBody } from '@spillway/contracts';
import { dataFile, type Service, startService } from '../harness/service.js';

let service: Service;
let cigar: string;

beforeAll(async () => {
  service = await startService({ env: { SPILLWAY_UPLOAD_BYTES: '200000', SPILLWAY_JSON_BYTES: '20000' } });
  cigar = (await service.upload(dataFile('cigar.csv'), 'entity=state&time=year')).body.id;
});
afterAll(() => service.stop());

const refused = (answer: { status: number; headers: Headers; body: ProblemBody }) => {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body.status).toBe(answer.status);
  return { status: answer.status, code: answer.body.code, detail: answer.body.detail, errors: answer.body.errors ?? [] };
};

describe('files', () => {
  const files: [name: string, file: string, status: number, code: string, detail: RegExp][] = [
    ['empty', '', 400, 'empty_file', /empty/],
    ['no header', '1,1990,2\n1,1991,3\n', 400, 'no_header', /column/],
    ['ragged rows', 'firm,year,x\n1,1990,2\n1,1991\n', 400, 'ragged_row', /line 3/],
    ['text in a numeric column', 'firm,year,x\n1,1990,2\n1,1991,abc\n1,1992,4\n', 422, 'text_in_numeric_column', /x.*abc/s],
    ['an entity and time twice', 'firm,year,x\n1,1990,2\n1,1990,3\n', 422, 'duplicate_key', /1990/],
    ['an unknown key column', 'frim,year,x\n1,1990,2\n', 422, 'unknown_column', /did you mean "frim"/],
    ['a reserved column name', 'firm,year,__proto__\n1,1990,2\n', 400, 'reserved_column_name', /__proto__/],
  ];
  test.each(files)('%s', async (_name, file, status, code, detail) => {
    expect(refused(await service.upload(file, 'entity=firm&time=year'))).toMatchObject({
      status,
      code,
      detail: expect.stringMatching(detail),
    });
  });

  test('too large, with and without saying so beforehand', async () => {
    const large = `firm,year,x\n${'1,1990,2\n'.repeat(30_000)}`;
    expect(refused(await service.upload(large, 'entity=firm&time=year'))).toMatchObject({ status: 413, code: 'too_large' });
    const pieces = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 30; i++) controller.enqueue(new TextEncoder().encode('1,1990,2\n'.repeat(1000)));
        controller.close();
      },
    });
    const chunked = await fetch(`${service.url}/v1/datasets?entity=firm&time=year`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: pieces,
      duplex: 'half',
    });
    expect(chunked.status).toBe(413);
  });

  test('another media type, an encoding, an unknown option', async () => {
    expect(refused(await service.upload('{}', 'entity=firm&time=year', 'application/json')).status).toBe(415);
    const zipped = await service.ask<ProblemBody>('POST', '/v1/datasets?entity=firm&time=year', 'x', {
      'content-type': 'text/csv',
      'content-encoding': 'gzip',
    });
    expect(refused(zipped).code).toBe('unsupported_encoding');
    const answer = refused(await service.upload('firm,year,x\n1,1990,2\n', 'entity=firm&time=year&separator=;'));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request', detail: expect.stringContaining('separator') });
  });
});

describe('jobs', () => {
  const good = {
    formula: 'log(sales) ~ log(pimin/cpi) | state',
    thresholdVariable: 'log(ndi/cpi)',
    regimeRegressors: ['log(price/cpi)'],
  };
  const submit = async (params: Record<string, unknown>) =>
    refused(await service.post('/v1/jobs', { analysis: 'threshold', dataset: cigar, params: { ...good, ...params } }));

  test('an unknown column: did you mean', async () => {
    const answer = await submit({ formula: 'log(sals) ~ log(pimin) | state' });
    expect(answer).toMatchObject({ status: 422, code: 'unknown_column', errors: [{ pointer: '/params/formula' }] });
    expect(answer.detail).toContain('did you mean "sales"');
  });

  test('a formula that does not parse: a caret under the character', async () => {
    const answer = await submit({ formula: 'log(sales) ~ log(price | state' });
    expect(answer.status).toBe(400);
    expect(answer.errors[0].pointer).toBe('/params/formula');
    const [text, caret] = answer.detail.split('\n').slice(-2);
    expect(text).toContain('log(sales) ~ log(price | state');
    expect(caret.trim()).toBe('^');
    expect(text[caret.indexOf('^')]).toBe('|');
  });

  test('a threshold variable that is constant or has two values', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${Math.floor(i / 6)},${1990 + (i % 6)},${(i * 7) % 11},${(i * 5) % 13},1,${i % 2}`,
    );
    const { body } = await service.upload(`firm,year,y,x,one,two\n${rows.join('\n')}\n`, 'entity=firm&time=year');
    for (const thresholdVariable of ['one', 'two']) {
      const params = { formula: 'y ~ 1 | firm', regimeRegressors: ['x'], thresholdVariable };
      const answer = refused(await service.post('/v1/jobs', { analysis: 'threshold', dataset: body.id, params }));
      expect(answer).toMatchObject({ status: 422, errors: [{ pointer: '/params/thresholdVariable' }] });
      expect(answer.detail).toContain(thresholdVariable);
    }
  });

  test('trim too large', async () => {
    const answer = await submit({ trim: 0.6 });
    expect([400, 422]).toContain(answer.status);
    expect(answer.errors[0].pointer).toMatch(/^\/params\/trim/);
  });

  test('more replications than allowed: the cost arithmetic is in the refusal', async () => {
    const answer = await submit({ bootstrap: { replications: 2_000_000 } });
    expect(answer).toMatchObject({ status: 422, errors: [{ pointer: expect.stringContaining('/params/bootstrap') }] });
    expect(answer.detail).toMatch(/1,?000,?000/);
    expect(answer.detail).toMatch(/2 methods|replications ×/);
    expect(answer.detail).toMatch(/second|CPU/);
  });

  test('an unknown analysis, dataset, member', async () => {
    const unknown = refused(await service.post('/v1/jobs', { analysis: 'treshold', dataset: cigar, params: {} }));
    expect(unknown).toMatchObject({
      status: 422,
      code: 'unknown_analysis',
      detail: expect.stringContaining('did you mean "threshold"'),
    });
    const nowhere = refused(await service.post('/v1/jobs', { analysis: 'threshold', dataset: 'f'.repeat(64), params: good }));
    expect(nowhere).toMatchObject({ status: 422, code: 'unknown_dataset', errors: [{ pointer: '/dataset' }] });
    expect((await submit({ bootsrap: {} })).status).toBe(400);
    expect((await service.get('/v1/jobs/nothing-here')).status).toBe(404);
    expect((await service.get('/v1/datasets/nothing-here')).status).toBe(404);
  });

  test('malformed JSON, another media type, an oversize body', async () => {
    const json = { 'content-type': 'application/json' };
    expect(refused(await service.ask('POST', '/v1/jobs', '{"analysis":', json))).toMatchObject({
      status: 400,
      code: 'malformed_json',
    });
    expect(refused(await service.ask('POST', '/v1/jobs', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(refused(await service.ask('POST', '/v1/jobs', `{"a":"${'x'.repeat(30_000)}"}`, json))).toMatchObject({
      status: 413,
      code: 'too_large',
    });
    expect(refused(await service.post('/v1/jobs', [1])).status).toBe(400);
    expect(refused(await service.ask('POST', '/v1/jobs', '['.repeat(9_000) + ']'.repeat(9_000), json)).code).toBe('too_deep');
  });

  test.each(['__proto__', 'constructor', 'prototype'])('a member called %s', async (name) => {
    const text = `{"analysis":"threshold","dataset":"${cigar}","params":{"formula":"y ~ x","${name}":{"polluted":1}}}`;
    const answer = refused(await service.ask('POST', '/v1/jobs', text, { 'content-type': 'application/json' }));
    expect(answer).toMatchObject({ status: 400, code: 'reserved_key' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('paths', () => {
  test('nothing there, another method, another host', async () => {
    expect(refused(await service.get('/v2')).code).toBe('no_such_path');
    expect(refused(await service.ask('DELETE', '/v1/analyses'))).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });

  test('a seed that is no whole number', async () => {
    const answer = await service.post<Job & ProblemBody>('/v1/jobs', { analysis: 'toy', dataset: cigar, seed: 1.5, params: {} });
    expect(refused(answer)).toMatchObject({ status: 400, errors: [{ pointer: '/seed' }] });
  });
});
