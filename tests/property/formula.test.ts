import { readFileSync } from 'node:fs';
import {
  buildPanel,
  checkFormula,
  checkTerm,
  type Expression,
  evaluateTerm,
  type Factor,
  type Formula,
  formulaLimits,
  formulaNames,
  functionNames,
  InputError,
  maxDummies,
  modelFrame,
  type Panel,
  panelFromCsv,
  parseFormula,
  parseTerm,
  printFormula,
  suggest,
  summarizePanel,
  type Term,
  termName,
  termNames,
} from '@spillway/core';
import fc from 'fast-check';

const shipped = (name: string, entity: string) =>
  panelFromCsv(readFileSync(new URL(`../../data/${name}`, import.meta.url)), { entity, time: 'year' });

/** An InputError's first problem. */
function problemOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.problems[0];
    throw error;
  }
  throw new Error('nothing was thrown');
}
const without = ({ mentions, ...formula }: Formula) => formula;

describe('reading', () => {
  test.each([
    ['y~x', 'y ~ x'],
    [' y ~ x1+x2|entity+ time |d + e~ z1+z2', 'y ~ x1 + x2 | entity + time | d + e ~ z1 + z2'],
    ['y ~ x | d ~ z', 'y ~ x | d ~ z'],
    ['i ~ L.q + I(L.q^2) + I(L.q^3) + L.d + L.q:L.d | firm', 'i ~ L.q + I(L.q^2) + I(L.q^3) + L.d + L.q:L.d | firm'],
    ['y ~ x*z', 'y ~ x + z + x:z'],
    ['y ~ a*b*c', 'y ~ a + b + c + a:b + a:c + b:c + a:b:c'],
    ['y ~ x + x + a:b + b:a', 'y ~ x + a:b'],
    ['y ~ 1', 'y ~ 1'],
    ['y ~ 1 + x', 'y ~ x'],
    ['y ~ 0 + x', 'y ~ 0 + x'],
    ['y ~ x - 1', 'y ~ 0 + x'],
    ['y ~ -1 + x', 'y ~ 0 + x'],
    ['y ~ 0', 'y ~ 0'],
    ['y ~ L1.x + L2.x + F.x + F3.x + D.x + D2.x + L0.x', 'y ~ L.x + L2.x + F.x + F3.x + D.x + D2.x + x'],
    ['y ~ LD.x + L.D.x + DL.x + L.L2.D.x', 'y ~ LD.x + L3D.x'],
    [
      'log(y) ~ L.log(x) + log(L.x + 1) + exp(x) + sqrt(x) + abs(-x)',
      'log(y) ~ L.log(x) + log(L.x + 1) + exp(x) + sqrt(x) + abs(-x)',
    ],
    ['y ~ I(a-(b-c)) + I((a-b)-c) + I(a/b/c) + I(a/(b/c))', 'y ~ I(a - (b - c)) + I(a - b - c) + I(a/b/c) + I(a/(b/c))'],
    ['y ~ I(-x^2) + I((-x)^2) + I(x^-1) + I(2^x^2) + I((2^x)^2)', 'y ~ I(-x^2) + I((-x)^2) + I(x^-1) + I(2^x^2) + I((2^x)^2)'],
    ['y ~ I((x)) + I(I(x)+1e3) + I(.5*x)', 'y ~ I(x) + I(x + 1000) + I(0.5 * x)'],
    ['y ~ W(x) + W(L.x, geo) + L.W(x)', 'y ~ W(x) + W(L.x, geo) + L.W(x)'],
    ['y ~ i(region):x', 'y ~ i(region):x'],
    [
      'y ~ `GDP per capita` + L.`a``b` + `L.x` + `plain` + GDP.pc + .x + `log`',
      'y ~ `GDP per capita` + L.`a``b` + `L.x` + plain + GDP.pc + .x + log',
    ],
    ['产出 ~ 数字经济 | 省份', '产出 ~ 数字经济 | 省份'],
    ['exp ~ log + i | I', 'exp ~ log + i | I'],
  ])('%s', (text, printed) => {
    expect(printFormula(parseFormula(text))).toBe(printed);
    expect(without(parseFormula(printed))).toEqual(without(parseFormula(text)));
  });

  test('lists say the same as a formula', () => {
    const lists = {
      outcome: 'y',
      regressors: ['x1', 'I(x^2)', 'a*b'],
      effects: ['entity'],
      endogenous: ['d'],
      instruments: ['z1', 'L.z2'],
    };
    expect(without(parseFormula(lists))).toEqual(without(parseFormula('y ~ x1 + I(x^2) + a*b | entity | d ~ z1 + L.z2')));
    expect(printFormula(parseFormula({ outcome: 'y', regressors: [], intercept: false }))).toBe('y ~ 0');
    expect(problemOf(() => parseFormula({ ...lists, regressors: ['x', 'x +'] }, '/params/formula'))).toMatchObject({
      pointer: '/params/formula/regressors/1',
      message: 'expected the end, got "+"\n  x +\n    ^',
    });
    expect(problemOf(() => parseFormula({ outcome: 'y', regressors: [], endogenous: ['d'] })).pointer).toBe('/instruments');
    expect(problemOf(() => parseFormula({ outcome: 'y', regressors: [], instruments: ['z'] })).pointer).toBe('/endogenous');
  });

  test('the names a formula asks for', () => {
    expect(formulaNames(parseFormula('log(y) ~ L.q + I(q^2 + r) + i(g):x + W(s, geo) | firm | d ~ `z 1`'))).toEqual([
      'y',
      'q',
      'r',
      'g',
      'x',
      's',
      'firm',
      'd',
      'z 1',
    ]);
    expect(termNames(parseTerm('L.q:log(d + q):i(g)'))).toEqual(['q', 'd', 'g']);
  });
});

