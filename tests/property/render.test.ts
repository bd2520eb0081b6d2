import type { Cell, NumberCell, Report, Table } from '@spillway/core';
import {
  cellText,
  consoleReport,
  consoleTable,
  csvReport,
  csvTable,
  formatNumber,
  htmlReport,
  htmlTable,
  latexReport,
  latexTable,
  markdownReport,
  markdownTable,
} from '@spillway/render';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n\'"|\\{}$&#%_^~<>*`[]()!0a é，省β\u0302') }),
);
const numberCells: fc.Arbitrary<NumberCell> = fc.record(
  {
    value: fc.oneof(fc.double(), fc.integer(), fc.double({ min: -1e4, max: 1e4 }), fc.constantFrom(0, -0, 1e-300, 5e-324, 1e300)),
    format: fc.constantFrom('significant' as const, 'fixed' as const, 'count' as const, 'p' as const),
    digits: fc.integer({ min: 0, max: 20 }),
    stars: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    brackets: fc.constantFrom('round' as const, 'square' as const),
  },
  { requiredKeys: ['value', 'format'] },
);
const cells: fc.Arbitrary<Cell> = fc.oneof(numberCells, hostile, fc.constant(null));
const align = fc.constantFrom('left' as const, 'right' as const);
const tablesOf = (text: fc.Arbitrary<string>, cell: fc.Arbitrary<Cell>): fc.Arbitrary<Table> =>
  fc.integer({ min: 1, max: 5 }).chain((columns) =>
    fc.record({
      title: text,
      columns: fc.array(fc.record({ label: text, align }), { minLength: columns, maxLength: columns }),
      rows: fc.array(
        fc.record(
          { label: text, cells: fc.array(cell, { minLength: columns - 1, maxLength: columns - 1 }), ruleAbove: fc.boolean() },
          { requiredKeys: ['label', 'cells'] },
        ),
        { maxLength: 6 },
      ),
      notes: fc.array(text, { maxLength: 3 }),
    }),
  );
const tables = tablesOf(hostile, cells);
const reports: fc.Arbitrary<Report> = fc.record({
  title: hostile,
  verdict: fc.array(hostile, { maxLength: 2 }),
  tables: fc.array(tables, { maxLength: 2 }),
  figures: fc.array(fc.record({ title: hostile, caption: hostile, spec: fc.constant({}) }), { maxLength: 1 }),
});

/** Two columns as a paper has them; estimates of xthreg's published table (Stata Journal). */
const regression: Table = {
  title: 'Table 2. Investment & cash_flow',
  columns: [
    { label: '', align: 'left' },
    { label: '(1)', align: 'right' },
    { label: '(2)', align: 'right' },
  ],
  rows: [
    {
      label: 'Cash flow, q ≤ γ',
      cells: [
        { value: 0.0552454, format: 'significant', stars: 3 },
        { value: -12.5, format: 'significant', stars: 1 },
      ],
    },
    {
      label: '',
      cells: [
        { value: 0.0053343, format: 'significant', brackets: 'round' },
        { value: 7.25, format: 'significant', brackets: 'round' },
      ],
    },
    {
      label: 'N',
      cells: [
        { value: 7910, format: 'count' },
        { value: 816, format: 'count' },
      ],
      ruleAbove: true,
    },
    {
      label: 'p',
      cells: [
        { value: 0.00001, format: 'p' },
        { value: Number.NaN, format: 'p' },
      ],
    },
  ],
  notes: ['Standard errors in parentheses, clustered by entity. *** p<0.01, ** p<0.05, * p<0.1.'],
};

