import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseFormula, parseTerm } from './parse.js';

/** Text that must parse, so that a slip is told with its caret before anything is looked up. */
const parsing = (parse: (text: string) => unknown, longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .check((context) => {
      try {
        parse(context.value);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        for (const { code, message } of error.problems) {
          context.issues.push({ code: 'custom', input: context.value, message, params: { code }, path: [] });
        }
      }
    });

/** A param that holds one term: `L.d`, `log(gdp)`, `x:z`. */
export const termParam = parsing((text) => parseTerm(text), 1_000);

/** A param that holds a formula, as text or as lists of terms. */
export const formulaParam = z.union([
  parsing((text) => parseFormula(text), 20_000),
  z.strictObject({
    outcome: termParam,
    regressors: z.array(termParam),
    effects: z.array(z.string().min(1)).optional(),
    endogenous: z.array(termParam).optional(),
    instruments: z.array(termParam).optional(),
    intercept: z.boolean().optional(),
  }),
]);
