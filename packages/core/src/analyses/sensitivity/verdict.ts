import type { Answers, SensitivityBound } from './result.js';
import { listed, percent, pWords, show, tWords } from './words.js';

/** The answer in words. Whether the estimate keeps its sign and whether it stays significant are two questions. */
export function verdict(of: Answers): string[] {
  return [estimateWords(of), robustnessWords(of), ...boundWords(of), ...osterWords(of), replacementWords(of)];
}

const errorPercent = ({ request: { level } }: Answers) => percent(1 - level);

/** What q and reduce ask, as the end of a sentence. */
export function targetWords({ request: { q, reduce } }: Pick<Answers, 'request'>): string {
  if (!reduce) return `raise the estimate by ${percent(q)}`;
  return q === 1 ? 'bring the estimate to 0' : `take ${percent(q)} off the estimate`;
}

/** What significance is of: 0, or what q and reduce ask. */
export function significantWords({
  request: { q, reduce },
  treatment: { hypothesis },
}: Pick<Answers, 'request' | 'treatment'>): string {
  return q === 1 && reduce ? 'significant' : `significantly different from ${show(hypothesis)}`;
}

function estimateWords({ treatment, errors, variables }: Answers): string {
  const { term, estimate, standardError, statistic, df } = treatment;
  const others = errors.map(({ label, statistic: t, pValue }) => `${label} t = ${tWords(t)} (${pWords(pValue)})`);
  return `${term} on ${variables.outcome}: ${show(estimate)}, classical error ${show(standardError)}, t = ${tWords(statistic)} with ${df} degrees of freedom${
    others.length > 0 ? `; ${others.join('; ')}` : ''
  }.`;
}

function robustnessWords(of: Answers): string {
  const { statistics, treatment, variables } = of;
  const lead =
    `A confounder would have to explain at least ${percent(statistics.robustnessValue)} of what is left of both ${treatment.term} and ${variables.outcome} ` +
    `to ${targetWords(of)}; if it explained all of ${variables.outcome}, ${percent(statistics.extremeRobustnessValue)} of ${treatment.term} would do`;
  if (treatment.significant)
    return `${lead}. To leave it not ${significantWords(of)} at ${errorPercent(of)} takes ${percent(statistics.robustnessValueAlpha)} of both.`;
  return (
    `${lead}. It is not ${significantWords(of)} at ${errorPercent(of)} to begin with: there is no significance to lose, and a confounder that explains ` +
    `${percent(statistics.invertedRobustnessValue)} of both could make it significant.`
  );
}

/** Two sentences over all benchmarks, then one for each. */
function boundWords(of: Answers): string[] {
  const { bounds, request, treatment } = of;
  if (bounds.length === 0) return [];
  const possible = bounds.filter(({ failure }) => failure === null);
  const kept = (row: SensitivityBound) => row.staysBeyond === true;
  const significant = (row: SensitivityBound) => row.staysSignificant === true;
  const sign =
    request.q === 1 && request.reduce
      ? 'keeps its sign'
      : `stays ${request.reduce ? 'beyond' : 'short of'} ${show(treatment.hypothesis)}`;
  const count = (rows: readonly SensitivityBound[], holds: (row: SensitivityBound) => boolean) => {
    const held = rows.filter(holds).length;
    return held === rows.length
      ? `in all ${rows.length}`
      : held === 0
        ? `in none of ${rows.length}`
        : `in ${held} of ${rows.length}`;
  };
  const summary =
    possible.length === 0
      ? 'No multiple of any benchmark is possible: see the table.'
      : `Bounds by benchmarks: the estimate ${sign} ${count(possible, kept)}; it ${treatment.significant ? 'stays' : 'is'} ${significantWords(of)} at ${errorPercent(of)} ${count(possible, significant)}. These are two answers.`;
  const names = [...new Set(bounds.map(({ benchmark }) => benchmark))];
  return [summary, ...names.map((name) => benchmarkWords(of, name, sign))];
}

