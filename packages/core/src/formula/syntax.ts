/** What a formula says, as data. Printed by `print.ts`, read by `parse.ts`: each undoes the other. */
export interface Formula {
  readonly outcome: Term;
  /** false if the formula says `0` or `-1`; individual effects absorb it anyway */
  readonly intercept: boolean;
  readonly regressors: readonly Term[];
  /** columns whose levels are absorbed; the words `entity` and `time` name the panel's own */
  readonly effects: readonly string[];
  readonly endogenous: readonly Term[];
  /** outside instruments only */
  readonly instruments: readonly Term[];
  /** every place a column is named, in the order of the text */
  readonly mentions: readonly Mention[];
}

/** A formula as lists: each item is one term or name, in the formula's own notation. */
export interface FormulaLists {
  readonly outcome: string;
  readonly regressors: readonly string[];
  readonly effects?: readonly string[] | undefined;
  readonly endogenous?: readonly string[] | undefined;
  readonly instruments?: readonly string[] | undefined;
  readonly intercept?: boolean | undefined;
}

/** One column named in a text, and where; enough for a message with a caret. */
export interface Mention {
  readonly name: string;
  /** its numbers are wanted, or its levels (effects, `i(…)`) */
  readonly wanted: 'number' | 'levels';
  readonly text: string;
  readonly at: number;
  readonly pointer: string;
}

/** Factors multiplied: `x` has one, `x:z` two. */
export interface Term {
  readonly factors: readonly Factor[];
}

export type Factor = Expression | Levels;

/** `i(name)`: a dummy for every level but the first. */
export interface Levels {
  readonly kind: 'levels';
  readonly name: string;
}

/** One number a row. */
export type Expression =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | Shift
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: Expression }
  /** `I(…)`: arithmetic where a term stands */
  | { readonly kind: 'arithmetic'; readonly of: Expression }
  | { readonly kind: 'spatialLag'; readonly of: Expression; readonly weights: string | null }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

/** Difference `differences` times, then go back `lag` steps (forward if negative): L2.x, F.x, D.x, LD.x. */
export interface Shift {
  readonly kind: 'shift';
  readonly lag: number;
  readonly differences: number;
  readonly of: Expression;
}

export type Operator = '+' | '-' | '*' | '/' | '^';

export const functionNames = ['log', 'exp', 'sqrt', 'abs'] as const;
export type FunctionName = (typeof functionNames)[number];

/** Longer ones are made by programs, and those can hand in lists. */
export const formulaLimits = {
  characters: 20_000,
  /** brackets and signs in one another: the parser recurses, and a stack has an end */
  depth: 64,
  terms: 2_000,
  /** x1*x2*…*x6 is 63 terms already */
  crossed: 6,
  lag: 9_999,
  differences: 9,
};
