/**
 * Names the build of the core: package version and sha256 of its built files and of the locked versions of its
 * dependencies. Not the git hash: a commit that leaves the core alone must leave job ids and cached results alone.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'packages/core/dist');
const versionFile = 'job/version.js';

const hash = createHash('sha256');
const built = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js') || file.endsWith('.wasm'));
for (const file of built.sort()) {
  if (file !== versionFile)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(dist, file)))
      .update('\0');
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const seen = new Set();
const visit = (from, name) => {
  let folder = from;
  let key = join(folder, 'node_modules', name);
  while (!packages[key] && folder !== '.') {
    folder = join(folder, '..');
    key = join(folder, 'node_modules', name);
  }
  if (!packages[key] || seen.has(key)) return;
  seen.add(key);
  for (const dependency of Object.keys(packages[key].dependencies ?? {})) visit(key, dependency);
};
for (const dependency of Object.keys(packages['packages/core'].dependencies)) visit('packages/core', dependency);
for (const key of [...seen].sort()) hash.update(`${key}@${packages[key].version}\0`);

const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'));
const build = `${version.replaceAll('.', '-')}-${hash.digest('hex').slice(0, 12)}`;
const path = join(dist, versionFile);
writeFileSync(path, readFileSync(path, 'utf8').replace(/coreBuild = '[^']*'/, `coreBuild = '${build}'`));
