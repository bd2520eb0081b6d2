import { coreIdentity, findAnalysis, InputError, Interrupted, type JobSpec, makeSpec, type Problem } from '@spillway/core';
import { type IngestedPanel, Pool, runJob } from '@spillway/pool';
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
    const { panel, spec } = await lookUp(around, pool, question);
    const { rows, entity, time } = panel.summary;
    const seed = question.seed === undefined ? `seed ${spec.seed} (derived)` : `seed ${spec.seed}`;
    tell(
      around,
      `${counted(rows, 'row')}, ${counted(entity.count, 'entity', 'entities')}, ${counted(time.count, 'period')}; ${seed}`,
    );

    const pace = new Pace();
    const { result, report } = await runJob(pool, spec, panel.dataset, {
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

/** Reads the file and holds the question to it, and says everything that is wrong with both at once. */
async function lookUp(around: Surroundings, pool: Pool, question: Question): Promise<{ panel: IngestedPanel; spec: JobSpec }> {
  const registry = await loadRegistry(around);
  const core = coreIdentity(process.version);
  const { analysis, params, seed, data, file } = question;
  const specOf = (dataset: string) => makeSpec(registry, { analysis, dataset, params, seed }, core);

  const problems: Problem[] = [];
  const noted = (error: unknown): null => {
    if (!(error instanceof InputError)) throw error;
    problems.push(...error.problems);
    return null;
  };
  try {
    specOf('');
  } catch (error) {
    noted(error);
  }
  const panel = await pool.call('ingest', { bytes: data, options: file }, { signal: around.signal }).catch(noted);
  if (panel !== null && problems.length === 0) {
    const spec = specOf(panel.hash);
    const refusals = findAnalysis(registry, analysis).check(spec.params, { panel: panel.summary });
    problems.push(...refusals.map((problem) => ({ ...problem, pointer: `/params${problem.pointer}` })));
    if (problems.length === 0) return { panel, spec };
  }
  throw new InputError(problems as [Problem, ...Problem[]]);
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
