import { writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { SpillwayClient } from '@spillway/client';
import type { SweepResult } from '@spillway/core';
import { sweepCsv, sweepParquet } from '@spillway/render';
import { Command, InvalidArgumentError, Option } from 'commander';
import { address, options, type PanelFileOptions, panelFileOptions, readInput, readParams, wholeNumber } from '../arguments.js';
import { wrongInput } from '../failure.js';
import { counted, type Format, formats, printBytes, printReport, tell, writeFigures } from '../output.js';
import type { AnswerToQuestion } from '../question.js';
import { runThere } from '../run-there.js';
import type { Surroundings } from '../surroundings.js';
import { moreWeights, readWeights, type WeightsFile } from '../weights-argument.js';

interface Given extends PanelFileOptions {
  readonly data: string;
  readonly weights?: readonly WeightsFile[];
  readonly params: string;
  readonly seed?: number;
  readonly threads?: number;
  readonly url?: string;
  readonly webhook?: string;
  readonly json?: true;
  readonly format: Format;
  readonly figures?: string;
}

async function run(around: Surroundings, analysis: string, given: Given): Promise<AnswerToQuestion> {
  if (given.webhook !== undefined && given.url === undefined) {
    throw wrongInput('--webhook needs --url: only a service sends webhooks');
  }
  const params = await readParams(around, given.params);
  const question = {
    analysis,
    params,
    seed: given.seed,
    webhook: given.webhook,
    data: await readInput(around, given.data),
    name: given.data === '-' ? 'standard input' : basename(given.data),
    file: panelFileOptions(given),
    weights: await readWeights(around, given.weights),
  };
  // Threads are loaded by those who want them: every other command starts faster without.
  const answer = given.url
    ? await runThere(around, new SpillwayClient(given.url), question)
    : await (await import('../run-here.js')).runHere(around, question, given.threads);
  if (given.json) printBytes(around, answer.result);
  else printReport(around, answer.report, given.format);
  if (given.figures !== undefined) await writeFigures(around, answer.report, given.figures);
  return answer;
}

/** The options of everything that runs: data, params, where, and how it is printed. */
const runOptions = (command: Command): Command =>
  command
    .requiredOption('--data <file>', 'the panel, CSV; - is standard input')
    .addOption(options.entity())
    .addOption(options.time())
    .addOption(options.delimiter())
    .addOption(options.decimal())
    .addOption(options.step())
    .option(
      '--weights <file>',
      'spatial weights, [name=]file[?options], as in W=links.csv?kind=edge-list; may be given several times',
      moreWeights,
    )
    .option('--params <json>', 'parameters as JSON, or @file with them', '{}')
    .option('--seed <number>', 'default: derived from the question, and printed', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--figures <folder>', 'write the figures there, as SVG and PNG')
    .option('--threads <number>', 'of a run here; default: one a core', wholeNumber(1, 1024))
    .option('--url <address>', 'run through this service instead of here', address)
    .option('--webhook <address>', 'with --url: an https address that the service tells of the end')
    .addOption(options.json())
    .addOption(new Option('--format <format>', 'how tables are printed').choices(Object.keys(formats)).default('text'));

export function runCommand(around: Surroundings): Command {
  const command = new Command('run')
    .description('run an analysis on a file, here or through a service, and print its tables')
    .argument('<analysis>', 'see "spillway analyses"');
  return runOptions(command).action(async (analysis: string, given: Given) => {
    await run(around, analysis, given);
  });
}

/** How a sweep's items are written, by the ending of the file. */
const tables: Readonly<Record<string, (sweep: SweepResult) => string | Uint8Array>> = {
  '.csv': sweepCsv,
  '.parquet': sweepParquet,
};

function tableFile(path: string): string {
  if (tables[extname(path).toLowerCase()] === undefined) {
    throw new InvalidArgumentError(`A file that ends in ${Object.keys(tables).join(' or ')} is needed; --json gives JSON.`);
  }
  return path;
}

export function sweepCommand(around: Surroundings): Command {
  const command = new Command('sweep').description(
    'run an analysis over a grid, a list or a draw of specifications (see "spillway analyses sweep")',
  );
  return runOptions(command)
    .option('--table <file>', 'write every item there, as .csv or .parquet', tableFile)
    .action(async (given: Given & { readonly table?: string }) => {
      const { result } = await run(around, 'sweep', given);
      if (given.table === undefined) return;
      const sweep = JSON.parse(new TextDecoder().decode(result)) as SweepResult;
      await writeFile(given.table, tables[extname(given.table).toLowerCase()](sweep));
      tell(around, `${given.table}: ${counted(sweep.counts.items, 'specification')}`);
    });
}
