import { cutUnits } from '../../job/layout.js';
import type { Shard } from '../analysis.js';
import type { BootstrapMethod } from './replicate.js';

/**
 * Replications first … first + count − 1 of one test, by every method in turn: replication b of method m is unit
 * `unit` + (b − first) · methods + m of the job.
 */
export interface Segment {
  readonly test: number;
  readonly first: number;
  readonly count: number;
  readonly unit: number;
}

/** Replications after which an early stop may be asked for: 100, 200, 400, … */
const firstCheckpoint = 100;

export interface UnitLayout {
  readonly segments: readonly Segment[];
  readonly units: number;
  /** units after which all tests have had as many replications as each other, or all of theirs */
  readonly checkpoints: readonly number[];
}

/**
 * Test after test; with an early stop in rounds that end at the checkpoints, every test in each.
 * @param replications  B of each test
 */
export function layoutOf(replications: readonly number[], methods: number, earlyStop: boolean): UnitLayout {
  const most = Math.max(0, ...replications);
  const bounds = [most];
  if (earlyStop) {
    bounds.pop();
    for (let at = firstCheckpoint; at < most; at *= 2) bounds.push(at);
    bounds.push(most);
  }
  const segments: Segment[] = [];
  const checkpoints: number[] = [];
  let unit = 0;
  let from = 0;
  for (const to of bounds) {
    for (const [test, B] of replications.entries()) {
      const count = Math.min(B, to) - from;
      if (count <= 0) continue;
      segments.push({ test, first: from, count, unit });
      unit += count * methods;
    }
    from = to;
    if (to < most) checkpoints.push(unit);
  }
  return { segments, units: unit, checkpoints };
}

/** Shards that end where checkpoints do, and after how many shards each is reached. */
export function cutLayout({ units, checkpoints }: UnitLayout, secondsPerUnit: number, seconds: number) {
  const shards: Shard[] = [];
  const reached: number[] = [];
  let from = 0;
  for (const to of [...checkpoints, units]) {
    for (const { first, count } of cutUnits(to - from, secondsPerUnit, seconds)) shards.push({ first: from + first, count });
    if (to < units) reached.push(shards.length);
    from = to;
  }
  return { shards, checkpoints: reached };
}

/** Replications of one test by one method that lie in a range of units. */
export interface UnitRange {
  readonly test: number;
  readonly method: BootstrapMethod;
  /** the first replication, and how many */
  readonly first: number;
  readonly count: number;
  /** unit of the first replication; the next is `stride` units further */
  readonly unit: number;
  readonly stride: number;
}

/** The replications of each test and method among units `from` … `from + count − 1`. */
export function unitRanges(
  from: number,
  count: number,
  segments: readonly Segment[],
  methods: readonly BootstrapMethod[],
): UnitRange[] {
  const stride = methods.length;
  const ranges: UnitRange[] = [];
  for (const { test, first: start, count: length, unit } of segments) {
    for (const [m, method] of methods.entries()) {
      const begin = Math.max(0, Math.ceil((from - unit - m) / stride));
      const end = Math.min(length, Math.ceil((from + count - unit - m) / stride));
      if (end > begin) {
        ranges.push({ test, method, first: start + begin, count: end - begin, unit: unit + begin * stride + m, stride });
      }
    }
  }
  return ranges;
}

/** The draws of one test by one method among the first `draws.length` units, by replication. */
export function drawsOf(
  draws: Float64Array,
  segments: readonly Segment[],
  methods: readonly BootstrapMethod[],
  test: number,
  method: BootstrapMethod,
): Float64Array {
  const mine = unitRanges(0, draws.length, segments, methods).filter((range) => range.test === test && range.method === method);
  const all = new Float64Array(mine.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { count, unit, stride } of mine) for (let b = 0; b < count; b++) all[at++] = draws[unit + b * stride];
  return all;
}
