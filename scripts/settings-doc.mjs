/** Writes docs/settings.md from the table of settings. Run after `npm run build`. */
import { writeFileSync } from 'node:fs';
import { settingsMarkdown } from '../packages/settings/dist/index.js';

writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsMarkdown());
