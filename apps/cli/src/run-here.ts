import {
  coreIdentity,
  findAnalysis,
  type InputBytes,
  InputError,
  Interrupted,
  inputInfoOf,
  type JobSpec,
  makeSpec,
  type PanelSummary,
  type Problem,
  type Registry,
  weightsOptions,
} from '@spillway/core';
import { type Calls, Pool, runJob } from '@spillway/pool';
import { Failure } from './failure.js';
import { reportOf } from './job-text.js';
import { counted, tell } from './output.js';
import { ProgressDisplay } from './progress-display.js';
import type { AnswerToQuestion, Question } from './question.js';
import { loadRegistry } from './registry.js';
import type { Surroundings } from './surroundings.js';

/** Answers on threads of this process: no service, no Redis, the same bytes. */
export async function runHere(around: Surroundings, question: Question, threads?: number): Promise<AnswerToQuestion> {
  const { signal, registryUrl } = around;
  const pool = new Pool({ registryUrl, ...(threads === undefined ? {} : { threads }) });
  const display = new ProgressDisplay(around.stderr);
  try {
    const registry = await loadRegistry(around);
    const { inputs, summary, spec } = await lookUp(registry, around, pool, question);
    const { rows, entity, time } = summary;
    const seed = question.seed === undefined ? `seed ${spec.seed} (derived)` : `seed ${spec.seed}`;
    tell(
      around,
      `${counted(rows, 'row')}, ${counted(entity.count, 'entity', 'entities')}, ${counted(time.count, 'period')}; ${seed}`,
    );

    const pace = new Pace();
    const { result, report } = await runJob(pool, spec, inputs, {
      registry,
      signal,
      onProgress: ({ partial, ...progress }) =>
        display.update({
          ...progress,
          ...pace.of(progress.done, progress.total),
          partial: partial === null ? null : JSON.parse(partial).partial,
        }),
    });
    display.clear();
    return { result, report: reportOf(JSON.parse(new TextDecoder().decode(report))) };
  } catch (error) {
    display.clear();
    if (error instanceof Interrupted) throw new Failure(1, 'stopped; nothing was kept');
    throw error;
  } finally {
    await pool.close();
  }
}

interface Found {
  readonly inputs: InputBytes;
  readonly summary: PanelSummary;
  readonly spec: JobSpec;
}

/** Reads the files and holds the question to them, and says everything that is wrong with all of it at once. */
async function lookUp(registry: Registry, around: Surroundings, pool: Pool, question: Question): Promise<Found> {
  const core = coreIdentity(process.version);
  const { analysis, params, seed, data, file } = question;
  const specOf = (dataset: string, weights: Record<string, string>) =>
    makeSpec(registry, { analysis, dataset, weights, params, seed }, core);

  const problems: Problem[] = [];
  const noted = (error: unknown): null => {
    if (!(error instanceof InputError)) throw error;
    problems.push(...error.problems);
    return null;
  };
  try {
    specOf('', {});
  } catch (error) {
    noted(error);
  }
  const panel = await pool.call('ingest', { bytes: data, options: file }, { signal: around.signal }).catch(noted);
  const weights = await weigh(around, pool, question).catch(noted);
  if (panel !== null && weights !== null && problems.length === 0) {
    const each = <T>(of: (made: Weighed) => T) => Object.fromEntries([...weights].map(([name, made]) => [name, of(made)]));
    const spec = specOf(
      panel.hash,
      each(({ hash }) => hash),
    );
    const known = new Map([...weights].map(([name, { summary }]) => [name, summary]));
    const refusals = findAnalysis(registry, analysis).check(spec.params, inputInfoOf(panel.summary, known));
    problems.push(...refusals.map((problem) => ({ ...problem, pointer: `/params${problem.pointer}` })));
    const inputs = { dataset: panel.bytes, weights: each(({ bytes }) => bytes) };
    if (problems.length === 0) return { inputs, summary: panel.summary, spec };
  }
  throw new InputError(problems as [Problem, ...Problem[]]);
}

type Weighed = Calls['weigh']['answered'];

/** The weights of the question by name, each made of its file; the options of one may name those before it. */
async function weigh(around: Surroundings, pool: Pool, { weights }: Question): Promise<ReadonlyMap<string, Weighed>> {
  const made = new Map<string, Weighed>();
  for (const { name, options, bytes } of weights) {
    const parsed = weightsOptions.safeParse(options);
    if (!parsed.success) {
      const [first, ...rest] = parsed.error.issues.map(
        ({ path, message }): Problem => ({ pointer: ['/weights', name, ...path].join('/'), code: 'bad_weights_option', message }),
      );
      throw new InputError([first, ...rest]);
    }
    const others = Object.fromEntries([...made].map(([other, { bytes: encoded }]) => [other, encoded]));
    made.set(name, await pool.call('weigh', { bytes, options: parsed.data, others }, { signal: around.signal }));
  }
  return made;
}

/** Rate and time left of a run in this process, from its first progress on. */
class Pace {
  #since: { readonly at: number; readonly done: number } | null = null;

  of(done: number, total: number): { perSecond: number | null; etaSeconds: number | null } {
    this.#since ??= { at: performance.now(), done };
    const seconds = (performance.now() - this.#since.at) / 1000;
    const perSecond = (done - this.#since.done) / seconds;
    if (!(perSecond > 0) || !Number.isFinite(perSecond)) return { perSecond: null, etaSeconds: null };
    return { perSecond, etaSeconds: (total - done) / perSecond };
  }
}