describe('numbers', () => {
  test.each([
    [0.0157, 'significant', 4, '0.01570'],
    [12345.6, 'significant', 3, '12346'],
    [9.996, 'significant', 3, '10.0'],
    [-0.4984, 'significant', 3, '-0.498'],
    [1.5678e-8, 'significant', 3, '1.57e-8'],
    [4.4e307, 'significant', 2, '4.4e307'],
    [2.345e-320, 'significant', 2, '2.3e-320'],
    [0, 'significant', 4, '0'],
    [35.19998, 'fixed', 2, '35.20'],
    [-0.0004, 'fixed', 2, '0.00'],
    [1e300, 'fixed', 2, '1.0e300'],
    [7910, 'count', undefined, '7,910'],
    [-1234567, 'count', undefined, '-1,234,567'],
    [999, 'count', undefined, '999'],
    [0.00004, 'p', undefined, '<0.0001'],
    [0, 'p', undefined, '<0.0001'],
    [0.0001, 'p', undefined, '0.0001'],
    [0.0033, 'p', 3, '0.003'],
    [0.0003, 'p', 3, '<0.001'],
    [1, 'p', undefined, '1.0000'],
    [Number.NaN, 'p', undefined, '–'],
    [Number.POSITIVE_INFINITY, 'significant', 4, '∞'],
    [null, 'significant', 4, '–'],
  ] as const)('%d as %s of %s digits is %s', (value, format, digits, text) => {
    expect(formatNumber(value, format, digits)).toBe(text);
  });

  test('significant digits lose at most half a unit of the last one', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 15 }), (value, digits) => {
        fc.pre(Math.abs(value) > 1e-300 && Math.abs(value) < 1e307); // beyond, doubles have fewer digits or none
        const read = Number(formatNumber(value, 'significant', digits));
        return Math.abs(read - value) <= Math.abs(value) * (5 * 10 ** -digits + 1e-15);
      }),
    );
  });

  test('no p-value is printed as zero', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 12 }), (p, digits) => {
        const text = formatNumber(p, 'p', digits);
        return text.startsWith('<') ? p < Number(text.slice(1)) : Number(text) > 0;
      }),
    );
  });

  test('brackets and stars stand around the number, and a missing number has no stars', () => {
    expect(cellText({ value: 0.00534, format: 'significant', digits: 3, brackets: 'round' })).toBe('(0.00534)');
    expect(cellText({ value: -0.498, format: 'fixed', stars: 2 })).toBe('-0.498**');
    expect(cellText({ value: Number.NaN, format: 'fixed', stars: 2, brackets: 'square' })).toBe('[–]');
  });
});

describe('console', () => {
  test('a journal table', () => {
    expect(`\n${consoleTable(regression, { width: 60 })}\n`).toBe(`
Table 2. Investment & cash_flow
────────────────────────────────────────────
                              (1)        (2)
────────────────────────────────────────────
Cash flow, q ≤ γ       0.05525***   -12.50*
                      (0.005334)     (7.250)
────────────────────────────────────────────
N                  7,910            816
p                     <0.0001         –
────────────────────────────────────────────
Standard errors in parentheses, clustered by entity. ***
p<0.01, ** p<0.05, * p<0.1.
`);
  });

  test('points stand under points, whatever brackets and stars are about', () => {
    const numbers = numberCells.map((cell): NumberCell => ({ ...cell, format: 'fixed', digits: 3, value: Math.sin(cell.value) }));
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 2, maxLength: 8 }), (column) => {
        fc.pre(column.every((cell) => Number.isFinite(cell.value)));
        const table: Table = {
          title: '',
          columns: [
            { label: '', align: 'left' },
            { label: 'x', align: 'right' },
          ],
          rows: column.map((cell) => ({ label: 'row', cells: [cell] })),
          notes: [],
        };
        const points = consoleTable(table)
          .split('\n')
          .filter((line) => line.startsWith('row'))
          .map((line) => line.indexOf('.'));
        return points.length === column.length && points.every((at) => at === points[0] && at > 0);
      }),
    );
  });

  test('columns of Chinese labels keep their places', () => {
    const text = consoleTable({
      title: '门槛',
      columns: [
        { label: '变量', align: 'left' },
        { label: '系数', align: 'right' },
      ],
      rows: [
        { label: '数字经济', cells: [{ value: 0.25, format: 'fixed' }] },
        { label: 'x', cells: [{ value: 0.5, format: 'fixed' }] },
      ],
      notes: [],
    });
    expect(text.split('\n').slice(2, 6)).toEqual([
      '变量        系数',
      '────────────────',
      '数字经济   0.250',
      'x          0.500',
    ]);
  });

  test('nothing reaches the terminal as a command, and no line ends in a space', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const text = consoleReport(report);
        return !/[\p{Cc}]/u.test(text.replaceAll('\n', '')) && !/ $/m.test(text);
      }),
    );
  });
});

