/**
 * Values to bytes and back with every bit kept: NaN, infinities, −0 and typed arrays survive, which JSON loses.
 *
 * Layout: u32 length of the head (little-endian), the head (JSON, UTF-8), zero padding to 8 bytes, then the
 * typed arrays one after another, each padded to 8 bytes. In the head a special value is an object with the single
 * key `$`; a user's key that starts with `$` is written with one more. Equal values give equal bytes. Long plain arrays of
 * numbers lie among the typed ones: as text they would take ten times as long.
 *
 * `decode` gives typed arrays as views on the bytes (no copy) when these are 8-byte aligned, so one shared buffer
 * serves every thread of a process.
 */
type TypedArray = Float64Array | Uint32Array | Int32Array | Uint8Array;

const arrayTypes = { f64: Float64Array, u32: Uint32Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayTag = keyof typeof arrayTypes;

const specialNumbers = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY, '-0': -0 };

/** A plain array of numbers, as the tag of a typed one. */
const plainNumbers = 'numbers';
const longFrom = 32;

const isLongNumbers = (node: readonly unknown[]) => node.length >= longFrom && node.every((item) => typeof item === 'number');

/** A loop: `Array.from` makes an object of each number on the way. */
function plainArray(values: Float64Array): number[] {
  const plain: number[] = [];
  for (let i = 0; i < values.length; i++) plain.push(values[i]);
  return plain;
}

const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** The tag of a typed array; by name, because arrays may come from another realm where `instanceof` is false. */
function arrayTag(value: ArrayBufferView): ArrayTag {
  const name = Object.prototype.toString.call(value).slice(8, -1);
  for (const [tag, type] of Object.entries(arrayTypes)) if (type.name === name) return tag as ArrayTag;
  throw new TypeError(`cannot encode a ${name}`);
}

export function encode(value: unknown): Uint8Array {
  const arrays: TypedArray[] = [];
  let tail = 0;

  const placed = (array: TypedArray, tag: ArrayTag | typeof plainNumbers) => {
    const tagged = { $: [tag, tail, array.length] };
    arrays.push(array);
    tail += padded(array.byteLength);
    return tagged;
  };
  const head = (node: unknown): unknown => {
    if (node === undefined || typeof node === 'function' || typeof node === 'symbol' || typeof node === 'bigint') {
      throw new TypeError(`cannot encode ${typeof node}`);
    }
    if (typeof node === 'number') {
      return Number.isFinite(node) && !Object.is(node, -0) ? node : { $: Object.is(node, -0) ? '-0' : String(node) };
    }
    if (typeof node !== 'object' || node === null) return node;
    if (ArrayBuffer.isView(node)) return placed(node as TypedArray, arrayTag(node));
    if (Array.isArray(node))
      return isLongNumbers(node) ? placed(new Float64Array(node as number[]), plainNumbers) : node.map(head);
    const members = Object.entries(node).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([key, member]) => [key.startsWith('$') ? `$${key}` : key, head(member)]));
  };

  const text = new TextEncoder().encode(JSON.stringify(head(value)));
  const start = padded(4 + text.length);
  const bytes = new Uint8Array(start + tail);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += padded(array.byteLength);
  }
  return bytes;
}

export function decode<T = unknown>(bytes: Uint8Array): T {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const length = new DataView(aligned.buffer, aligned.byteOffset).getUint32(0, true);
  const start = aligned.byteOffset + padded(4 + length);
  // TextDecoder refuses shared memory, so the head is copied; it is small beside the arrays.
  const text = new TextDecoder().decode(aligned.slice(4, 4 + length));

  const revive = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map(revive);
    if ('$' in node) {
      if (!Array.isArray(node.$)) return specialNumbers[node.$ as keyof typeof specialNumbers];
      const [tag, offset, count] = node.$ as [ArrayTag | typeof plainNumbers, number, number];
      const buffer = aligned.buffer as ArrayBuffer;
      return tag === plainNumbers
        ? plainArray(new Float64Array(buffer, start + offset, count))
        : new arrayTypes[tag](buffer, start + offset, count);
    }
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key.startsWith('$') ? key.slice(1) : key, revive(member)]),
    );
  };
  return revive(JSON.parse(text)) as T;
}
