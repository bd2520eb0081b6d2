import { InputError } from '../errors.js';
import { sha256 } from '../job/canonical.js';
import { decode, encode } from '../job/codec.js';
import type { Panel } from './panel.js';

/** Stored with every dataset; raised when the layout below changes, and with it every dataset's hash. */
const format = 'spillway-panel-1';

/**
 * The canonical columnar form of a panel: equal panels give equal bytes on every machine (members in the order written
 * here, little-endian columns, one NaN).
 */
export function encodePanel(panel: Panel): Uint8Array {
  const { rows, entity, time, columns } = panel;
  return encode({
    format,
    rows,
    entity: { name: entity.name, labels: entity.labels, codes: entity.codes, starts: entity.starts },
    time: { name: time.name, unit: time.unit, step: time.step, labels: time.labels, values: time.values, codes: time.codes },
    columns: columns.map((column) =>
      column.kind === 'number'
        ? { kind: column.kind, name: column.name, values: column.values }
        : { kind: column.kind, name: column.name, labels: column.labels, codes: column.codes },
    ),
  });
}

/** The panel with its columns as views on `bytes` (no copy when these are 8-byte aligned): shared memory stays shared. */
export function decodePanel(bytes: Uint8Array): Panel {
  const { format: found, ...panel } = decode<Panel & { format: unknown }>(bytes);
  if (found !== format) throw InputError.one('not_a_panel', `these bytes are not a panel of format ${format}`);
  return panel;
}

/** A dataset's name: sha256 of its canonical form. */
export const panelHash = (bytes: Uint8Array): string => sha256(bytes);
