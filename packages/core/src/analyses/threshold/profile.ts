/** Runs of neighbouring candidates that a picture can tell apart. */
const mostRuns = 500;

/** Candidates of a confidence set that are all kept; a larger set is an area in a picture, not points. */
const mostInSet = 500;

/**
 * LR at each candidate, or, when there are many, the least and the greatest of each run of neighbours: the picture is the
 * same and the minimum is always there. The candidates of a small confidence set are kept, all of them.
 *
 * @param cutoff  LR of the set's last candidates
 */
export function thinnedProfile(values: Float64Array, ratios: Float64Array, cutoff: number) {
  if (values.length <= 2 * mostRuns) return { values: [...values], ratios: [...ratios], thinned: false };
  const kept = new Uint8Array(values.length);
  let inSet = 0;
  for (let c = 0; c < ratios.length; c++) if (ratios[c] <= cutoff) inSet++;
  if (inSet <= mostInSet) for (let c = 0; c < ratios.length; c++) if (ratios[c] <= cutoff) kept[c] = 1;
  for (let run = 0; run < mostRuns; run++) {
    const from = Math.floor((run * values.length) / mostRuns);
    const to = Math.floor(((run + 1) * values.length) / mostRuns);
    let least = from;
    let greatest = from;
    for (let c = from; c < to; c++) {
      if (ratios[c] < ratios[least]) least = c;
      if (ratios[c] > ratios[greatest]) greatest = c;
    }
    kept[least] = 1;
    kept[greatest] = 1;
  }
  const profile = { values: [] as number[], ratios: [] as number[], thinned: true };
  for (let c = 0; c < values.length; c++) {
    if (kept[c] === 0) continue;
    profile.values.push(values[c]);
    profile.ratios.push(ratios[c]);
  }
  return profile;
}
