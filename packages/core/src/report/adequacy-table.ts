import { leftColumn } from './cells.js';
import type { Table } from './report.js';

export interface AdequacyRow {
  readonly method: string;
  readonly needs: string;
  readonly has: string;
  readonly status: string;
}

/** The table that stands first in a report: which methods the data are too small for. */
export function adequacyTable(rows: readonly AdequacyRow[], what = 'Method'): Table {
  return {
    title: 'Too small for this?',
    columns: [leftColumn(what), leftColumn('Needs'), leftColumn('Has'), leftColumn('')],
    rows: rows.map(({ method, needs, has, status }) => ({ label: method, cells: [needs, has, status] })),
    notes: [
      '“Too small”: the p-value is approximate at best. The limits are the house’s, from simulations and the methods’ own conditions.',
    ],
  };
}
