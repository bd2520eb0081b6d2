/** Points in 2 or 3 dimensions, searched for their neighbours. */
export interface NeighbourIndex {
  /** the k points nearest to point i, itself left out: nearest first, ties by number; `squared` holds their squared distances */
  nearest(i: number, k: number, out: Uint32Array, squared: Float64Array): number;
  /** calls for every other point within √`limit` of point i, in no order */
  within(i: number, limit: number, found: (j: number, squared: number) => void): void;
}

/** Ranges this short are scanned. */
const leafSize = 12;

/**
 * A k-d tree on an array of point numbers: the median of a range is its root, halves follow; no node is stored.
 *
 * @param coordinates  point by point, length dimensions · n
 * @see Bentley (1975), Communications of the ACM 18(9)
 */
export function neighbourIndex(coordinates: Float64Array, dimensions: 2 | 3): NeighbourIndex {
  const n = coordinates.length / dimensions;
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const axisOf = new Uint8Array(n); // of the range whose median stands at this place
  const at = (point: number, axis: number) => coordinates[point * dimensions + axis];
  build(0, n);

  function build(first: number, last: number): void {
    if (last - first <= leafSize) return;
    const axis = widestAxis(first, last);
    const middle = (first + last) >>> 1;
    select(first, last - 1, middle, axis);
    axisOf[middle] = axis;
    build(first, middle);
    build(middle + 1, last);
  }

  function widestAxis(first: number, last: number): number {
    let [widest, width] = [0, -1];
    for (let axis = 0; axis < dimensions; axis++) {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let k = first; k < last; k++) {
        const value = at(order[k], axis);
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (high - low > width) [widest, width] = [axis, high - low];
    }
    return widest;
  }

  /** Quickselect with the median of three: afterwards order[k] has the place it would have sorted along the axis. */
  function select(from: number, to: number, k: number, axis: number): void {
    let [left, right] = [from, to];
    while (right > left) {
      const pivot = median(at(order[left], axis), at(order[(left + right) >>> 1], axis), at(order[right], axis));
      let [i, j] = [left, right];
      while (i <= j) {
        while (at(order[i], axis) < pivot) i++;
        while (at(order[j], axis) > pivot) j--;
        if (i > j) break;
        const moved = order[i];
        order[i++] = order[j];
        order[j--] = moved;
      }
      if (k <= j) right = j;
      else if (k >= i) left = i;
      else return;
    }
  }

  function squaredDistance(i: number, j: number): number {
    let sum = 0;
    for (let axis = 0; axis < dimensions; axis++) sum += (at(i, axis) - at(j, axis)) ** 2;
    return sum;
  }

  /** Visits points that may lie within a limit that the visitor may lower. */
  function search(i: number, visit: (j: number, squared: number) => number, limit: number): void {
    let reach = limit;
    const look = (j: number) => {
      if (j === i) return;
      const squared = squaredDistance(i, j);
      if (squared <= reach) reach = visit(j, squared);
    };
    const descend = (first: number, last: number): void => {
      if (last - first <= leafSize) {
        for (let k = first; k < last; k++) look(order[k]);
        return;
      }
      const middle = (first + last) >>> 1;
      const axis = axisOf[middle];
      const gap = at(i, axis) - at(order[middle], axis);
      look(order[middle]);
      if (gap < 0) descend(first, middle);
      else descend(middle + 1, last);
      if (gap * gap > reach) return; // equal distances are looked at: ties go by number
      if (gap < 0) descend(middle + 1, last);
      else descend(first, middle);
    };
    descend(0, n);
  }

  return {
    nearest(i, k, out, squared) {
      let count = 0;
      const insert = (j: number, d: number): number => {
        let place = count;
        while (place > 0 && (squared[place - 1] > d || (squared[place - 1] === d && out[place - 1] > j))) place--;
        if (place < k) {
          const end = count < k ? count++ : k - 1;
          for (let m = end; m > place; m--) {
            out[m] = out[m - 1];
            squared[m] = squared[m - 1];
          }
          out[place] = j;
          squared[place] = d;
        }
        return count < k ? Number.POSITIVE_INFINITY : squared[k - 1];
      };
      search(i, insert, Number.POSITIVE_INFINITY);
      return count;
    },
    within(i, limit, found) {
      search(
        i,
        (j, squared) => {
          found(j, squared);
          return limit;
        },
        limit,
      );
    },
  };
}

const median = (a: number, b: number, c: number) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
