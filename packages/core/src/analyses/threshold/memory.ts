/** Typed arrays by name. */
export type Arrays<F extends string, W extends string> = Readonly<Record<F, Float64Array> & Record<W, Uint32Array>>;

/** A cache line: an array that starts on one is not split over two more than it must be. */
const alignment = 64;

/**
 * Typed arrays of given lengths in one block of memory, so that a kernel that sees nothing but its own memory sees them all.
 *
 * @param buffer  a zeroed block of at least so many bytes; the first `alignment` of them are left alone
 */
export function allocate<F extends string, W extends string>(
  floats: Readonly<Record<F, number>>,
  words: Readonly<Record<W, number>>,
  buffer: (bytes: number) => ArrayBuffer,
): Arrays<F, W> {
  let bytes = alignment;
  const place = (length: number, size: number) => {
    const at = bytes;
    bytes += Math.ceil((length * size) / alignment) * alignment;
    return { at, length };
  };
  const floatsAt = Object.entries<number>(floats).map(([name, length]) => ({ name, ...place(length, 8) }));
  const wordsAt = Object.entries<number>(words).map(([name, length]) => ({ name, ...place(length, 4) }));
  const block = buffer(bytes);
  return Object.fromEntries([
    ...floatsAt.map(({ name, at, length }) => [name, new Float64Array(block, at, length)]),
    ...wordsAt.map(({ name, at, length }) => [name, new Uint32Array(block, at, length)]),
  ]) as Arrays<F, W>;
}
