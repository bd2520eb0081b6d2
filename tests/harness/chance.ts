/** Numbers that a seed repeats, for tests that do things at random. */
export function makeChance(seed: number) {
  let state = seed | 0;
  /** in [0, 1): mulberry32 */
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low: number, high: number) => low + (high - low) * next(),
    /** a whole number in [low, high] */
    whole: (low: number, high: number) => low + Math.floor((high - low + 1) * next()),
    one: <T>(of: readonly T[]): T => of[Math.floor(of.length * next())],
  };
}
export type Chance = ReturnType<typeof makeChance>;
