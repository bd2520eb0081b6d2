import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseFormula, parseTerm } from './parse.js';
import type { FormulaLists } from './syntax.js';

/** What must parse, so that a slip is told with its caret before anything is looked up. */
function parsing<Schema extends z.ZodType>(schema: Schema, parse: (value: z.output<Schema>) => unknown): Schema {
  return schema.check((context) => {
    try {
      parse(context.value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const { pointer, code, message } of error.problems) {
        context.issues.push({
          code: 'custom',
          input: context.value,
          message,
          params: { code },
          path: pointer.split('/').slice(1),
        });
      }
    }
  });
}

const term = z.string().min(1).max(1_000);

/** A param that holds one term: `L.d`, `log(gdp)`, `x:z`. */
export const termParam = parsing(term, (text) => parseTerm(text));

/** A param that holds a formula, as text or as lists of terms. */
export const formulaParam = z.union([
  parsing(z.string().min(1).max(20_000), (text) => parseFormula(text)),
  parsing(
    z.strictObject({
      outcome: term,
      regressors: z.array(term),
      effects: z.array(term).optional(),
      endogenous: z.array(term).optional(),
      instruments: z.array(term).optional(),
      intercept: z.boolean().optional(),
    }),
    (lists: FormulaLists) => parseFormula(lists),
  ),
]);