describe('errors point at the character', () => {
  test.each([
    // text, what the caret is under, words
    ['', '', 'expected a variable, got the end'],
    ['y', '', 'expected "~" then regressors, got the end'],
    ['y x', 'x', 'expected "~"'],
    ['~ x', '~', 'expected a variable, got "~"'],
    ['y ~ x + | firm', '| firm', 'expected a variable, got "|"'],
    ['y ~ x +', '', 'got the end'],
    ['y ~ + x', '+ x', 'expected a variable'],
    ['y ~ x x2', 'x2', 'expected +, | or the end'],
    ['y ~ x - z', 'z', 'only the intercept'],
    ['y ~ 2', '2', 'numbers other than an intercept'],
    ['y ~ x | firm + ', '', 'the name of a column'],
    ['y ~ x | 1', '1', 'the name of a column'],
    ['y ~ x | L.firm', 'L.firm', 'no time operators'],
    ['y ~ x | d ~ 0 + z', '0 + z', 'numbers other'],
    ['y ~ x | d ~ z | firm', '| firm', 'expected +, | or the end'],
    ['y ~ (x)', '(x)', 'brackets stand inside I(…)'],
    ['y ~ x^2', '^2', 'arithmetic stands inside I(…)'],
    ['y/2 ~ x', '/2', 'arithmetic stands inside I(…)'],
    ['y ~ log(x', '', 'expected ")"'],
    ['y ~ log()', ')', 'expected a variable, a number or ('],
    ['y ~ I(x +* z)', '* z)', 'expected a variable, a number or ('],
    ['y ~ lg(x)', 'lg(x)', 'did you mean "log"?'],
    ['y ~ L.lag(x)', 'lag(x)', 'no function lag'],
    ['y ~ I(i(g))', 'i(g)', 'i(…) stands alone'],
    ['y ~ i(L.g)', 'L.g)', 'no time operators here'],
    ['y ~ L.i(g)', 'L.i(g)', 'do not apply to i(…)'],
    ['i(g) ~ x', 'i(g) ~', 'the outcome must be one column'],
    ['y ~ x:x', 'x:x', 'I(x^2)'],
    ['y ~ a*b*a', 'a*b*a', 'I(a^2)'],
    ['y ~ LF.rate', 'LF.rate', 'write it in backticks: `LF.rate`'],
    ['y ~ L.', '', 'expected a name after "L."'],
    ['y ~ L. x', ' x', 'expected a name after "L.", got " "'],
    ['y ~ L12345.x', 'L12345.x', 'at most 9999 lags'],
    ['y ~ `x', '`x', 'not closed'],
    ['y ~ ``', '``', 'not closed'],
    ['y ~ .', '.', 'name them'],
    ['y ~ x$z', '$z', 'cannot read "$"'],
    ['y ~ I(1e999)', '1e999', 'too large'],
    ['y ~ W(x, 1)', '1)', 'the name of weights'],
    ['y ~ a*b*c*d*e*f*g', 'a*b', 'at most 6 terms'],
    [`y ~ I(${'('.repeat(80)}x`, `${'('.repeat(80 - formulaLimits.depth)}x`, 'in one another'],
    [`y ~ I(${'-'.repeat(80)}x)`, '-', 'in one another'],
  ])('%s', (text, under, words) => {
    const { code, message, pointer } = problemOf(() => parseFormula(text, '/params/formula'));
    expect([code, pointer]).toEqual(['formula_error', '/params/formula']);
    expect(message).toContain(words);
    const [shown, caret] = message.split('\n').slice(-2);
    const rest = shown.slice(caret.indexOf('^'));
    expect(rest.startsWith(under.slice(0, 20))).toBe(true);
    if (under === '') expect(rest).toBe('');
    if (text.length < 60) expect(shown).toBe(`  ${text}`);
  });

  test('a long formula is shown around the place', () => {
    const text = `y ~ ${Array.from({ length: 60 }, (_, k) => `x${k}`).join(' + ')} + $ + ${'z + '.repeat(50)}w`;
    const [words, shown, caret] = problemOf(() => parseFormula(text)).message.split('\n');
    expect(words).toContain('cannot read "$"');
    expect(shown[caret.length - 1]).toBe('$');
    expect(shown.length).toBeLessThan(140);
  });

  test('a blank under a wide character is as wide', () => {
    expect(problemOf(() => parseFormula('产出 ~ 经济$')).message.split('\n')[2]).toBe('  \u3000\u3000   \u3000\u3000^');
  });

  test('length is bounded', () => {
    expect(problemOf(() => parseFormula(`y ~ ${'x + '.repeat(10_000)}x`)).message).toContain('at most 20000 characters');
    expect(problemOf(() => parseFormula(`y ~ I(${'1+'.repeat(9_000)}x)`)).message).toContain('at most 2000 operations');
    expect(problemOf(() => parseFormula(`y ~ ${Array.from({ length: 2_001 }, (_, k) => `x${k}`).join('+')}`)).message).toContain(
      'at most 2000 terms',
    );
    // as long and deep as allowed, and still read, printed and evaluated without running out of stack
    const long = `I(${'1 + '.repeat(2_000)}x)`;
    expect(termName(parseTerm(long))).toBe(long);
    expect(evaluateTerm(parseTerm(long), panelOf([{ who: 1, when: 1, x: 5 }]))[0]).toBe(2_005);
  });

  test('unknown columns and texts, with a caret and "did you mean"', () => {
    const summary = summarizePanel(shipped('produc.csv', 'state'));
    const messages = (formula: string) =>
      checkFormula(parseFormula(formula, '/formula'), summary).map(({ code, message }) => `${code}: ${message}`);
    expect(messages('log(gsp) ~ log(pcap) + L.unemp + year | entity + time')).toEqual([]);
    expect(messages('gsp ~ L.pcpa + state | regoin')).toEqual([
      'unknown_column: there is no column "pcpa" (did you mean "pcap"?)\n  gsp ~ L.pcpa + state | regoin\n          ^',
      'text_column: "state" names the entities, and numbers are needed here: use i(state), or make it an effect\n  gsp ~ L.pcpa + state | regoin\n                 ^',
      'unknown_column: there is no column "regoin" (did you mean "region"?)\n  gsp ~ L.pcpa + state | regoin\n                         ^',
    ]);
    expect(checkTerm(parseTerm('L.uneemp'), summary, '/thresholdVariable')).toEqual([
      {
        code: 'unknown_column',
        pointer: '/thresholdVariable',
        message: 'L.uneemp: there is no column "uneemp" (did you mean "unemp"?)',
      },
    ]);
    const named = panelOf([{ who: 1, when: 1, x: 1 }], 'L.q');
    expect(checkTerm(parseTerm('L.q'), named)[0].message).toContain('the column "L.q" is written in backticks: `L.q`');
    expect(checkTerm(parseTerm('`L.q`'), named)).toEqual([]);
  });

  test('suggestions are near or absent', () => {
    const columns = ['pcap', 'unemp', 'GDP per capita', 'x'];
    expect(['pcpa', 'Unemp', 'unempl', 'gdp_per_capita', 'X', 'wage', 'q'].map((name) => suggest(name, columns))).toEqual([
      'pcap',
      'unemp',
      'unemp',
      'GDP per capita',
      'x',
      null,
      'x',
    ]);
  });
});

