import { type Column, type ColumnSummary, missingText, type Panel, type PanelSummary } from './panel.js';

/** What is known of a panel without its rows. O(rows log rows) a number column, for its distinct values. */
export function summarizePanel(panel: Panel): PanelSummary {
  const { entity, time } = panel;
  const periods = time.labels.length;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let gaps = 0;
  for (let e = 0; e < entity.labels.length; e++) {
    const first = entity.starts[e];
    const last = entity.starts[e + 1] - 1;
    const rows = last - first + 1;
    min = Math.min(min, rows);
    max = Math.max(max, rows);
    gaps += (time.values[time.codes[last]] - time.values[time.codes[first]]) / time.step + 1 - rows;
  }
  return {
    rows: panel.rows,
    entity: { name: entity.name, count: entity.labels.length, first: entity.labels[0], last: entity.labels.at(-1)! },
    time: {
      name: time.name,
      unit: time.unit,
      step: time.step,
      count: periods,
      first: time.labels[0],
      last: time.labels[periods - 1],
    },
    balanced: min === periods,
    periodsPerEntity: { min, max },
    gaps,
    columns: panel.columns.map(summarizeColumn),
  };
}

function summarizeColumn(column: Column): ColumnSummary {
  if (column.kind === 'text') {
    const missing = column.codes.reduce((count, code) => count + (code === missingText ? 1 : 0), 0);
    return { name: column.name, kind: 'text', missing, distinct: column.labels.length, min: null, max: null };
  }
  const present = column.values.filter((value) => !Number.isNaN(value)).sort();
  let distinct = present.length === 0 ? 0 : 1;
  for (let k = 1; k < present.length; k++) if (present[k] !== present[k - 1]) distinct += 1;
  const missing = column.values.length - present.length;
  return { name: column.name, kind: 'number', missing, distinct, min: present[0] ?? null, max: present.at(-1) ?? null };
}
