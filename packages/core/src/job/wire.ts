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
  const nonFinite: NonFinite[] = [];
  const path: (string | number)[] = []; // a pointer is made of it only where one is needed
  const plainAt = (key: string | number, node: unknown): unknown => {
    path.push(key);
    const value = plain(node);
    path.pop();
    return value;
  };
  const plain = (node: unknown): unknown => {
    if (typeof node === 'number' && !Number.isFinite(node)) {
      const pointer = path.map((key) => `/${escapeToken(String(key))}`).join('');
      nonFinite.push({ pointer, value: String(node) as NonFinite['value'] });
      return null;
    }
    if (typeof node !== 'object' || node === null) return node;
    if (ArrayBuffer.isView(node)) return Array.from(node as Float64Array, (item, i) => plainAt(i, item));
    if (Array.isArray(node)) return node.map((item, i) => plainAt(i, item));
    const members = Object.entries(node).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([key, member]) => [key, plainAt(key, member)]));
  };
  const wire = plain(result) as Record<string, unknown>;
  return JSON.stringify(nonFinite.length > 0 ? { ...wire, nonFinite } : wire);
}

/** A member name as a step of a JSON pointer (RFC 6901). */
export function escapeToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