const names = fc.oneof(
  fc.constantFrom('x', 'y', 'gdp.pc', '产出', 'L.x', 'LD.y', 'log', 'i', 'W', 'a b', '.5', '`', '_', '1st', '~|'),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const { expression } = fc.letrec<{ expression: Expression; shiftable: Expression }>((tie) => ({
  shiftable: fc.oneof(
    { depthSize: 'small' },
    names.map((name): Expression => ({ kind: 'variable', name })),
    fc.record({ kind: fc.constant('call' as const), name: fc.constantFrom(...functionNames), of: tie('expression') }),
    fc.record({ kind: fc.constant('spatialLag' as const), of: tie('expression'), weights: fc.option(names) }),
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('shiftable'),
    fc
      .double({ min: 0, noNaN: true, noDefaultInfinity: true })
      .map((value): Expression => ({ kind: 'number', value: value + 0 })),
    fc
      .record({
        kind: fc.constant('shift' as const),
        lag: fc.integer({ min: -3, max: 12 }),
        differences: fc.integer({ min: 0, max: 2 }),
        of: tie('shiftable'),
      })
      .filter(({ lag, differences }) => lag !== 0 || differences !== 0),
    fc.record({ kind: fc.constant('negative' as const), of: tie('expression') }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const, '^' as const),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}));
const isTerm = ({ kind }: Expression) => kind !== 'number' && kind !== 'negative' && kind !== 'binary';
const factors: fc.Arbitrary<Factor> = fc.oneof(
  expression.map((of): Factor => (isTerm(of) ? of : { kind: 'arithmetic', of })),
  names.map((name): Factor => ({ kind: 'levels', name })),
);
const terms: fc.Arbitrary<Term> = fc
  .array(factors, { minLength: 1, maxLength: 3 })
  .map((all) => ({ factors: [...new Map(all.map((factor) => [termName({ factors: [factor] }), factor])).values()] }));
const uniqueTerms = (minLength: number) =>
  fc.uniqueArray(terms, {
    minLength,
    maxLength: 3,
    selector: ({ factors: of }) =>
      of
        .map((factor) => termName({ factors: [factor] }))
        .sort()
        .join(':'),
  });
const formulas = fc
  .record({
    outcome: factors.filter(({ kind }) => kind !== 'levels').map((factor): Term => ({ factors: [factor] })),
    intercept: fc.boolean(),
    regressors: uniqueTerms(0),
    effects: fc.uniqueArray(names, { maxLength: 2 }),
    iv: fc.option(fc.record({ endogenous: uniqueTerms(1), instruments: uniqueTerms(1) }), {
      nil: { endogenous: [], instruments: [] },
    }),
  })
  .map(({ iv, ...rest }) => ({ ...rest, ...iv, mentions: [] }));

describe('properties', () => {
  test('what is printed is read again as it was', () => {
    fc.assert(
      fc.property(formulas, (formula) => {
        const text = printFormula(formula);
        fc.pre(text.length < formulaLimits.characters);
        const again = parseFormula(text);
        expect(without(again)).toEqual(without(formula));
        expect(printFormula(again)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('any text gives a formula or an InputError whose caret is in the text', () => {
    const pieces = fc.constantFrom(
      'y',
      '~',
      'x',
      '+',
      '-',
      '*',
      ':',
      '^',
      '/',
      '|',
      '(',
      ')',
      'L.',
      'D2.',
      'F',
      '.',
      '`',
      'log(',
      'I(',
      'i(',
      'W(',
      '0',
      '1',
      '2.5',
      ' ',
      ',',
      '__proto__',
      '产',
      '\n',
      '💧',
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 25 }).map((all) => `y ~ ${all.join('')}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const formula = parseFormula(text);
          expect(without(parseFormula(printFormula(formula)))).toEqual(without(formula));
          for (const { at, text: of } of formula.mentions) expect(at).toBeLessThan(of.length);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          const [shown, caret] = error.problems[0].message.split('\n').slice(-2);
          expect(caret).toMatch(/^[ \u3000]*\^$/);
          expect(caret.length).toBeLessThanOrEqual(shown.length + 1);
        }
      }),
      { numRuns: 3000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

interface Row {
  who: number;
  when: number;
  x: number;
}
function panelOf(rows: readonly Row[], column = 'x'): Panel {
  return buildPanel({
    entity: { name: 'who', values: rows.map(({ who }) => who) },
    time: { name: 'when', values: rows.map(({ when }) => when) },
    columns: [{ name: column, values: rows.map(({ x }) => x) }],
    step: 1,
  });
}
const values = (term: string, panel: Panel) => Array.from(evaluateTerm(parseTerm(term), panel));

describe('evaluation', () => {
  const panels = fc
    .uniqueArray(
      fc.record({
        who: fc.integer({ min: 1, max: 4 }),
        when: fc.integer({ min: 1, max: 9 }),
        x: fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(Number.NaN)),
      }),
      { selector: ({ who, when }) => `${who} ${when}`, minLength: 1, maxLength: 30 },
    )
    .map((rows) => ({ rows, panel: panelOf(rows) }));

  test('a lag is the same entity’s value that many periods earlier, or missing', () => {
    fc.assert(
      fc.property(panels, fc.integer({ min: -3, max: 3 }), ({ rows, panel }, lag) => {
        const shifted = values(lag < 0 ? `F${-lag}.x` : `L${lag}.x`, panel);
        for (let row = 0; row < panel.rows; row++) {
          const who = Number(panel.entity.labels[panel.entity.codes[row]]);
          const when = panel.time.values[panel.time.codes[row]] - lag;
          const source = rows.find((each) => each.who === who && each.when === when);
          expect(shifted[row]).toBe(source === undefined ? Number.NaN : source.x + 0);
        }
      }),
    );
  });

  test('a lead undoes a lag where both exist; differences are differences', () => {
    fc.assert(
      fc.property(panels, ({ panel }) => {
        const [x, forthAndBack, d, ld, d2] = ['x', 'F.I(L.x)', 'D.x', 'LD.x', 'D2.x'].map((term) => values(term, panel));
        const [l, l2, f] = ['L.x', 'L2.x', 'F.x'].map((term) => values(term, panel));
        x.forEach((value, row) => {
          const hasNext =
            panel.entity.codes[row + 1] === panel.entity.codes[row] &&
            panel.time.values[panel.time.codes[row + 1]] === panel.time.values[panel.time.codes[row]] + 1;
          expect(forthAndBack[row]).toBe(hasNext ? value : Number.NaN);
          expect(d[row]).toBe(value - l[row]);
          expect(ld[row]).toBe(l[row] - l2[row]);
          expect(d2[row]).toBe(value - l[row] - (l[row] - l2[row]));
          if (!hasNext) expect(f[row]).toBeNaN();
        });
      }),
    );
  });

  test('arithmetic is that of JavaScript, and what is not finite is missing', () => {
    const panel = panelOf([-4, 0, 2.25, Number.NaN].map((x, k) => ({ who: 1, when: k, x })));
    expect(values('x:L.x', panel)).toEqual([Number.NaN, -0, 0, Number.NaN]);
    expect(values('I(-x^2 + 2*x/4 - 1)', panel)).toEqual([-19, -1, -(2.25 ** 2) + 1.125 - 1, Number.NaN]);
    expect(values('I(x^3)', panel)).toEqual([-64, 0, 11.390625, Number.NaN]);
    expect(values('I(x^0)', panel)).toEqual([1, 1, 1, Number.NaN]);
    expect(values('I(1/x)', panel)).toEqual([-0.25, Number.NaN, 1 / 2.25, Number.NaN]);
    expect(values('log(x)', panel)).toEqual([Number.NaN, Number.NaN, Math.log(2.25), Number.NaN]);
    expect(values('sqrt(x)', panel)).toEqual([Number.NaN, 0, 1.5, Number.NaN]);
    expect(values('exp(abs(x) * 1000)', panel)).toEqual([Number.NaN, 1, Number.NaN, Number.NaN]);
    expect(values('when', panel)).toEqual([0, 1, 2, 3]);
    expect(values('time', panel)).toEqual([0, 1, 2, 3]);
  });

  test('what has no single number is refused', () => {
    const panel = panelOf([{ who: 1, when: 1, x: 1 }]);
    const codeOf = (term: string) => problemOf(() => evaluateTerm(parseTerm(term), panel)).code;
    expect(['W(x)', 'L.W(x)', 'i(when)', 'xx', 'who'].map(codeOf)).toEqual([
      'weights_needed',
      'weights_needed',
      'several_columns',
      'unknown_column',
      'text_column',
    ]);
  });

  test('neither is the panel written to, nor does evaluation share its memory', () => {
    const panel = panelOf([{ who: 1, when: 1, x: 1 }]);
    evaluateTerm(parseTerm('x'), panel)[0] = 7;
    expect(values('x', panel)).toEqual([1]);
  });
});

describe('model frames', () => {
  const request = (formula: string) => {
    const { outcome, regressors, effects } = parseFormula(formula);
    return { outcome, regressors, effects };
  };

  test('every row that is left out has one reason', () => {
    const panel = buildPanel({
      entity: { name: 'firm', values: ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'c'] },
      time: { name: 'year', values: [2000, 2001, 2003, 2004, 2000, 2001, 2002, 2002] },
      columns: [
        { name: 'y', values: [1, 2, 3, 4, 5, 6, 7, 8] },
        { name: 'x', values: [1, 2, 3, 4, Number.NaN, 0, 5, 6] },
        { name: 'g', values: ['u', null, 'u', 'v', 'v', 'v', 'v', 'v'] },
      ],
    });
    const frame = modelFrame(panel, { ...request('y ~ log(x) | firm'), extra: [parseTerm('L.x')] });
    expect(frame.dropped).toEqual([
      { reason: 'L.x missing: no previous period', rows: 3 }, // a 2000, a 2003 (2002 is a gap), c 2002
      { reason: 'x missing in the data', rows: 1 }, // b 2000
      { reason: 'log(x) not finite: log of a value ≤ 0', rows: 1 }, // b 2001
    ]);
    expect(Array.from(frame.rows)).toEqual([1, 3, 6]);
    expect([frame.entityLabels, Array.from(frame.entity), Array.from(frame.entityStarts)]).toEqual([
      ['a', 'b'],
      [0, 0, 1],
      [0, 2, 3],
    ]);
    expect([frame.timeLabels, Array.from(frame.time)]).toEqual([
      ['2001', '2002', '2004'],
      [0, 2, 1],
    ]);
    expect(Array.from(frame.variables.get('L.x')!)).toEqual([1, 3, 0]);
    expect(frame.effects[0]).toMatchObject({ name: 'firm', labels: ['a', 'b'] });
    expect(modelFrame(panel, request('y ~ L.x')).dropped).toEqual([
      { reason: 'L.x missing: no previous period', rows: 4 },
      { reason: 'L.x missing: x missing in the data', rows: 1 },
    ]);
    expect(modelFrame(panel, request('y ~ F2.y | g')).dropped.map(({ reason }) => reason)).toEqual([
      'F2.y missing: no period 2 steps later',
      'g missing in the data',
    ]);
    expect(modelFrame(panel, request('y ~ D.y')).dropped).toEqual([{ reason: 'D.y missing: no previous period', rows: 4 }]);
    expect(modelFrame(panel, request('y ~ I(1/x)')).dropped.map(({ reason }) => reason)).toEqual([
      'x missing in the data',
      '1/x not finite: division by zero',
    ]);
    expect(problemOf(() => modelFrame(panel, request('y ~ F5.y')))).toMatchObject({
      code: 'no_complete_rows',
      message: expect.stringContaining('5 steps later (8 rows)'),
    });
  });

  test('kept and dropped are all the rows; kept rows have no NaN; codes and starts agree', () => {
    const rows = fc.uniqueArray(
      fc.record({
        who: fc.integer({ min: 1, max: 4 }),
        when: fc.integer({ min: 1, max: 6 }),
        x: fc.constantFrom(Number.NaN, -1, 0, 2, 3),
      }),
      { selector: ({ who, when }) => `${who} ${when}`, minLength: 1 },
    );
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('x ~ 1', 'x ~ L.x', 'log(x) ~ D.x + I(x^2) | who', 'x ~ i(x) + F.x'),
        (given, formula) => {
          const panel = panelOf(given);
          try {
            const frame = modelFrame(panel, request(formula));
            expect(frame.rows.length + frame.dropped.reduce((sum, { rows: n }) => sum + n, 0)).toBe(panel.rows);
            for (const column of frame.variables.values()) expect(Array.from(column).every(Number.isFinite)).toBe(true);
            frame.rows.forEach((row, k) => {
              expect(frame.entityLabels[frame.entity[k]]).toBe(panel.entity.labels[panel.entity.codes[row]]);
              expect(frame.timeLabels[frame.time[k]]).toBe(panel.time.labels[panel.time.codes[row]]);
              expect(k >= frame.entityStarts[frame.entity[k]] && k < frame.entityStarts[frame.entity[k] + 1]).toBe(true);
            });
          } catch (error) {
            expect((error as InputError).code).toBe('no_complete_rows');
          }
        },
      ),
    );
  });

  test('i(…) becomes dummies of the levels on the kept rows, without the first', () => {
    const panel = shipped('produc.csv', 'state');
    const frame = modelFrame(panel, request('log(gsp) ~ i(region):unemp + i(year) + i(region) | state'));
    expect(frame.regressors).toHaveLength(8 + 16 + 8);
    expect(frame.regressors[0].name).toBe('region::2:unemp');
    expect(frame.regressors[8].name).toBe('year::1971');
    const dummies = frame.regressors.slice(8, 24).map(({ values: of }) => of.reduce((sum, value) => sum + value));
    expect(dummies).toEqual(Array.from({ length: 16 }, () => 48));
    const wide = panelOf(Array.from({ length: maxDummies + 2 }, (_, k) => ({ who: k, when: 1, x: k })));
    expect(problemOf(() => modelFrame(wide, request('x ~ i(who)'))).code).toBe('too_many_levels');
  });

  test('lags of an unbalanced panel that ships: UK firms of Arellano and Bond', () => {
    // each of the 140 firms loses its first two years, and none has a gap: 1031 − 2·140 = 751
    const frame = modelFrame(
      shipped('empluk.csv', 'firm'),
      request('log(emp) ~ L.log(emp) + L2.log(emp) + log(wage) | firm + year'),
    );
    expect(frame.rows).toHaveLength(751);
    expect(frame.dropped).toEqual([
      { reason: 'L.log(emp) missing: no previous period', rows: 140 },
      { reason: 'L2.log(emp) missing: no period 2 steps earlier', rows: 140 },
    ]);
  });
});