describe('CSV', () => {
  const read = (text: string) => parse(text, { relax_column_count: true, skip_empty_lines: false }) as string[][];

  test('numbers come back bit-equal, text with at most an apostrophe before it', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const [, ...rows] = read(csvTable(table));
        expect(rows).toHaveLength(table.rows.length);
        table.rows.forEach((row, i) => {
          [row.label, ...row.cells].forEach((cell, j) => {
            const field = rows[i][j];
            if (cell === null) expect(field).toBe('');
            else if (typeof cell === 'string') expect([cell, `'${cell}`]).toContain(field);
            else expect(Object.is(Number(field), cell.value)).toBe(true);
          });
        });
      }),
    );
  });

  test('no text is a formula to a spreadsheet, and a negative number stays a number', () => {
    fc.assert(
      fc.property(tablesOf(hostile, hostile), (table) => {
        for (const field of read(csvTable(table)).flat()) expect(field).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
    const negative = { ...regression, rows: [{ label: '=1+1', cells: [{ value: -0.5, format: 'fixed' as const }, '-0.5'] }] };
    expect(csvTable(negative).split('\r\n')[1]).toBe(`"'=1+1",-0.5,"'-0.5"`);
  });

  test('a report is its tables with titles and notes', () => {
    const rows = read(csvReport({ title: 'r', verdict: [], tables: [regression], figures: [] }));
    expect(rows[0]).toEqual([regression.title]);
    expect(rows.at(-1)).toEqual([regression.notes[0]]);
  });
});

describe('HTML', () => {
  const known =
    /<(?:\/?(?:figure|figcaption|table|thead|tbody|tr|th|td|p|span|section|h2|strong)(?: (?:class|scope|aria-hidden)="[a-z -]*")*)>/g;
  const text = (html: string) =>
    html
      .replace(/<[^>]*>/g, '')
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&amp;/g, '&');

  test('only our own tags are tags, and the text comes back', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const html = htmlTable(table);
        expect(html.replace(known, '')).not.toMatch(/[<>]/);
        expect(text(/<figcaption>([\s\S]*?)<\/figcaption>/.exec(html)![1])).toBe(table.title);
        const fields = [...html.matchAll(/<(?:td|th scope="row")[^>]*>([\s\S]*?)<\/t[dh]>/g)].map((match) => match[1]);
        const labels = fields.filter((_, i) => i % table.columns.length === 0);
        expect(labels.map(text)).toEqual(table.rows.map((row) => row.label));
      }),
    );
  });

  test('a page loads nothing and runs nothing', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const [, body] = htmlReport(report).split('<body>');
        expect(body.replace(/<\/(body|html)>/g, '').replace(known, '')).not.toMatch(/[<>]/);
      }),
    );
    expect(htmlReport({ title: '<script>', verdict: [], tables: [], figures: [] })).not.toMatch(/<script|src=|href=/);
  });
});

