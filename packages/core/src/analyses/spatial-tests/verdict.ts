import type { SpatialTestsParams } from './params.js';
import type { AssociationResult, SpatialTestsResult } from './result.js';

const alpha = 0.05;

/** The answer in words, each with the rule it follows. */
export function verdictOf(global: readonly AssociationResult[], regression: SpatialTestsResult['regression']): string[] {
  const variables = [...new Set(global.map(({ variable }) => variable))];
  return [
    ...variables.map((variable) =>
      associationVerdict(
        variable,
        global.filter((row) => row.variable === variable),
      ),
    ),
    ...(regression === null ? [] : ladder(regression)),
  ];
}

function associationVerdict(variable: string, rows: readonly AssociationResult[]): string {
  const p = ({ moran }: AssociationResult) => moran.permutation?.twoSided ?? moran.randomisation.twoSided;
  const positive = rows.filter((row) => p(row) < alpha && row.moran.statistic > row.moran.expectation).length;
  const negative = rows.filter((row) => p(row) < alpha && row.moran.statistic < row.moran.expectation).length;
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const range =
    rows.length === 1
      ? `I = ${first.moran.statistic.toFixed(3)} in ${first.period}`
      : `I goes from ${first.moran.statistic.toFixed(3)} (${first.period}) to ${last.moran.statistic.toFixed(3)} (${last.period})`;
  const test = first.moran.permutation === null ? 'randomisation' : 'permutation';
  const found =
    positive + negative === 0
      ? `no significant spatial association in any of ${rows.length} periods`
      : `${positive} of ${rows.length} periods with significant positive association${negative > 0 ? `, ${negative} with negative` : ''}`;
  return `${variable}: ${found} (two-sided ${test} p < ${alpha}); ${range}.`;
}

/** Anselin's ladder from OLS to a spatial model, and beside it the Durbin tests. */
function ladder({ lagrange, effects }: NonNullable<SpatialTestsResult['regression']>): string[] {
  const rejects = ({ pValue }: { pValue: number }) => pValue < alpha;
  const { lag, error, robustLag, robustError, wx, robustWx, robustLagDurbin } = lagrange;
  const model = effects.length === 0 ? 'the pooled regression' : `the regression with ${effects.join(' and ')} effects`;
  const step = (() => {
    if (!rejects(lag) && !rejects(error)) return `neither LM test rejects: nothing speaks against ${model} without spatial terms`;
    if (rejects(lag) !== rejects(error))
      return rejects(lag) ? 'LM lag alone rejects: a spatial lag model' : 'LM error alone rejects: a spatial error model';
    if (rejects(robustLag) !== rejects(robustError)) {
      return rejects(robustLag)
        ? 'both LM tests reject, of the robust ones lag alone: a spatial lag model'
        : 'both LM tests reject, of the robust ones error alone: a spatial error model';
    }
    if (rejects(robustLag))
      return 'both robust LM tests reject: lag and error (SARAR), or a spatial Durbin model to be tested down';
    const larger = lag.statistic > error.statistic ? 'lag' : 'error';
    return `both LM tests reject and neither robust one: the larger statistic is that of ${larger}`;
  })();
  const durbin =
    wx === null || robustWx === null || robustLagDurbin === null
      ? []
      : rejects(robustWx)
        ? [
            `Lags of the regressors (WX) matter beside a spatial lag (p < ${alpha}): a spatial Durbin model${rejects(robustLagDurbin) ? '' : ', or SLX, for the lag does not matter beside WX'}.`,
          ]
        : [
            `Lags of the regressors (WX) do not matter beside a spatial lag (p ≥ ${alpha}): no spatial Durbin model on this ground.`,
          ];
  return [`LM tests at ${alpha} (Anselin’s ladder): ${step}.`, ...durbin];
}

export function conventionsOf(
  { permutations, local }: SpatialTestsParams,
  regression: SpatialTestsResult['regression'],
): string[] {
  return [
    'Moran’s I and Geary’s C: moments of Cliff & Ord (1981); z of C has its sign turned, so that z > 0 is positive association. Units without neighbours stay in n.',
    ...(permutations > 0
      ? [
          `p from ${permutations} permutations: (1 + k)/(B + 1), ties counted; two-sided is twice the smaller tail.`,
          `Local Moran I_i = z_i (Wz)_i / (Σz²/n), the unit held and its neighbours permuted; classes at p ≤ ${local.level}, ${local.p}${local.adjust === 'none' ? ', not adjusted for the number of units' : `, ${local.adjust} over the units of a period`}.`,
        ]
      : []),
    ...(regression === null
      ? []
      : [
          'LM tests: s² = e′e/n, T = tr(W′W + WW) over all periods; RLM are Bera & Yoon’s; WX and Durbin tests are those of Koley & Bera.',
          regression.effects.length > 0
            ? `Effects ${regression.effects.join(', ')} are swept out of y, X and their lags; no moments of Moran’s I for such residuals are given, and their permutation p are approximate.`
            : 'Moran’s I of residuals: moments for OLS residuals (Cliff & Ord 1981, §8.3) with W repeated in every period; by period and by permutation they are approximate.',
        ]),
  ];
}
