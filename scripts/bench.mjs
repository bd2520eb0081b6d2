/** `npm run bench -- <name>`: runs bench/<name>.ts, compiled with the rest by `tsc -b`; without a name, lists them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, root, run } from './prepare.mjs';

const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`npm run bench -- <name>, where name is one of: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else if (!install() || !build()) {
  process.exitCode = 1;
} else {
  process.exitCode = run(process.execPath, [join(root, 'node_modules/.cache/spillway-bench', `${name}.js`), ...rest]);
}
