/** `npm start`: the whole stack on this machine until Ctrl-C; see docs/settings.md. */
import { build, install } from './prepare.mjs';

if (!install() || !build()) process.exit(1);
const { serve } = await import('../packages/stack/dist/index.js');
try {
  process.exitCode = await serve({ env: process.env, tell: (line) => process.stderr.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
