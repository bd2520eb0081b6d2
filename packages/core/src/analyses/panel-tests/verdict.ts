import type { PanelTestName } from './params.js';
import type { PanelTestsResult, TestEntry } from './result.js';

type Answers = Omit<PanelTestsResult, 'verdict' | 'conventions'>;

/** What the tests say together: which model, which errors, and how far the data carry it. */
export function verdict(of: Answers, alpha: number): string[] {
  const asked = new Set(of.tests.map(({ test }) => test));
  const sentences = [
    ...(asked.has('effects-f') || asked.has('breusch-pagan-lm') ? [effectsWords(of, alpha)] : []),
    ...(asked.has('hausman') ? [hausmanWords(of, alpha)] : []),
    ...errorWords(of, alpha),
  ];
  const small = of.adequacy.filter(({ status }) => status === 'too small').map(({ title }) => title);
  const none = of.adequacy.filter(({ status }) => status === 'cannot run').map(({ title }) => title);
  if (small.length > 0) sentences.push(`Too small for: ${small.join(', ')}; their p-values are approximate at best.`);
  if (none.length > 0) sentences.push(`Cannot be run on these data: ${none.join(', ')}.`);
  return sentences;
}

const find = ({ tests }: Answers, name: string): TestEntry | undefined =>
  tests.find((entry) => entry.name === name && !Number.isNaN(entry.statistic));

const quote = (name: string, { distribution, df1, df2, statistic, pValue }: TestEntry) => {
  const against = { F: `F(${df1}, ${df2})`, chi2: `χ²(${df1})`, normal: 'z' }[distribution];
  return `${name} ${against} = ${show(statistic)}, ${pWords(pValue)}`;
};

function effectsWords(of: Answers, alpha: number): string {
  const fTests = ['f-two-way', 'f-entity', 'f-time'].flatMap((name) => find(of, name) ?? []);
  const lm =
    of.variables.effects.length === 1 && of.tests.some(({ name }) => name === 'f-time')
      ? find(of, 'lm-time')
      : find(of, 'lm-entity');
  const parts = [...fTests.map((entry) => quote(entry.title, entry)), ...(lm === undefined ? [] : [quote(lm.title, lm)])];
  if (parts.length === 0) return 'Whether there are effects could not be tested.';
  const needed = [...fTests, ...(lm === undefined ? [] : [lm])].filter(({ pValue }) => pValue < alpha);
  const lead = parts.join('; ');
  if (needed.length === parts.length) return `${lead}: pooled least squares is rejected at ${percent(alpha)}.`;
  if (needed.length === 0) return `${lead}: pooled least squares is not rejected at ${percent(alpha)}.`;
  return `${lead}: at ${percent(alpha)} ${needed.map(({ title }) => title).join(' and ')} reject, the others do not.`;
}

/** Mundlak with clustered errors decides; the classic form is set beside it. */
function hausmanWords(of: Answers, alpha: number): string {
  const mundlak = find(of, 'mundlak');
  const classic = find(of, 'hausman');
  if (mundlak === undefined && classic === undefined) {
    const why = of.tests.find(({ test }) => test === 'hausman')?.note;
    return `Fixed against random effects could not be tested: ${why}.`;
  }
  const beside =
    classic === undefined
      ? ''
      : classic.statistic < 0
        ? ` The classic Hausman statistic is negative (${show(classic.statistic)}): the variance of the difference is not positive definite, and it decides nothing.`
        : ` Classic Hausman: ${quote('H', classic)}${classic.note === null ? '' : ', with a variance of the difference that is not positive definite'}.`;
  if (mundlak === undefined) {
    const more = find(of, 'hausman-sigmamore');
    if (more === undefined) return `Mundlak’s test could not be computed.${beside}`;
    return `${quote('Hausman (sigmamore)', more)}: ${decision(more.pValue, alpha)} Mundlak’s test could not be computed.${beside}`;
  }
  return `${quote('Mundlak (clustered)', mundlak)}: ${decision(mundlak.pValue, alpha)}${beside}`;
}

const decision = (p: number, alpha: number) =>
  p < alpha
    ? `the effects are correlated with the regressors at ${percent(alpha)}: fixed effects.`
    : `no correlation of effects and regressors is found at ${percent(alpha)}: random effects are not rejected.`;

/** Which errors the regression should print. */
function errorWords(of: Answers, alpha: number): string[] {
  const rejects = (name: string) => {
    const entry = find(of, name);
    return entry !== undefined && entry.pValue < alpha;
  };
  const heteroskedastic = rejects('white-n-r2') || rejects('breusch-pagan-n-r2');
  const serial = rejects('wooldridge');
  const dependent = rejects('pesaran-cd');
  const tested = (['white', 'breusch-pagan', 'wooldridge', 'pesaran-cd', 'modified-wald'] as const).filter((test) =>
    has(of, test),
  );
  if (tested.length === 0) return [];
  const found = [
    ...(heteroskedastic ? ['error variances move with the regressors'] : []),
    ...(serial ? ['errors are serially correlated'] : []),
    ...(dependent ? ['errors are correlated between entities'] : []),
  ];
  const modified = find(of, 'modified-wald');
  const words =
    found.length === 0
      ? `None of the tests of errors rejects at ${percent(alpha)}; clustered errors by entity are still the safe default.`
      : `At ${percent(alpha)} ${found.join(', ')}: ${dependent ? 'Driscoll–Kraay errors when there are many periods, else clustered by entity with period effects in the model' : 'errors clustered by entity'}.`;
  return [
    words,
    ...(modified === undefined || modified.note === null
      ? []
      : [`The modified Wald test (${pWords(modified.pValue)}) is ${modified.note}.`]),
  ];
}

const has = ({ tests }: Answers, test: PanelTestName) =>
  tests.some((entry) => entry.test === test && !Number.isNaN(entry.statistic));

const show = (value: number) => (Math.abs(value) >= 1e6 ? value.toExponential(3) : value.toPrecision(4));
const pWords = (p: number) => {
  if (Number.isNaN(p)) return 'without a p-value';
  return p < 1e-300 ? 'p < 1e-300' : `p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`;
};
const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
