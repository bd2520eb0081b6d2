import type { SpillwayClient } from '@spillway/client';
import { Failure } from './failure.js';
import { follow } from './follow.js';
import { reportOf, requireSuccess } from './job-text.js';
import { tell } from './output.js';
import type { AnswerToQuestion, Question } from './question.js';
import type { Surroundings } from './surroundings.js';
import { contentTypeOf } from './weights-argument.js';

/** How long a service may take to take a cancellation, when somebody waits to get the prompt back. */
const cancelMs = 5_000;

/** Answers through a service: uploads the file, submits the job, waits for its end. Ctrl-C cancels the job. */
export async function runThere(around: Surroundings, client: SpillwayClient, question: Question): Promise<AnswerToQuestion> {
  const { signal } = around;
  const { analysis, params, seed, webhook, data, name, file, weights } = question;
  const dataset = await client.uploadDataset(data, { ...file, name, signal });
  const ids: Record<string, string> = {};
  for (const { name: called, path, options, bytes } of weights) {
    // Options that name other weights do so by the names of this command line; the service knows them by their ids.
    const named = Object.entries(options).map(([key, value]) => [
      key,
      key === 'of' || key === 'combineWith' ? (ids[value] ?? value) : value,
    ]);
    const sent = { ...Object.fromEntries(named), contentType: contentTypeOf(path), signal };
    ids[called] = (await client.uploadWeights(bytes, sent)).id;
  }
  const submission = {
    analysis,
    dataset: dataset.id,
    ...(weights.length > 0 && { weights: ids }),
    params,
    ...(seed === undefined ? {} : { seed }),
    ...(webhook === undefined ? {} : { webhook }),
  };
  const submitted = await client.submitJob(submission, { signal }).catch((error) => {
    if (signal.aborted)
      throw new Failure(1, 'stopped while the job was being submitted: see "spillway jobs list" whether it was');
    throw error;
  });
  tell(around, `job ${submitted.id}, seed ${submitted.seed}${submitted.state === 'succeeded' ? ', computed before' : ''}`);
  try {
    requireSuccess(await follow(around, client, submitted.id));
  } catch (error) {
    if (signal.aborted) throw new Failure(1, await cancel(client, submitted.id));
    throw error;
  }
  const [result, report] = [await client.getResult(submitted.id, { signal }), await client.getReport(submitted.id, { signal })];
  return { result: result.bytes, report: reportOf(report.value) };
}

async function cancel(client: SpillwayClient, id: string): Promise<string> {
  try {
    const { state } = await client.cancelJob(id, { signal: AbortSignal.timeout(cancelMs) });
    return state === 'cancelled'
      ? `stopped; job ${id} is cancelled`
      : `stopped; job ${id} goes on for others who asked for it (${state})`;
  } catch (error) {
    return `stopped, but job ${id} could not be cancelled: ${(error as Error).message}`;
  }
}
