import { z } from 'zod';
import { count } from '../analyses/fields.js';
import { islandsOf, type Weights } from '../weights/weights.js';

/** The weights of a model as results name them. */
export const weightsFields = z.object({
  name: z.string(),
  kind: z.string(),
  normalisation: z.string(),
  units: count,
  links: count,
  islands: count,
  notes: z.array(z.string()),
});

export function aboutWeights(name: string | null, weights: Weights | null): z.output<typeof weightsFields> | null {
  if (name === null || weights === null) return null;
  const { kind, normalisation, notes } = weights.about;
  return {
    name,
    kind,
    normalisation,
    units: weights.labels.length,
    links: weights.columns.length,
    islands: islandsOf(weights).length,
    notes: [...notes],
  };
}
