import type { Calls } from './calls.js';
import { type Outcome, outcomeOf } from './outcome.js';

interface Renderer {
  renderDocument(document: unknown, result: Uint8Array, report: Uint8Array): Promise<Uint8Array>;
}

/** The `render` call, by the module at this address: what draws is large, and most threads never draw. */
export function rendering(rendererUrl: string) {
  return async ({ document, result, report }: Calls['render']['asked']): Promise<Outcome<Uint8Array>> => {
    try {
      const { renderDocument } = (await import(rendererUrl)) as Renderer;
      return { ok: await renderDocument(document, result, report) };
    } catch (error) {
      return outcomeOf(() => {
        throw error;
      });
    }
  };
}
