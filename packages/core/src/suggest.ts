/**
 * The candidate a person most likely meant by a name that does not exist, or null when none is near.
 *
 * Near: equal but for case, white space and punctuation; else at most ⌈length/4⌉ edits (insert, delete, replace, swap of
 * neighbours; Damerau–Levenshtein, the restricted form). The first of equally near candidates wins.
 */
export function suggest(name: string, candidates: Iterable<string>): string | null {
  const folded = fold(name);
  let best: string | null = null;
  let bestDistance = Math.ceil(folded.length / 4) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(folded, fold(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean "x"?)` or nothing: to be put after the words about an unknown name. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = suggest(name, candidates);
  return near === null ? '' : ` (did you mean "${near}"?)`;
}

/** Longer names are compared by their first characters only: the table of distances is quadratic. */
const comparedCharacters = 64;

const fold = (name: string) => (name.toLowerCase().replace(/[\s_.-]+/gu, '') || name).slice(0, comparedCharacters);

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
