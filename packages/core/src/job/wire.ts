/** A number that JSON cannot hold, and where it stood: the wire has null there. */
export interface NonFinite {
  readonly pointer: string;
  readonly value: 'NaN' | 'Infinity' | '-Infinity';
}

/**
 * A result as JSON text, members in the order of the result. NaN and infinities are null there, and a last member
 * `nonFinite` names each with its pointer; finite numbers are printed so that they read back to the same bits.
 */
export function toWire(result: Readonly<Record<string, unknown>>): string {
  if (isPlain(result)) return JSON.stringify(result);
  const nonFinite: NonFinite[] = [];
  const plain = (node: unknown, pointer: string): unknown => {
    if (typeof node === 'number' && !Number.isFinite(node)) {
      nonFinite.push({ pointer, value: String(node) as NonFinite['value'] });
      return null;
    }
    if (typeof node !== 'object' || node === null) return node;
    if (ArrayBuffer.isView(node)) return Array.from(node as Float64Array, (item, i) => plain(item, `${pointer}/${i}`));
    if (Array.isArray(node)) return node.map((item, i) => plain(item, `${pointer}/${i}`));
    const members = Object.entries(node).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([key, member]) => [key, plain(member, `${pointer}/${escapeToken(key)}`)]));
  };
  const wire = plain(result, '') as Record<string, unknown>;
  return JSON.stringify(nonFinite.length > 0 ? { ...wire, nonFinite } : wire);
}

/** JSON holds it as it is: no number that is not finite, no typed array. Most results are so, and need no copy. */
function isPlain(node: unknown): boolean {
  if (typeof node === 'number') return Number.isFinite(node);
  if (typeof node !== 'object' || node === null) return true;
  if (ArrayBuffer.isView(node)) return false;
  if (Array.isArray(node)) return node.every(isPlain);
  for (const key in node) if (!isPlain(node[key as keyof typeof node])) return false;
  return true;
}

/** A member name as a step of a JSON pointer (RFC 6901). */
export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
