import { Command, CommanderError } from 'commander';
import { analysesCommand } from './commands/analyses.js';
import { datasetsCommand } from './commands/datasets.js';
import { jobsCommand } from './commands/jobs.js';
import { runCommand, sweepCommand } from './commands/run.js';
import { serveCommand } from './commands/serve.js';
import { weightsCommand } from './commands/weights.js';
import { describeFailure, type ExitCode } from './failure.js';
import type { Surroundings } from './surroundings.js';

export type { ExitCode, Surroundings };

function program(around: Surroundings): Command {
  const spillway = new Command('spillway')
    .description('Panel and spatial econometrics: here on threads, or through a service.')
    .option('--verbose', 'show where an error came from')
    .showSuggestionAfterError()
    .addCommand(analysesCommand(around))
    .addCommand(runCommand(around))
    .addCommand(sweepCommand(around))
    .addCommand(datasetsCommand(around))
    .addCommand(weightsCommand(around))
    .addCommand(jobsCommand(around))
    .addCommand(serveCommand(around))
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong input.');
  const prepare = (command: Command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => around.stdout.write(text),
      writeErr: (text) => around.stderr.write(text),
    });
    for (const child of command.commands) prepare(child);
  };
  prepare(spillway);
  return spillway;
}

/** Runs one command in these surroundings. Errors become words on stderr and an exit code, never a stack trace. */
export async function runCommandLine(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  // Accepted anywhere on the line, as people add it to a command that has just failed.
  const verbose = args.includes('--verbose');
  try {
    await program(around).parseAsync(
      args.filter((arg) => arg !== '--verbose'),
      { from: 'user' },
    );
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said why
    const { exitCode, message } = describeFailure(error);
    around.stderr.write(`spillway: ${message}\n`);
    if (verbose && error instanceof Error) around.stderr.write(`${stacks(error)}\n`);
    return exitCode;
  }
}

function stacks(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stacks(error.cause)}` : '';
  return (error.stack ?? error.message) + cause;
}

/** The `spillway` command in this process. */
export async function main(args: readonly string[], registryUrl = import.meta.resolve('@spillway/core')): Promise<ExitCode> {
  const { stdout, stderr, stdin, env } = process;
  const abort = new AbortController();
  // Every command ends by itself within seconds of this; npx passes on a Ctrl-C that we have had already, so a second
  // one means no more than the first.
  const stop = () => abort.abort(new Error('stopped'));
  // A reader that has seen enough (`| head`) is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  // Left in place to the end: the default would kill the process in its last moments, with another exit code.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return runCommandLine(args, { stdout, stderr, stdin, env, signal: abort.signal, registryUrl });
}
