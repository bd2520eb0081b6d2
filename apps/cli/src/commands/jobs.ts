import { bytesOf, type Job, SpillwayClient } from '@spillway/client';
import { Command, Option } from 'commander';
import { options, wholeNumber } from '../arguments.js';
import { Failure } from '../failure.js';
import { follow } from '../follow.js';
import { jobLines, jobsTable, reportOf, requireSuccess } from '../job-text.js';
import { type Format, formats, print, printBytes, printReport, printTable, tell } from '../output.js';
import type { Surroundings } from '../surroundings.js';

interface Given {
  readonly url: string;
  readonly json?: true;
}

function show(around: Surroundings, job: Job, { json }: Given): void {
  if (json) printBytes(around, bytesOf(job));
  else for (const line of jobLines(job)) print(around, line);
}

async function watchJob(around: Surroundings, id: string, given: Given): Promise<void> {
  const client = new SpillwayClient(given.url);
  let job: Job;
  try {
    job = await follow(around, client, id);
  } catch (error) {
    if (around.signal.aborted) throw new Failure(1, `stopped watching; job ${id} goes on`);
    throw error;
  }
  show(around, job, given);
  requireSuccess(job);
}

async function printResult(around: Surroundings, id: string, given: Given & { readonly format: Format }): Promise<void> {
  const client = new SpillwayClient(given.url);
  if (given.json) return printBytes(around, (await client.getResult(id, { signal: around.signal })).bytes);
  printReport(around, reportOf((await client.getReport(id, { signal: around.signal })).value), given.format);
}

export function jobsCommand(around: Surroundings): Command {
  const { signal } = around;
  const command = new Command('jobs').description('the jobs of a service');
  const sub = (name: string, description: string) =>
    command.command(name).description(description).addOption(options.url()).addOption(options.json());

  sub('list', 'list them, newest first')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where a list ended')
    .action(async ({ limit, cursor, url, json }: Given & { limit: number; cursor?: string }) => {
      const page = await new SpillwayClient(url).listJobs({ limit, signal, ...(cursor === undefined ? {} : { cursor }) });
      if (json) return printBytes(around, bytesOf(page));
      printTable(around, jobsTable(page.data));
      if (page.nextCursor !== null) tell(around, `there are more: --cursor ${page.nextCursor}`);
    });
  sub('show', 'say all about one')
    .argument('<id>')
    .action(async (id: string, given: Given) => show(around, await new SpillwayClient(given.url).getJob(id, { signal }), given));
  sub('watch', 'show its progress until it has ended; Ctrl-C leaves the job alone')
    .argument('<id>')
    .action((id: string, given: Given) => watchJob(around, id, given));
  sub('result', 'print its tables, or with --json its result')
    .argument('<id>')
    .addOption(new Option('--format <format>', 'how tables are printed').choices(Object.keys(formats)).default('text'))
    .action((id: string, given: Given & { format: Format }) => printResult(around, id, given));
  sub('cancel', 'stop it; others who asked for it keep it')
    .argument('<id>')
    .action(async (id: string, given: Given) =>
      show(around, await new SpillwayClient(given.url).cancelJob(id, { signal }), given),
    );
  sub('retry', 'start a failed or cancelled one again')
    .argument('<id>')
    .action(async (id: string, given: Given) =>
      show(around, await new SpillwayClient(given.url).retryJob(id, { signal }), given),
    );
  sub('rm', 'forget some that have ended, with their results')
    .argument('<id...>')
    .action(async (ids: string[], given: Given) => {
      for (const id of ids) {
        await new SpillwayClient(given.url).deleteJob(id, { signal });
        tell(around, `forgot ${id}`);
      }
    });
  return command;
}
