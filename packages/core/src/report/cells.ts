import type { NumberCell, TableColumn } from './report.js';

/** Cells and columns as most tables write them. */
export const significant = (value: number, digits = 6): NumberCell => ({ value, format: 'significant', digits });
export const fixed = (value: number, digits: number): NumberCell => ({ value, format: 'fixed', digits });
export const wholeNumber = (value: number): NumberCell => ({ value, format: 'count' });
export const pValueCell = (value: number): NumberCell => ({ value, format: 'p', digits: 4 });

export const leftColumn = (label: string): TableColumn => ({ label, align: 'left' });
export const rightColumn = (label: string): TableColumn => ({ label, align: 'right' });

/** The house's cut-offs: *** p < 0.01, ** p < 0.05, * p < 0.1. */
export const houseStars = [0.01, 0.05, 0.1] as const;

/** Three stars at the first cut-off, two at the second, one at the third. */
export function starsOf(p: number, cutoffs: readonly number[] = houseStars): 0 | 1 | 2 | 3 {
  const at = cutoffs.findIndex((cutoff) => p < cutoff);
  return at < 0 ? 0 : ((3 - at) as 1 | 2 | 3);
}

export function starsNote(cutoffs: readonly number[] = houseStars): string {
  return cutoffs.map((cutoff, at) => `${'*'.repeat(3 - at)} p < ${cutoff}`).join(', ');
}

/** Vega-Lite's version that every figure is written for. */
export const vegaLite = 'https://vega.github.io/schema/vega-lite/v6.json';
