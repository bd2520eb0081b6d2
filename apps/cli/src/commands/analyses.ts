import { bytesOf, SpillwayClient } from '@spillway/client';
import { type AnalysisDescription, describeAnalysis, findAnalysis } from '@spillway/core';
import { wrap } from '@spillway/render';
import { Command } from 'commander';
import { address, options } from '../arguments.js';
import { print, printBytes, printTable } from '../output.js';
import { type ParamsSchema, paramsText } from '../params-text.js';
import { loadRegistry } from '../registry.js';
import { type Surroundings, widthOf } from '../surroundings.js';

interface Given {
  readonly json?: true;
  readonly url?: string;
}

const utf8 = new TextEncoder();

async function listAnalyses(around: Surroundings, { json, url }: Given): Promise<void> {
  const list = url
    ? await new SpillwayClient(url).listAnalyses({ signal: around.signal })
    : {
        data: [...(await loadRegistry(around)).values()].map(({ name, version, title, about }) => ({
          name,
          version,
          title,
          about,
        })),
      };
  if (json) return printBytes(around, url ? bytesOf(list) : utf8.encode(JSON.stringify(list)));
  printTable(around, {
    title: '',
    columns: [
      { label: 'analysis', align: 'left' },
      { label: 'version', align: 'right' },
      { label: 'what it answers', align: 'left' },
    ],
    rows: list.data.map(({ name, version, title }) => ({ label: name, cells: [{ value: version, format: 'count' }, title] })),
    notes: ['"spillway analyses <name>" says more.'],
  });
}

async function showAnalysis(around: Surroundings, name: string, { json, url }: Given): Promise<void> {
  const local = url ? null : describeAnalysis(findAnalysis(await loadRegistry(around), name));
  const remote = url ? await new SpillwayClient(url).getAnalysis(name, { signal: around.signal }) : null;
  if (json) return printBytes(around, remote ? bytesOf(remote) : utf8.encode(JSON.stringify(local)));
  for (const line of detailText((local ?? remote) as AnalysisDescription, widthOf(around.stdout))) print(around, line);
}

function detailText(detail: AnalysisDescription, width: number): string[] {
  const { name, version, title, about, sources, params, example } = detail;
  const prose = (text: string, indent: string) => wrap(text, width - indent.length).map((line) => indent + line);
  const file = JSON.stringify(example.params, null, 2);
  return [
    `${name} ${version}: ${title}`,
    '',
    ...about.split(/\n\s*\n/).flatMap((paragraph) => [...prose(paragraph, ''), '']),
    'Parameters',
    ...paramsText(params as ParamsSchema, width),
    '',
    'Sources',
    ...sources.flatMap((source) => prose(source, '  ')),
    '',
    `Example, on ${example.dataset}: put these in params.json`,
    ...file.split('\n').map((line) => `  ${line}`),
    `  spillway run ${name} --data data/${example.dataset} --entity <column> --time <column>${weightsText(example)} --params @params.json`,
  ];
}

/** `--weights` of an example that has any. */
function weightsText({ weights }: AnalysisDescription['example']): string {
  if (weights === undefined) return '';
  const query = new URLSearchParams(
    Object.entries(weights.options as object).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return ` --weights 'data/${weights.file}?${query}'`;
}

export function analysesCommand(around: Surroundings): Command {
  return new Command('analyses')
    .description('list the analyses, or say all about one')
    .argument('[name]', 'an analysis')
    .option('--url <address>', 'ask this service instead of this program', address)
    .addOption(options.json())
    .action((name: string | undefined, given: Given) =>
      name === undefined ? listAnalyses(around, given) : showAnalysis(around, name, given),
    );
}
