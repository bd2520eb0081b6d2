import { basename } from 'node:path';
import { bytesOf, SpillwayClient, type Weights } from '@spillway/client';
import { InputError, type Problem, type Table, weightsFromFile, weightsOptions } from '@spillway/core';
import { weightsTexts } from '@spillway/render';
import { Command, InvalidArgumentError, Option } from 'commander';
import { options, readInput } from '../arguments.js';
import { counted, print, printBytes, printTable, shortTime, tell } from '../output.js';
import type { Surroundings } from '../surroundings.js';
import { contentTypeOf, readWeights, type WeightsFile, weightsFile } from '../weights-argument.js';

interface Given {
  readonly url: string;
  readonly json?: true;
}

function weightsTable(list: readonly Weights[]): Table {
  return {
    title: '',
    columns: [
      { label: 'weights', align: 'left' },
      { label: 'name', align: 'left' },
      { label: 'kind', align: 'left' },
      { label: 'units', align: 'right' },
      { label: 'links', align: 'right' },
      { label: 'created (UTC)', align: 'left' },
    ],
    rows: list.map(({ id, name, kind, units, links, createdAt }) => ({
      label: id,
      cells: [name, kind, { value: units, format: 'count' }, { value: links, format: 'count' }, shortTime(createdAt)],
    })),
    notes: [],
  };
}

function show(around: Surroundings, weights: Weights, { json }: Given): void {
  if (json) {
    printBytes(around, bytesOf(weights));
    return;
  }
  const { id, name, kind, normalisation, units, links, neighbours, islands, components, symmetric, symmetricLinks, notes } =
    weights;
  const { rowSums } = weights;
  const symmetry = symmetric ? 'symmetric' : symmetricLinks ? 'symmetric links, other weights' : 'not symmetric';
  const facts: [string, string][] = [
    ['weights', id],
    ['name', name],
    ['kind', `${kind}, normalisation ${normalisation}; ${symmetry}`],
    ['units', `${units.toLocaleString('en-US')}: ${weights.first} … ${weights.last}`],
    [
      'links',
      `${links.toLocaleString('en-US')}; neighbours ${neighbours.min} to ${neighbours.max}, ${neighbours.mean.toPrecision(3)} on average`,
    ],
    ['islands', islands.count === 0 ? 'none' : `${islands.count}: ${islands.labels.join(', ')}`],
    ['parts', counted(components, 'component')],
    ['row sums', `${rowSums.min.value} (${rowSums.min.label}) to ${rowSums.max.value} (${rowSums.max.label})`],
    ...notes.map((note): [string, string] => ['note', note]),
  ];
  for (const [label, words] of facts) print(around, `${label.padEnd(9)} ${words}`);
}

/** One matrix of a file on this machine, written as other programs read it. */
async function convert(around: Surroundings, file: WeightsFile, format: keyof typeof weightsTexts): Promise<void> {
  const [{ bytes, options: given }] = await readWeights(around, [file]);
  const parsed = weightsOptions.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }): Problem => ({ pointer: `/${path.join('/')}`, code: 'bad_weights_option', message }),
    );
    throw new InputError(problems as [Problem, ...Problem[]]);
  }
  around.stdout.write(weightsTexts[format](weightsFromFile(bytes, parsed.data)));
}

export function weightsCommand(around: Surroundings): Command {
  const { signal } = around;
  const command = new Command('weights').description('spatial weights: those of a service, and from one form of file to another');
  const sub = (name: string, description: string) =>
    command.command(name).description(description).addOption(options.url()).addOption(options.json());
  const file = (text: string) => {
    const { name, path, options: given } = weightsFile(text);
    if (name !== 'W') throw new InvalidArgumentError('A name is given to weights when they are used.');
    return { name, path, options: given };
  };

  sub('list', 'list them').action(async (given: Given) => {
    const list = await new SpillwayClient(given.url).listWeights({ signal });
    if (given.json) printBytes(around, bytesOf(list));
    else printTable(around, weightsTable(list.data));
  });
  sub('upload', 'upload what weights are made of; equal weights are one')
    .argument('<file>', 'file[?options], as in states.geojson?kind=queen&id=NAME', file)
    .option('--name <name>', 'for people; default: the name of the file')
    .action(async ({ path, options: given }: WeightsFile, { name = basename(path), ...rest }: Given & { name?: string }) => {
      const bytes = await readInput(around, path);
      const sent = { ...given, kind: given.kind, name, contentType: contentTypeOf(path), signal };
      show(around, await new SpillwayClient(rest.url).uploadWeights(bytes, sent), rest);
    });
  sub('show', 'say all about one')
    .argument('<id>')
    .action(async (id: string, given: Given) =>
      show(around, await new SpillwayClient(given.url).getWeights(id, { signal }), given),
    );
  sub('rm', 'delete some; jobs that use them still end')
    .argument('<id...>')
    .action(async (ids: string[], given: Given) => {
      for (const id of ids) {
        await new SpillwayClient(given.url).deleteWeights(id, { signal });
        tell(around, `deleted ${id}`);
      }
    });
  command
    .command('convert')
    .description('read a file here and write the weights on standard output')
    .argument('<file>', 'file[?options], as in states.geojson?kind=queen&id=NAME', file)
    .addOption(new Option('--to <format>', 'how they are written').choices(Object.keys(weightsTexts)).default('csv'))
    .action((given: WeightsFile, { to }: { to: keyof typeof weightsTexts }) => convert(around, given, to));
  return command;
}
