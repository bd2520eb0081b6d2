/** One set of fixed effects, or of clusters: the level of each row, ∈ {0, …, levels − 1}. */
export interface Grouping {
  readonly codes: Uint32Array;
  readonly levels: number;
}

/** Does every level of `inner` lie within one level of `outer`? Such effects cost no degrees of freedom when clustering by `outer`. */
export function isNested(inner: Grouping, outer: Grouping): boolean {
  const home = new Int32Array(inner.levels).fill(-1);
  for (let i = 0; i < inner.codes.length; i++) {
    const level = inner.codes[i];
    if (home[level] < 0) home[level] = outer.codes[i];
    else if (home[level] !== outer.codes[i]) return false;
  }
  return true;
}

/** The grouping whose levels are the pairs that occur, numbered in the order of first and then second. */
export function crossGroupings(first: Grouping, second: Grouping): Grouping {
  const seen = new Map<number, number>();
  for (let i = 0; i < first.codes.length; i++) seen.set(first.codes[i] * second.levels + second.codes[i], 0);
  const ascending = [...seen.keys()].sort((a, b) => a - b);
  for (const [code, pair] of ascending.entries()) seen.set(pair, code);
  return {
    codes: Uint32Array.from(first.codes, (code, i) => seen.get(code * second.levels + second.codes[i])!),
    levels: ascending.length,
  };
}

/** The grouping on some of its rows, its levels numbered anew so that each is used. */
export function groupingOnRows({ codes, levels }: Grouping, rows: Uint32Array): Grouping {
  const used = new Uint8Array(levels);
  for (let i = 0; i < rows.length; i++) used[codes[rows[i]]] = 1;
  const newCode = new Uint32Array(levels);
  let count = 0;
  for (let level = 0; level < levels; level++) if (used[level] === 1) newCode[level] = count++;
  const numbered = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) numbered[i] = newCode[codes[rows[i]]];
  return { codes: numbered, levels: count };
}
