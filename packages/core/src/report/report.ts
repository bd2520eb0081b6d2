/** What an analysis shows people: a few words, tables and figures. Data only; the `render` package draws it. */
export interface Report {
  readonly title: string;
  /** the answer in words, with the rule used: one sentence each */
  readonly verdict: readonly string[];
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
}

/**
 * A table: columns with labels, rows of cells, and what must be read with it. A row's first cell is its label.
 * Numbers are kept at full precision; `digits` says how many are shown.
 */
export interface Table {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** the footer, one line each: N, covariance and its small-sample rule, cut-offs of the stars */
  readonly notes: readonly string[];
}

export interface TableColumn {
  readonly label: string;
  readonly align: 'left' | 'right';
}

export interface TableRow {
  readonly label: string;
  readonly cells: readonly Cell[];
  /** a line is drawn above this row */
  readonly ruleAbove?: boolean;
}

export type Cell = string | NumberCell | null;

export interface NumberCell {
  readonly value: number;
  /** how it is written: significant digits, digits after the point, a count with grouping, a p-value (never 0.0000) */
  readonly format: 'significant' | 'fixed' | 'count' | 'p';
  readonly digits?: number;
  readonly stars?: 0 | 1 | 2 | 3;
  /** written in ( ) or [ ]: standard errors, t statistics, intervals */
  readonly brackets?: 'round' | 'square';
}

export interface Figure {
  readonly title: string;
  readonly caption: string;
  /** a complete Vega-Lite specification with its data inside */
  readonly spec: Readonly<Record<string, unknown>>;
}
