import type { LeaveOneOutResult, MethodResult, PlaceboInTimeResult, PlaceboResult, ResamplingResult } from './result.js';
import { alphaOf, listOf, percent, pWords, short } from './words.js';

/** The answer in words, one sentence a method, with the rule used. */
export function verdictOf(result: ResamplingResult): string[] {
  const { treatment, estimate, methods } = result;
  const { value, clustered, classical } = estimate;
  return [
    `The coefficient of ${treatment} is ${short(value)}: ${pWords(clustered.pValue)} with errors clustered by ${clustered.by}, ${pWords(classical.pValue)} with classical ones.`,
    ...methods.map((method) => sentence(result, method)),
  ];
}

function sentence(result: ResamplingResult, method: MethodResult): string {
  switch (method.method) {
    case 'leave-one-out':
      return leaveOneOutSentence(result, method);
    case 'placebo-in-time':
      return inTimeSentence(result, method);
    case 'wild-bootstrap':
    case 'randomization-inference': {
      const { label, pValue, ties, null: nullValue, interval, draws } = method;
      const all = method.method === 'wild-bootstrap' ? method.enumerated : method.exact;
      const rejects = pValue <= alphaOf(result.level);
      return (
        `${label}: ${result.treatment} = ${short(nullValue)} is ${rejects ? '' : 'not '}rejected at ${percent(alphaOf(result.level))}, ${pWords(pValue)} ` +
        `(${all ? `all ${draws.toLocaleString('en')}` : draws.toLocaleString('en')} draws, ties ${ties === 'counted' ? 'counted' : 'not counted'})` +
        `${interval === null ? '' : `; ${percent(interval.level)} interval ${short(interval.lower)} to ${short(interval.upper)}`}.`
      );
    }
    default:
      return placeboSentence(result, method);
  }
}

function leaveOneOutSentence({ level }: ResamplingResult, method: LeaveOneOutResult): string {
  const { label, min, max, otherSign, significant, each } = method;
  const sign = otherSign === 0 ? 'its sign never changes' : `its sign changes in ${otherSign} of ${each.length}`;
  return (
    `${label}: the estimate runs from ${short(min.estimate)} (without ${listOf(min.leftOut)}) to ${short(max.estimate)} (without ${listOf(max.leftOut)}); ${sign}; ` +
    `p ≤ ${short(alphaOf(level))} in ${percent(significant.clustered)} of refits with clustered errors, ${percent(significant.classical)} with classical ones.`
  );
}

function inTimeSentence({ level }: ResamplingResult, { shifts }: PlaceboInTimeResult): string {
  const found = shifts.filter(({ clustered }) => clustered.pValue <= alphaOf(level));
  const tried = `${shifts.length} fake ${shifts.length === 1 ? 'start' : 'starts'}`;
  return found.length === 0
    ? `Placebo in time: of ${tried} none has an effect at ${percent(alphaOf(level))} with clustered errors.`
    : `Placebo in time: of ${tried} ${found.length} (${listOf(found.map(({ shift }) => `${shift} back`))}) ${found.length === 1 ? 'has' : 'have'} an effect at ${percent(alphaOf(level))} with clustered errors, before there was any treatment.`;
}

function placeboSentence({ level }: ResamplingResult, { label, pValues, draws, exact }: PlaceboResult): string {
  const { share, pValue } = pValues.twoSided;
  return (
    `${label}: ${percent(share)} of ${exact ? `all ${draws.toLocaleString('en')} assignments` : `${draws.toLocaleString('en')} placebo estimates`} ` +
    `are as far from 0 as the estimate, ${pWords(pValue)}: it ${pValue <= alphaOf(level) ? 'stands out from' : 'is not unlike'} what fake treatments give.`
  );
}
