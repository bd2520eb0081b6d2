import { readFileSync } from 'node:fs';
import {
  buildPanel,
  type CsvOptions,
  csvLimits,
  decodePanel,
  encodePanel,
  InputError,
  maxProblems,
  type NumberColumn,
  type Panel,
  panelFromCsv,
  panelHash,
  summarizePanel,
} from '@spillway/core';
import fc from 'fast-check';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  panelFromCsv(typeof text === 'string' ? bytesOf(text) : text, { entity: 'firm', time: 'year', ...options });
const hashOf = (panel: Panel) => panelHash(encodePanel(panel));
const shipped = (name: string) => readFileSync(new URL(`../../data/${name}`, import.meta.url));
const numbers = (panel: Panel, name: string) => {
  const column = panel.columns.find((each) => each.name === name) as NumberColumn;
  return Array.from(column.values);
};

/** The problems of a call that must throw an InputError. */
function problemsOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('nothing was thrown');
}
const codesOf = (call: () => unknown) => problemsOf(call).map(({ code }) => code);
const messagesOf = (call: () => unknown) => problemsOf(call).map(({ message }) => message);

describe('bad files are refused at the door, in words', () => {
  const refusals: [what: string, file: string, code: string, message: RegExp, options?: Partial<CsvOptions>][] = [
    ['an empty file', '', 'empty_file', /empty/],
    ['only blank lines', '\ufeff \r\n\n', 'empty_file', /empty/],
    ['a file without a header', '1,2000,3.5\n1,2001,4', 'no_header', /first line must name the columns; it reads "1 2000 3\.5"/],
    ['a header of missing cells', ',NA,.\n1,2000,3', 'no_header', /first line/],
    ['a header and nothing else', 'firm,year,x\n', 'no_rows', /no rows/],
    ['a column name twice', 'firm,year,x,x\n1,2000,3,4', 'duplicate_column', /columns 3 and 4 are both named "x"/],
    ['a column without a name', 'firm,year,,x\n1,2000,3,4', 'empty_column_name', /column 3 has no name/],
    ["R's row names", '"","firm","year","x"\n"1",1,2000,3', 'empty_column_name', /row\.names = FALSE/],
    ['a reserved column name', 'firm,year,__proto__\n1,2000,3', 'reserved_column_name', /"__proto__"/],
    ['a reserved column name', 'firm,year,constructor\n1,2000,3', 'reserved_column_name', /"constructor"/],
    ['a reserved column name', 'firm,year,prototype\n1,2000,3', 'reserved_column_name', /"prototype"/],
    ['a short row', 'firm,year,x\n1,2000,3\n1,2001\n', 'ragged_row', /line 3 has 2 cells, but the header has 3/],
    ['a long row', 'firm,year,x\n1,2000,3,4\n', 'ragged_row', /line 2 has 4 cells, but the header has 3/],
    ['a short row after a quoted cell of two lines', 'firm,year,x\n"a\nb",2000,3\n1,2001\n', 'ragged_row', /line 4 has 2 cells/],
    [
      'text in a numeric column',
      'firm,year,x\n1,2000,3.5\n1,2001,n/a\n1,2002,?\n',
      'text_in_numeric_column',
      /column "x" has text "n\/a" on line 3, but a number \(3\.5\) on line 2; 2 cells/,
    ],
    [
      'a number in a text column',
      'firm,year,x\n1,2000,abc\n1,2001,7',
      'text_in_numeric_column',
      /"abc" on line 2, but a number \(7\) on line 3/,
    ],
    ['decimal commas', 'firm;year;x\n1;2000;3\n1;2001;3,5', 'text_in_numeric_column', /a decimal comma\?/],
    ['a number beyond doubles', 'firm,year,x\n1,2000,1e999', 'number_out_of_range', /"1e999" on line 2/],
    ['infinity', 'firm,year,x\n1,2000,Infinity\n1,2001,2', 'text_in_numeric_column', /"Infinity"/],
    ['hexadecimal', 'firm,year,x\n1,2000,0x1F\n1,2001,2', 'text_in_numeric_column', /"0x1F"/],
    [
      'a key twice',
      'firm,year,x\n7,2000,1\n8,2000,1\n7,2000,2',
      'duplicate_key',
      /firm "7", year "2000" is on line 2 and again on line 4/,
    ],
    ['a key twice in two spellings', 'firm,year,x\n7,2000,1\n7.0,2000.0,2', 'duplicate_key', /lines? 2 and again on line 3/],
    ['an unknown entity', 'frim,year,x\n1,2000,1', 'unknown_column', /no column "firm" for entity \(did you mean "frim"\?\)/],
    ['an unknown time', 'firm,Year,x\n1,2000,1', 'unknown_column', /no column "year" for time \(did you mean "Year"\?\)/],
    ['a wrong delimiter', 'firm;year;x\n1;2000;1', 'unknown_column', /is the delimiter right\?/, { delimiter: ',' }],
    ['one column for both', 'firm,year,x\n1,2000,1', 'same_column', /both "firm"/, { time: 'firm' }],
    ['no entity', 'firm,year,x\n,2000,1', 'missing_key', /line 2 has no entity: column "firm" is empty/],
    ['no time', 'firm,year,x\n1,NA,1', 'missing_key', /line 2 has no time.*"NA" means missing/],
    ['a time that is none', 'firm,year,x\n1,soon,1', 'bad_time', /time "soon" in column "year" is not an integer/],
    ['a day that is none', 'firm,year,x\n1,2011-02-29,1', 'bad_time', /"2011-02-29"/],
    ['a month that is none', 'firm,year,x\n1,2011-13,1', 'bad_time', /"2011-13"/],
    [
      'mixed units of time',
      'firm,year,x\n1,2011Q1,1\n1,2012,1',
      'bad_time',
      /"2012" in column "year" is an integer, but "2011Q1" is a quarter/,
    ],
    ['dates without separators', 'firm,year,x\n1,20111231,1\n1,20121231,1', 'bad_time', /write 2012-03-31/],
    ['months without separators', 'firm,year,x\n1,201112,1\n1,201201,1', 'bad_time', /2012-03/],
    [
      'a time off the given step',
      'firm,year,x\n1,2000,1\n1,2005,1\n1,2008,1',
      'bad_time',
      /"2008".*step 5 after "2000"/,
      { step: 5 },
    ],
    ['a step that is none', 'firm,year,x\n1,2000,1', 'bad_step', /got 0/, { step: 0 }],
    ['a delimiter of two characters', 'firm,year,x\n1,2000,1', 'bad_delimiter', /one character/, { delimiter: '::' }],
    [
      'a delimiter that is the decimal mark',
      'firm,year,x\n1,2000,1',
      'bad_delimiter',
      /both ","/,
      { delimiter: ',', decimal: ',' },
    ],
    ['a quote never closed', 'firm,year,x\n1,2000,"1\n1,2001,2', 'bad_quote', /never closed/],
    ['a quote inside a cell', 'firm,year,x\n1,2000,1\n1,2001,5" pipe', 'bad_quote', /line 3: a quote stands inside/],
    ['too many columns', 'firm,year,x,y\n1,2000,1,2', 'too_many_columns', /4 columns; at most 3/, { limits: { columns: 3 } }],
    ['too many rows', 'firm,year,x\n1,2000,1\n1,2001,1', 'too_many_rows', /more than 1 rows/, { limits: { rows: 1 } }],
    ['too many cells', 'firm,year,x\n1,2000,1\n1,2001,1', 'too_many_cells', /more than 3 cells/, { limits: { cells: 3 } }],
    [
      'a line too long',
      `firm,year,x\n1,2000,${'9'.repeat(90)}`,
      'line_too_long',
      /line 2 is longer than 50/,
      { limits: { lineLength: 50 } },
    ],
    [
      'a quoted line too long',
      `firm,year,x\n1,2000,"${'a'.repeat(90)}"`,
      'line_too_long',
      /longer than 50/,
      { limits: { lineLength: 50 } },
    ],
  ];
  // a rest parameter, for jest hands a callback to tests with more parameters than the row has cells
  test.each(refusals)('%s', (...[, file, code, message, options]) => {
    const problems = problemsOf(() => read(file, options));
    expect([...new Set(problems.map((problem) => problem.code))]).toEqual([code]);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });

  test('encodings other than UTF-8 are named', () => {
    const gbk = Uint8Array.from([...bytesOf('firm,year,x\n'), 0xb9, 0xe3, 0xb6, 0xab, ...bytesOf(',2000,1\n')]); // 广东
    expect(messagesOf(() => read(gbk))[0]).toMatch(/GBK \(it would read "广东"\)/);
    const latin = Uint8Array.from([...bytesOf('firm,year,x\nRh'), 0xf4, ...bytesOf('ne,2000,1\n')]);
    expect(messagesOf(() => read(latin))[0]).toMatch(/Latin-1/);
    const utf16 = Uint8Array.from([0xff, 0xfe, ...[...'firm,year\n'].flatMap((character) => [character.charCodeAt(0), 0])]);
    expect(messagesOf(() => read(utf16))[0]).toMatch(/UTF-16/);
    expect(messagesOf(() => read(utf16.slice(2)))[0]).toMatch(/UTF-16/);
    expect(messagesOf(() => read(Uint8Array.from([0x50, 0x4b, 3, 4, 0xff, 0x80])))[0]).toMatch(/zip file/);
    expect(codesOf(() => read(gbk))).toEqual(['not_utf8']);
  });

  test('several problems are told at once, up to a cap', () => {
    const file = 'firm,year,x,y\n1,2000,1,a\n1,2000,b,2\n1,2001\n,2002,3,4\n1,later,3,4';
    expect(codesOf(() => read(file)).sort()).toEqual([
      'bad_time',
      'missing_key',
      'ragged_row',
      'text_in_numeric_column',
      'text_in_numeric_column',
    ]);
    expect(codesOf(() => read(file.replace('later', '2003')))).toContain('duplicate_key');
    expect(codesOf(() => read(`firm,year,x\n${'1,2000\n'.repeat(1000)}`))).toHaveLength(maxProblems);
    expect(codesOf(() => read('year,year,\n1,2000,1')).sort()).toEqual([
      'duplicate_column',
      'empty_column_name',
      'unknown_column',
    ]);
  });

  test('columns handed in are held to the same rules', () => {
    const source = { entity: { name: 'firm', values: [1, 1] }, time: { name: 'year', values: [2000, 2001] } };
    const build = (columns: Parameters<typeof buildPanel>[0]['columns']) => buildPanel({ ...source, columns });
    expect(codesOf(() => build([{ name: 'firm', values: [1, 2] }]))).toEqual(['duplicate_column']);
    expect(codesOf(() => build([{ name: '__proto__', values: [1, 2] }]))).toEqual(['reserved_column_name']);
    expect(codesOf(() => build([{ name: 'x', values: [1] }]))).toEqual(['ragged_row']);
    expect(codesOf(() => build([{ name: 'x', values: [1, 'a'] }]))).toEqual(['text_in_numeric_column']);
    expect(codesOf(() => build([{ name: 'x', values: [1, Number.POSITIVE_INFINITY] }]))).toEqual(['number_out_of_range']);
    expect(codesOf(() => buildPanel({ ...source, time: { name: 'year', values: [2000, 2000] }, columns: [] }))).toEqual([
      'duplicate_key',
    ]);
    expect(codesOf(() => buildPanel({ ...source, time: { name: 'year', values: [2000, ''] }, columns: [] }))).toEqual([
      'missing_key',
    ]);
    expect(
      codesOf(() => buildPanel({ entity: { name: 'a', values: [] }, time: { name: 'b', values: [] }, columns: [] })),
    ).toEqual(['no_rows']);
  });

  test('whatever the bytes, nothing but an InputError comes out, and no prototype is touched', () => {
    const pieces = fc.constantFrom(
      'firm',
      'year',
      'x',
      ',',
      ';',
      '\n',
      '\r\n',
      '\r',
      '"',
      '1',
      '2000',
      'NA',
      '.',
      'a',
      ' ',
      '__proto__',
      '\ufeff',
      '\0',
    );
    const texts = fc.array(pieces, { maxLength: 40 }).map((each) => bytesOf(`firm,year,x\n${each.join('')}`));
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          encodePanel(read(Uint8Array.from(bytes)));
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('reading', () => {
  const plain = 'firm,year,x,group\n1,2000,1.5,a\n1,2001,NA,b\n2,2000,-2,\n2,2001,3e2,a\n';

  const spellings: [what: string, file: string, options: Partial<CsvOptions>][] = [
    ['CR LF and a byte order mark', `\ufeff${plain.replaceAll('\n', '\r\n')}`, {}],
    ['CR', plain.replaceAll('\n', '\r'), {}],
    ['no line end at the end', plain.trimEnd(), {}],
    ['blank lines', plain.replaceAll('\n', '\n\n'), {}],
    ['white space around cells', plain.replaceAll(',', ' , '), {}],
    ['semicolons', plain.replaceAll(',', ';'), {}],
    ['tabs', plain.replaceAll(',', '\t'), {}],
    ['bars', plain.replaceAll(',', '|'), {}],
    ['an odd delimiter, given', plain.replaceAll(',', '~'), { delimiter: '~' }],
    ['decimal commas, asked for', plain.replaceAll(',', ';').replace('1.5', '1,5'), { decimal: ',' }],
    ['quotes', plain.replaceAll(/[^,\n]+/g, '"$&"'), {}],
    [
      'other spellings',
      plain.replace('1.5', '+1.50').replace('3e2', '300.').replace('-2', '-2.0').replaceAll('2000', '2000.0'),
      {},
    ],
    ['other words for missing', plain.replace('NA', '-99'), { missing: ['-99'] }],
    ['another order of rows', `${plain.split('\n')[0]}\n${plain.trim().split('\n').slice(1).reverse().join('\n')}`, {}],
    ['entities with a point', plain.replaceAll(/^([12]),/gm, '$1.0,'), {}],
  ];
  test.each(spellings)('%s gives the same bytes', (_what, file, options) => {
    expect(hashOf(read(file, options))).toBe(hashOf(read(plain)));
  });

  test('the hash of this file is this', () => {
    // Stored with every job and every dataset: if it changes, the format in encoded.ts must have been raised.
    expect(hashOf(read(plain))).toBe('be4770550172f4e32aad29d4237eb9bfb705f1d50f322812a51718882ca4c5b4');
  });

  test('a quoted cell keeps delimiters, line ends and quotes', () => {
    const panel = read('firm,year,x\n"a, ""b""\nc",2000,1\n');
    expect(panel.entity.labels).toEqual(['a, "b"\nc']);
  });

  test('one delimiter is chosen from the header: another in the cells is text', () => {
    const panel = read('firm;year;x\nA, Inc.;2000;1\nB, Inc.;2000;2\n');
    expect(panel.entity.labels).toEqual(['A, Inc.', 'B, Inc.']);
  });

  test('cells of a file without quotes are those that csv-parse finds', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', '.', ' ', '广', '\t', "'", '-'), maxLength: 4 });
    const rows = fc.array(fc.tuple(cell, cell, fc.constantFrom('\n', '\r\n', '\r', '\n\n')), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, (lines) => {
        const body = lines.map(([a, b, end], k) => `${k},1,${a}x,${b}y${end}`).join('');
        const unquoted = read(`firm,year,a,b\n${body}`);
        const viaCsvParse = read(`"firm",year,a,b\n${body}`);
        expect(hashOf(viaCsvParse)).toBe(hashOf(unquoted));
      }),
    );
  });

  test('entities sort by number if all are numbers, and zeros in front make an identifier', () => {
    const entities = (...labels: string[]) => read(`firm,year\n${labels.map((label) => `${label},1\n`).join('')}`).entity.labels;
    expect(entities('10', '9', '-1', '1e1', '2.50')).toEqual(['-1', '2.5', '9', '10', '1e1']);
    expect(entities('10', '9', 'b', 'a')).toEqual(['10', '9', 'a', 'b']);
    expect(entities('02', '2', '1', '01')).toEqual(['01', '1', '02', '2']);
    expect(entities('.0', '-.50', '12345678901234567890.0')).toEqual(['-0.5', '0', '12345678901234567890']);
  });

  test.each([
    ['integers', ['2000', '2004', '2010'], 'integer', 2],
    ['quarters', ['2000Q1', '2000q2', '2001-Q1'], 'quarter', 1],
    ['months', ['2000-01', '2000M3', '2001m05'], 'month', 2],
    ['days', ['2000-01-01', '2000-01-08', '2000-01-29'], 'day', 7],
    ['ends of quarters', ['2000-03-31', '2000-06-30', '2000-12-31'], 'month', 3],
    ['ends of years, one a leap year', ['2011-12-31', '2012-12-31', '2013-12-31'], 'month', 12],
    ['days with a midnight', ['2000-01-01 00:00:00', '2000-01-02T00:00:00Z'], 'day', 1],
    ['one period', ['1999'], 'integer', 1],
    ['before zero', ['-3', '0', '3'], 'integer', 3],
  ] as const)('time: %s', (_what, labels, unit, step) => {
    const panel = read(`firm,year\n${labels.map((label) => `1,${label}\n`).join('')}`);
    expect({ unit: panel.time.unit, step: panel.time.step, periods: panel.time.labels.length }).toEqual({
      unit,
      step,
      periods: labels.length,
    });
  });

  test('a given step is kept', () => {
    expect(read('firm,year\n1,2000\n1,2004\n', { step: 2 }).time.step).toBe(2);
  });

  test('the data that ship', () => {
    const produc = summarizePanel(panelFromCsv(shipped('produc.csv'), { entity: 'state', time: 'year' }));
    expect(produc).toMatchObject({
      rows: 816,
      balanced: true,
      gaps: 0,
      entity: { count: 48, first: 'ALABAMA', last: 'WYOMING' },
    });
    expect(produc.columns.find(({ name }) => name === 'unemp')).toEqual({
      name: 'unemp',
      kind: 'number',
      missing: 0,
      distinct: 80,
      min: 2.8,
      max: 18,
    });
    const empluk = summarizePanel(panelFromCsv(shipped('empluk.csv'), { entity: 'firm', time: 'year' }));
    expect(empluk).toMatchObject({
      rows: 1031,
      balanced: false,
      periodsPerEntity: { min: 7, max: 9 },
      time: { first: '1976', last: '1984' },
    });
    const grunfeld11 = panelFromCsv(shipped('grunfeld11.csv'), { entity: 'firm', time: 'year' });
    expect([grunfeld11.rows, grunfeld11.entity.labels.length]).toEqual([220, 11]);
    expect(numbers(grunfeld11, 'invest').reduce((sum, value) => Math.max(sum, value))).toBe(1486.7); // General Motors, 1954
    expect(panelFromCsv(shipped('grunfeld.csv'), { entity: 'firm', time: 'year' }).entity.labels.at(-1)).toBe('10');
    expect(summarizePanel(panelFromCsv(shipped('cigar.csv'), { entity: 'state', time: 'year' }))).toMatchObject({
      rows: 1380,
      balanced: true,
    });
  });

  test('a missing value is counted, and so is a gap', () => {
    const summary = summarizePanel(read('firm,year,x,g\n1,2000,1,\n1,2003,NA,a\n2,2001,1,a\n2,2002,1,b\n'));
    expect(summary).toMatchObject({ gaps: 2, balanced: false, periodsPerEntity: { min: 2, max: 2 } });
    expect(summary.columns).toEqual([
      { name: 'x', kind: 'number', missing: 1, distinct: 1, min: 1, max: 1 },
      { name: 'g', kind: 'text', missing: 1, distinct: 2, min: null, max: null },
    ]);
    expect(csvLimits.columns).toBeGreaterThan(1000);
  });
});

describe('panels', () => {
  const cells = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constantFrom(Number.NaN, 0, -0));
  const rows = fc.uniqueArray(
    fc.record({
      who: fc.constantFrom('a', 'b', 'B', 'é', '10', '9'),
      when: fc.integer({ min: -3, max: 12 }),
      x: cells,
      g: fc.constantFrom(null, 'u', 'v', ''),
      rank: fc.nat(),
    }),
    { selector: ({ who, when }) => `${who} ${when}`, minLength: 1 },
  );
  type Row = { who: string; when: number; x: number; g: string | null; rank: number };
  const build = (of: Row[]) =>
    buildPanel({
      entity: { name: 'who', values: of.map(({ who }) => who) },
      time: { name: 'when', values: of.map(({ when }) => when) },
      columns: [
        { name: 'x', values: of.map(({ x }) => x) },
        { name: 'g', values: [...of.map(({ g }) => g)] },
      ],
    });

  test('the order of rows changes no byte', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const shuffled = [...given].sort((a, b) => a.rank - b.rank);
        expect(hashOf(build(shuffled))).toBe(hashOf(build(given)));
      }),
    );
  });

  test('every NaN is the same NaN', () => {
    const payload = new Float64Array(new BigUint64Array([0x7ff8_0000_dead_beefn, 0xfff8_0000_0000_0000n]).buffer);
    const of = (values: Float64Array) =>
      buildPanel({
        entity: { name: 'e', values: [1, 1] },
        time: { name: 't', values: [1, 2] },
        columns: [{ name: 'x', values }],
      });
    expect(hashOf(of(payload))).toBe(hashOf(of(new Float64Array(2).fill(Number.NaN))));
  });

  test('rows are sorted by entity, then time, and every value is where it was', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const panel = build(given);
        const x = numbers(panel, 'x');
        for (let row = 0; row < panel.rows; row++) {
          const [who, when] = [panel.entity.labels[panel.entity.codes[row]], panel.time.values[panel.time.codes[row]]];
          const source = given.find((each) => each.who === who && each.when === when)!;
          expect(x[row]).toBe(source.x + 0);
          if (row > 0 && panel.entity.codes[row] === panel.entity.codes[row - 1])
            expect(panel.time.codes[row]).toBeGreaterThan(panel.time.codes[row - 1]);
        }
        expect([...panel.entity.labels].sort()).toEqual([...new Set(given.map(({ who }) => who))].sort());
        expect(panel.time.values.every((value) => (value - panel.time.values[0]) % panel.time.step === 0)).toBe(true);
      }),
    );
  });

  test('encoding and decoding give the panel back, as views on shared memory', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const bytes = encodePanel(build(given));
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
        shared.set(bytes);
        const panel = decodePanel(shared);
        expect(panel.entity.codes.buffer).toBe(shared.buffer);
        expect(numbers(panel, 'x')).toEqual(numbers(build(given), 'x'));
        expect(Buffer.from(encodePanel(panel)).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });

  test('bytes that are no panel are refused', () => {
    expect(codesOf(() => decodePanel(encodePanelLike()))).toEqual(['not_a_panel']);
  });
  function encodePanelLike(): Uint8Array {
    const text = bytesOf('{"format":"other"}');
    const bytes = new Uint8Array(24);
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(text, 4);
    return bytes;
  }
});
