import { InputError } from '../errors.js';
import { sha256 } from '../job/canonical.js';
import { decode, encode } from '../job/codec.js';
import type { Weights } from './weights.js';

/** Stored with every matrix; raised when the layout below changes, and with it every matrix's hash. */
const format = 'spillway-weights-1';

/** The canonical form of a matrix: equal matrices give equal bytes on every machine. */
export function encodeWeights({ labels, starts, columns, values, about }: Weights): Uint8Array {
  const { kind, normalisation, divisor, notes } = about;
  return encode({ format, labels, starts, columns, values, about: { kind, normalisation, divisor, notes } });
}

/** The matrix as views on `bytes` (no copy when these are 8-byte aligned): shared memory stays shared. */
export function decodeWeights(bytes: Uint8Array): Weights {
  const { format: found, ...weights } = decode<Weights & { format: unknown }>(bytes);
  if (found !== format) throw InputError.one('not_weights', `these bytes are not weights of format ${format}`);
  return weights;
}

/** A matrix's name: sha256 of its canonical form. */
export const weightsHash = (bytes: Uint8Array): string => sha256(bytes);
