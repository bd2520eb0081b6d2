/** Runs of neighbouring candidates that a picture can tell apart. */
const mostRuns = 500;

/**
 * LR at each candidate, or, when there are many, the least and the greatest of each run of neighbours: the picture is the
 * same and the minimum is always there.
 */
export function thinnedProfile(values: Float64Array, ratios: Float64Array) {
  if (values.length <= 2 * mostRuns) return { values: [...values], ratios: [...ratios], thinned: false };
  const kept: number[] = [];
  for (let run = 0; run < mostRuns; run++) {
    const from = Math.floor((run * values.length) / mostRuns);
    const to = Math.floor(((run + 1) * values.length) / mostRuns);
    let least = from;
    let greatest = from;
    for (let c = from; c < to; c++) {
      if (ratios[c] < ratios[least]) least = c;
      if (ratios[c] > ratios[greatest]) greatest = c;
    }
    kept.push(Math.min(least, greatest));
    if (least !== greatest) kept.push(Math.max(least, greatest));
  }
  return { values: kept.map((c) => values[c]), ratios: kept.map((c) => ratios[c]), thinned: true };
}
