import { missingText, type Panel } from './panel.js';

export interface PanelPreview {
  readonly columns: readonly string[];
  /** entity, period, then the columns; what is missing is null */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** The first rows of a panel in its own order, for people to look at. */
export function previewPanel(panel: Panel, count = 20): PanelPreview {
  const { entity, time, columns } = panel;
  return {
    columns: [entity.name, time.name, ...columns.map((column) => column.name)],
    rows: Array.from({ length: Math.min(count, panel.rows) }, (_, row) => [
      entity.labels[entity.codes[row]],
      time.labels[time.codes[row]],
      ...columns.map((column) => {
        if (column.kind === 'number') return Number.isFinite(column.values[row]) ? column.values[row] : null;
        return column.codes[row] === missingText ? null : column.labels[column.codes[row]];
      }),
    ]),
  };
}
