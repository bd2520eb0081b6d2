import { EstimationError, InputError, Interrupted, isOutOfMemory } from '../../errors.js';
import { parseTerm } from '../../formula/parse.js';
import { termName } from '../../formula/print.js';
import { canonicalJson } from '../../job/canonical.js';
import { inputInfoOf, inputsOf } from '../../job/inputs.js';
import { keepRows } from '../../panel/keep.js';
import { summarizePanel } from '../../panel/summary.js';
import { summarizeWeights } from '../../weights/summary.js';
import type { DeathKind, Estimate, InputInfo, Inputs, Prefix, Shard } from '../analysis.js';
import type { AnyAnalysis } from '../registry.js';
import type { Item } from './grid.js';
import type { SweepParams } from './params.js';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Of an item that is lost, in words that say nothing of where and how often it was tried: a result holds none of that. */
const lostWords: Readonly<Record<DeathKind, string>> = {
  crashed: 'it ended what computed it, whenever it was tried',
  out_of_memory: 'it needs more memory than one computation may take here',
  timed_out: 'it took longer than one computation may take here, whenever it was tried',
};

export const lostItem = (kind: DeathKind): Failure => ({ code: kind, message: lostWords[kind] });

export const failed = (found: Estimate | Failure): found is Failure => 'code' in found;

/** Runs items one at a time, each as a job of its own would be. */
export class OneItem {
  readonly #inputs = new Map<number, Inputs>();
  #info: InputInfo | undefined;

  constructor(
    readonly analysis: AnyAnalysis,
    readonly sweep: SweepParams,
    readonly inputs: Inputs,
    readonly seed: number,
  ) {}

  /** The item's params, canonical. @throws InputError with what does not fit */
  paramsOf(item: Item): unknown {
    const parsed = this.analysis.params.safeParse(item.params);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      throw InputError.one('invalid_params', message, `/${path.join('/')}`);
    }
    const params: unknown = JSON.parse(canonicalJson(parsed.data));
    const [first, ...rest] = this.analysis.check(params, this.info);
    if (first !== undefined) throw new InputError([first, ...rest]);
    return params;
  }

  get info(): InputInfo {
    const { panel, weights = new Map() } = this.inputs;
    this.#info ??= inputInfoOf(
      summarizePanel(panel),
      new Map([...weights].map(([name, matrix]) => [name, summarizeWeights(matrix)])),
    );
    return this.#info;
  }

  cpuSeconds(item: Item): number {
    return this.analysis.cost(this.paramsOf(item), this.info).cpuSeconds;
  }

  plan(item: Item) {
    const params = this.paramsOf(item);
    return { params, plan: this.analysis.plan(params, this.#inputsOf(item), this.seed) };
  }

  shard(item: Item, shard: Shard, stopped: () => void): unknown {
    const { params, plan } = this.plan(item);
    return this.analysis.run(params, this.#inputsOf(item), plan.context, shard, stopped, this.seed);
  }

  /** The estimate, or why there is none: whatever an item throws is its own failure. */
  estimate(item: Item, stopped: () => void): Estimate | Failure {
    return attempt(() => {
      const { params, plan } = this.plan(item);
      const inputs = this.#inputsOf(item);
      const parts = plan.shards.map((shard) => this.analysis.run(params, inputs, plan.context, shard, stopped, this.seed));
      return this.#read(item, params, plan.context, parts);
    });
  }

  /** The same from parts that were computed apart. */
  combine(item: Item, parts: Prefix<unknown>): Estimate | Failure {
    return attempt(() => {
      const { params, plan } = this.plan(item);
      return this.#read(item, params, plan.context, parts);
    });
  }

  #read(item: Item, params: unknown, context: unknown, parts: Prefix<unknown>): Estimate | Failure {
    const result = this.analysis.combine(params, this.#inputsOf(item), context, parts, this.seed);
    const estimates = this.analysis.estimates!(result);
    const wanted = item.pieces?.treatment ?? this.sweep.focus;
    if (wanted === undefined) return estimates[0] ?? { code: 'no_estimate', message: 'no coefficient was estimated' };
    const named = (name: string) => estimates.find((estimate) => estimate.name === name);
    const name = named(wanted) === undefined ? canonicalName(wanted) : wanted;
    const found = named(name);
    const others = estimates.map((estimate) => estimate.name).join(', ');
    return (
      found ?? {
        code: 'no_estimate',
        message: `${name} has no coefficient: it is collinear with effects or controls, or not in the model${others && `; there are ${others}`}`,
      }
    );
  }

  #inputsOf({ sample }: Item): Inputs {
    let inputs = this.#inputs.get(sample);
    if (inputs === undefined) {
      const { name, keep } = this.sweep.samples[sample];
      inputs = inputsOf(keepRows(this.inputs.panel, name, keep), this.inputs.weights);
      this.#inputs.set(sample, inputs);
    }
    return inputs;
  }
}

/** As results print it; names that are no terms stay as they are. */
function canonicalName(text: string): string {
  try {
    return termName(parseTerm(text));
  } catch {
    return text;
  }
}

export function attempt<T>(run: () => T): T | Failure {
  try {
    return run();
  } catch (error) {
    if (error instanceof Interrupted || isOutOfMemory(error)) throw error; // not the item’s to answer: of the thread
    if (error instanceof EstimationError) return { code: error.code, message: error.message };
    if (error instanceof InputError) return { code: error.problems[0].code, message: error.message };
    return { code: 'error', message: `${(error as Error).name}: ${(error as Error).message}` };
  }
}
