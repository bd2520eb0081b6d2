/**
 * Makes a bare checkout ready: installs what the lock file says when it is not there, and builds. Plain Node, no packages:
 * this runs before there are any.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the root; its standard output goes to our standard error, so that ours stays the answer. */
export function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  if (error) throw error;
  return status ?? 1;
}

/** A tool that the lock file installs, run by this Node. */
export const tool = (path, args, env) => run(process.execPath, [join(root, 'node_modules', path), ...args], env);

const npm = (...args) => {
  const script = process.env.npm_execpath;
  return script ? run(process.execPath, [script, ...args]) : run('npm', args);
};

/** True if every package of the lock file is there in its locked version (optional ones may be for other machines). */
function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(([path, { version, optional, link }]) => {
    if (path === '' || !path.startsWith('node_modules/')) return true;
    return optional || (existsSync(join(root, path)) && (link || have[path]?.version === version));
  });
}

/** @returns false if npm failed; it has said why */
export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`Spillway needs Node 20.19 or later, this is ${process.version}\n`);
    return false;
  }
  if (isInstalled()) return true;
  process.stderr.write('installing packages (once)\n');
  // Not `npm ci`: it refuses a lock file without the binaries of other operating systems, and a lock file made where the
  // registry has none lacks them. `install` takes the locked versions all the same; --no-save leaves the lock file alone.
  return npm('install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error') === 0;
}

/** @returns false if a compiler or the stamp failed; they have said why */
export const build = () => npm('run', '--silent', 'build') === 0;
