import { manyEntities, rootTestTitles } from './limits.js';
import type { CointegrationResult, RootsSeries, RootsTest, UnitRootsResult } from './result.js';

type Answers = Pick<UnitRootsResult, 'adequacy' | 'series' | 'cointegration'>;

/** What the tests say, one sentence a variable; tests without a verdict at this T are named and left out. */
export function verdictOf({ series, cointegration }: Answers, alpha: number): string[] {
  return [
    ...series.map((one) => seriesWords(one, alpha)),
    ...shortWords(series),
    ...(cointegration === null ? [] : [cointegrationWords(cointegration, alpha)]),
  ];
}

export const nameOf = ({ variable, form, deterministic }: Pick<RootsSeries, 'variable' | 'form' | 'deterministic'>) =>
  `${form === 'level' ? variable : `Δ${variable}`} (${deterministic})`;

/** One entry a test: of several statistics the first, Fisher's χ². */
const counted = (tests: readonly RootsTest[]) =>
  tests.filter(
    (entry, k) =>
      entry.status === 'ok' && tests.findIndex(({ test }) => test === entry.test) === k && !Number.isNaN(entry.pValue),
  );

function seriesWords(of: RootsSeries, alpha: number): string {
  const usable = counted(of.tests);
  const roots = usable.filter(({ test }) => test !== 'hadri');
  if (roots.length === 0) return `${nameOf(of)}: no test of a unit root gives a verdict on these data.`;
  const against = roots.filter(({ pValue }) => pValue < alpha);
  const quote = roots.map(({ title, ...entry }) => `${title} ${entryWords(entry)}`).join('; ');
  const lead =
    against.length === roots.length
      ? `a unit root in every entity is rejected at ${percent(alpha)}: some entities are stationary`
      : against.length === 0
        ? `a unit root is not rejected at ${percent(alpha)}`
        : `at ${percent(alpha)} ${against.map(({ test }) => rootTestTitles[test]).join(' and ')} reject a unit root in every entity, the others do not`;
  const hadri = usable.find(({ test }) => test === 'hadri');
  const beside =
    hadri === undefined
      ? ''
      : ` Hadri, whose null is stationarity, ${hadri.pValue < alpha ? 'rejects it' : 'does not reject it'} (${pWords(hadri.pValue)}).`;
  return `${nameOf(of)}: ${lead} (${quote}).${beside}`;
}

function shortWords(series: readonly RootsSeries[]): string[] {
  const named = (wanted: RootsTest['status']) => [
    ...new Set(
      series.flatMap(({ tests }) => tests.filter(({ status }) => status === wanted).map(({ test }) => rootTestTitles[test])),
    ),
  ];
  const [short, few] = [named('too short'), named('too few')];
  const T = Math.min(...series.map(({ sample }) => sample.periodsPerEntity.min));
  const N = Math.min(...series.map(({ sample }) => sample.entities));
  return [
    ...(short.length > 0 ? [`No verdict at T = ${T}, too short: ${short.join(', ')}.`] : []),
    ...(few.length > 0 ? [`No verdict at N = ${N}, too few: ${few.join(', ')}.`] : []),
  ];
}

function cointegrationWords(
  { engleGranger, engleGrangerNote, kao, kaoNote, formula, sample }: CointegrationResult,
  alpha: number,
): string {
  const decision = (p: number) => `no cointegration is ${p < alpha ? '' : 'not '}rejected at ${percent(alpha)}`;
  const own =
    engleGranger === null
      ? `no Engle–Granger test (${engleGrangerNote})`
      : `entity by entity ${decision(engleGranger.tests[0].pValue)} (${engleGranger.tests[0].title} ${pWords(engleGranger.tests[0].pValue)})`;
  const quote = kao === null ? '' : `ADF ${kao.tests[0].statistic.toFixed(3)}, ${pWords(kao.tests[0].pValue)}`;
  const pooled =
    kao === null
      ? `no Kao test (${kaoNote})`
      : kao.status === 'too short'
        ? `Kao gives no verdict, T = ${sample.periods} is too short (${quote})`
        : `by Kao’s test with common slopes ${decision(kao.tests[0].pValue)} (${quote})`;
  return `Cointegration of ${formula}: ${own}; ${pooled}.`;
}

/** What must be read with the numbers. */
export function warningsOf({ series, cointegration }: Answers, alpha: number): string[] {
  const moving = series.filter(({ dependence }) => dependence !== null && dependence.pValue < alpha);
  const gaps = series.filter(({ sample }) => sample.gaps > 0);
  const left = series.flatMap((of) =>
    of.entities.filter(({ adf }) => adf === null).map(({ entity }) => `${entity} of ${nameOf(of)}`),
  );
  const few = Math.min(...series.map(({ sample }) => sample.entities));
  return [
    ...(moving.length > 0
      ? [
          `Entities move together: Pesaran’s CD of the ADF residuals rejects independence for ${moving.map(nameOf).join(', ')}. All tests but CIPS take entities as independent and then reject too often.`,
        ]
      : []),
    ...(gaps.length > 0
      ? [
          `Periods are missing inside ${gaps.map(nameOf).join(', ')}: lags are on calendar time, so each gap costs its own row and those that reach back over it.`,
        ]
      : []),
    ...(left.length > 0
      ? [
          `Left out, without a test regression: ${left.slice(0, 10).join(', ')}${left.length > 10 ? ` and ${left.length - 10} more` : ''}.`,
        ]
      : []),
    ...(few < manyEntities
      ? [
          `${few} entities: Choi’s Pm, Im–Pesaran–Shin, Levin–Lin–Chu, Hadri and Harris–Tzavalis are for many; Fisher’s χ² is not.`,
        ]
      : []),
    ...(cointegration !== null
      ? [
          'Residuals of a cointegrating regression are smoother than raw series: their ADF p-values as raw series reject far too often.',
        ]
      : []),
  ];
}

/** Tabulated p end at .01 and .10. */
function entryWords({ pValue, distribution }: Pick<RootsTest, 'pValue' | 'distribution'>): string {
  if (distribution === 'tabulated' && pValue <= 0.01) return 'p ≤ 0.01';
  return distribution === 'tabulated' && pValue >= 0.1 ? 'p ≥ 0.10' : pWords(pValue);
}

const pWords = (p: number) => (p < 0.001 ? `p = ${p.toExponential(1)}` : `p = ${p > 0.995 ? p.toFixed(3) : p.toPrecision(2)}`);
const percent = (level: number) => `${Number((100 * level).toPrecision(6))} %`;
