import { type Setting, settingsTable } from './table.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** `docs/settings.md`: the table of settings as Markdown. `scripts/settings-doc.mjs` writes it, a test keeps it up to date. */
export function settingsMarkdown(): string {
  const lines = Object.values<Setting>(settingsTable).map((entry) => {
    const shown = entry.defaultInWords ?? (entry.default === null ? 'unset' : `\`${entry.default}\``);
    return `| \`${entry.variable}\` | ${cell(shown)} | ${cell(entry.unit)} | ${cell(entry.about)} |`;
  });
  return [
    '# Settings',
    '',
    'Every process reads its settings from the environment, once, when it starts; a value that does not fit stops it with a message',
    'that names every wrong variable. An empty variable is an unset one. This page is written by `node scripts/settings-doc.mjs` from',
    '`packages/settings/src/table.ts`.',
    '',
    '| variable | default | unit | about |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