function benchmarkWords(of: Answers, name: string, sign: string): string {
  const rows = of.bounds.filter(({ benchmark }) => benchmark === name);
  const plain = of.request.q === 1 && of.request.reduce;
  const status = (row: SensitivityBound): string => {
    if (row.failure !== null) return 'impossible';
    if (row.capped)
      return `the benchmark is too strong: it would explain all that is left of ${of.variables.outcome} (estimate ${show(row.estimate)})`;
    if (row.staysSignificant)
      return `${sign} and ${of.treatment.significant ? 'stays' : 'is'} ${plain ? 'significant' : 'significantly different'}`;
    if (row.staysBeyond) return `${sign}, ${plain ? 'not significant' : 'not significantly'}`;
    const significant = Math.abs(row.statistic) > 0 && !withinInterval(row, of);
    return `${plain ? 'the sign changes' : 'passes it'}${significant ? ', significantly' : ''}`;
  };
  const groups: { words: string; rows: SensitivityBound[] }[] = [];
  for (const row of rows) {
    const words = status(row);
    if (groups.at(-1)?.words === words) groups.at(-1)!.rows.push(row);
    else groups.push({ words, rows: [row] });
  }
  const multiple = ({ kd, ky }: SensitivityBound) => (kd === ky ? `${show(kd)}×` : `${show(kd)}/${show(ky)}×`);
  const parts = groups.map(({ words, rows: same }) => {
    const t = same.filter(({ statistic }) => Number.isFinite(statistic)).map(({ statistic }) => tWords(statistic));
    return `${listed(same.map(multiple))}: ${words}${t.length > 0 ? ` (t = ${t.join(', ')})` : ''}`;
  });
  return `A confounder as strong as ${name}, ${parts.join('; ')}.`;
}

/** Is h₀ inside the adjusted interval? */
const withinInterval = ({ lower, upper }: SensitivityBound, { treatment: { hypothesis } }: Answers) =>
  lower <= hypothesis && hypothesis <= upper;

function osterWords(of: Answers): string[] {
  const { oster, osterRequest, treatment, altonjiElderTaber } = of;
  const { shortEstimate, beta } = osterRequest;
  return oster
    .filter(({ failure }) => failure === null)
    .map((row) => {
      const which = `Oster, ${row.r2} R², R_max = ${show(row.rMax)}`;
      const moved = `${show(shortEstimate)} without the controls, ${show(treatment.estimate)} with them`;
      if (row.deltaStar < 0)
        return `${which}: δ* = ${show(row.deltaStar)} is negative, for ${whyNegative(of)} (${moved}). That is no measure of robustness either way; read β* = ${show(row.betaStar)}.`;
      return `${which}: to give ${beta === 0 ? 'no effect' : `an effect of ${beta}`}, selection on unobservables would have to be δ* = ${show(row.deltaStar)} times as strong as that on the controls; β* = ${show(row.betaStar)} at δ = ${osterRequest.delta}; Altonji–Elder–Taber ${show(altonjiElderTaber)}.`;
    });
}

function whyNegative({ osterRequest: { shortEstimate, beta }, treatment: { estimate } }: Answers): string {
  if ((shortEstimate - beta) * (estimate - beta) < 0)
    return beta === 0 ? 'the controls turned the sign' : `the controls took the estimate across ${beta}`;
  return `the controls moved the estimate away from ${beta}`;
}

function replacementWords(of: Answers): string {
  const { treatment, replacement, impactThreshold, sample } = of;
  const classical = Math.abs(treatment.statistic) > 0 && treatment.pValue < 1 - of.request.level;
  return classical
    ? `To overturn the inference ${percent(replacement.share)} of the estimate would have to be bias: ${replacement.rows.toLocaleString('en')} of ${sample.rows.toLocaleString('en')} rows replaced by ones without effect (RIR), or a confounder with a correlation of ${show(impactThreshold.componentCorrelation)} with each of treatment and outcome (ITCV ${show(impactThreshold.impact)}).`
    : `To sustain an inference ${replacement.rows.toLocaleString('en')} of ${sample.rows.toLocaleString('en')} rows would have to be replaced (RIR), or a confounder be left out that correlates ${show(impactThreshold.componentCorrelation)} with each of treatment and outcome, with opposite signs (ITCV ${show(impactThreshold.impact)}).`;
}