describe('Markdown', () => {
  const unescaped = (line: string, character: string) =>
    [...line.replace(/\\[\s\S]/g, '')].filter((other) => other === character).length;

  test('every row has as many cells as the header, and nothing of the text is markup', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const lines = markdownTable(table).split('\n');
        const rows = lines.slice(2, 4 + table.rows.length);
        for (const row of rows) expect(unescaped(row, '|')).toBe(table.columns.length + 1);
        for (const line of [...lines.slice(0, 1), ...rows.slice(2)]) {
          expect(line.replace(/^\*\*|\*\*$/g, '').replace(/\\[\s\S]/g, '')).not.toMatch(/[*_`[\]<>]/);
        }
        expect(lines.length).toBe(4 + table.rows.length + 2 * table.notes.length);
      }),
    );
  });

  test('a report is one document', () => {
    fc.assert(fc.property(reports, (report) => markdownReport(report).startsWith('## ')));
  });
});

describe('LaTeX', () => {
  /** TeX's special characters that are neither escaped nor ours */
  const balance = (tex: string) => {
    let depth = 0;
    for (const character of tex.replace(/\\[{}\\]/g, '')) {
      if (character === '{') depth++;
      if (character === '}') depth--;
      if (depth < 0) return false;
    }
    return depth === 0;
  };

  test('specials', () => {
    const text = 'a_b & 50% of $x^2 #1 {~} \\input|"<>[*]';
    const tex = latexTable({ ...regression, title: text, columns: [], rows: [], notes: [] });
    expect(/\\caption\{(.*)\}/.exec(tex)![1]).toBe(
      "a\\_b \\& 50\\% of \\$x\\textasciicircum{}2 \\#1 \\{\\textasciitilde{}\\} \\textbackslash{}input\\textbar{}''\\textless{}\\textgreater{}{[}{*}{]}",
    );
    expect(latexTable({ ...regression, title: 'q ≤ γ, β̂, x²', notes: [] })).toContain(
      '\\caption{q $\\le$ $\\gamma$, $\\hat{\\beta}$, x$^{2}$}',
    );
  });

  test('a journal table', () => {
    expect(latexTable(regression).split('\n')).toEqual([
      '\\begin{table}[htbp]',
      '\\centering',
      '\\begin{threeparttable}',
      '\\caption{Table 2. Investment \\& cash\\_flow}',
      '\\begin{tabular}{lrr}',
      '\\toprule',
      ' & (1) & (2) \\\\',
      '\\midrule',
      'Cash flow, q $\\le$ $\\gamma$ & 0.05525$^{***}$\\phantom{0)} & $-$12.50$^{*}$\\phantom{0)} \\\\',
      ' & (0.005334)\\phantom{$^{***}$} & (7.250)\\phantom{$^{*}$} \\\\',
      '\\midrule',
      'N & 7,910\\phantom{.000000)$^{***}$} & 816\\phantom{.000)$^{*}$} \\\\',
      'p & \\textless{}0.0001\\phantom{00)$^{***}$} & –\\phantom{.000)$^{*}$} \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '\\begin{tablenotes}[flushleft]',
      '\\footnotesize',
      '\\item Standard errors in parentheses, clustered by entity. {*}{*}{*} p\\textless{}0.01, {*}{*} p\\textless{}0.05, {*} p\\textless{}0.1.',
      '\\end{tablenotes}',
      '\\end{threeparttable}',
      '\\end{table}',
    ]);
  });

  test('no text opens a group, ends a row or a cell, starts a comment or mathematics', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const lines = latexTable(table).split('\n');
        const tex = lines.join('\n');
        expect(balance(tex)).toBe(true);
        expect(tex.replace(/\\%/g, '')).not.toMatch(/%/);
        expect((tex.replace(/\\\$/g, '').match(/\$/g)?.length ?? 0) % 2).toBe(0);
        const rows = lines.filter((line) => line.endsWith('\\\\'));
        expect(rows).toHaveLength(1 + table.rows.length);
        for (const row of rows) {
          expect(row.replace(/\\\\$/, '').replace(/\\&/g, '').match(/&/g)?.length ?? 0).toBe(table.columns.length - 1);
          expect(row).not.toMatch(/^\s*[[*]/); // `\\` of the row above would take it for its argument
        }
      }),
    );
  });

  test('a report is balanced', () => {
    fc.assert(fc.property(reports, (report) => balance(latexReport(report).replace(/^%.*$/m, ''))));
  });
});
