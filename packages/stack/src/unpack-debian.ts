import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface UnpackOptions {
  /** Where the unpacked package stays. */
  folder: string;
  /** Packages to try; the program of each has its name. */
  names: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  tell: (words: string) => void;
}

/**
 * Fetches Debian's package of a Redis server with apt (which checks its signature) and unpacks it with the libraries
 * this machine lacks: without root, and without installing or starting anything. Kept and found again the next time.
 *
 * @returns a script that runs the unpacked program with its libraries
 * @throws Error if apt has none of the packages or cannot be reached
 */
export async function unpackDebian({ folder, names, env, tell }: UnpackOptions): Promise<string> {
  const launcher = join(resolve(folder), 'redis-server');
  if (existsSync(launcher)) return launcher;
  tell("no redis-server on this machine: fetching Debian's package (nothing is installed)");
  await mkdir(join(resolve(folder), '..'), { recursive: true });
  const work = await mkdtemp(`${resolve(folder)}-`);
  try {
    const name = await downloadAll(work, names, { ...env, LC_ALL: 'C' });
    await writeFile(join(work, 'redis-server'), launcherScript(name, await libraryFolders(join(work, 'root'))));
    await chmod(join(work, 'redis-server'), 0o755);
    for (const left of ['debs', 'apt']) await rm(join(work, left), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder).catch((error) => {
      if (!existsSync(launcher)) throw error; // somebody else unpacked it meanwhile: theirs is as good
    });
    return launcher;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads and unpacks the first of `names` that apt knows, and what it needs. With apt's own lists; if they lack it (a bare image has none), with fresh ones of ours. */
async function downloadAll(work: string, names: readonly string[], env: Record<string, string | undefined>): Promise<string> {
  const fresh = join(work, 'apt');
  const own = ['-o', `Dir::State::Lists=${fresh}/lists`, '-o', `Dir::Cache=${fresh}/cache`, '-o', 'APT::Sandbox::User=root'];
  let failure: unknown;
  for (const options of [[], own]) {
    if (options === own) {
      await mkdir(join(fresh, 'lists', 'partial'), { recursive: true });
      await mkdir(join(fresh, 'cache', 'archives', 'partial'), { recursive: true });
      await run('apt-get', [...options, 'update'], { env });
    }
    for (const name of names) {
      try {
        await downloadWithNeeds(work, name, options, env);
        return name;
      } catch (error) {
        failure = error;
        await rm(join(work, 'root'), { recursive: true, force: true });
        await rm(join(work, 'debs'), { recursive: true, force: true });
      }
    }
  }
  throw failure;
}

/** One package, its `-tools` companion (Debian keeps the program there) and, link by link, the libraries that are not installed. */
async function downloadWithNeeds(
  work: string,
  name: string,
  options: readonly string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  const debs = join(work, 'debs');
  await mkdir(debs, { recursive: true });
  const wanted = [name];
  const seen = new Set(wanted);
  for (let next = wanted.shift(); next; next = wanted.shift()) {
    const before = new Set(await readdir(debs));
    await run('apt-get', [...options, 'download', next], { cwd: debs, env });
    const deb = (await readdir(debs)).find((file) => file.endsWith('.deb') && !before.has(file));
    if (!deb) throw new Error(`apt-get download ${next} left no package`);
    await run('dpkg-deb', ['-x', join(debs, deb), join(work, 'root')], { env });
    const { stdout } = await run('dpkg-deb', ['-f', join(debs, deb), 'Pre-Depends', 'Depends'], { env });
    for (const need of needsOf(stdout)) {
      if (seen.has(need)) continue;
      seen.add(need);
      const ours = need === name.replace('-server', '-tools');
      if (ours || (need.startsWith('lib') && !(await isInstalled(need, env)))) wanted.push(need);
    }
  }
}

/** First alternatives of a Depends field: `liba (>= 1), libb | libc` gives liba, libb. */
function needsOf(fields: string): string[] {
  return fields
    .replaceAll(/^[A-Za-z-]+:/gm, ',')
    .split(',')
    .map((need) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(need)?.[1] ?? '')
    .filter((need) => need !== '');
}

/** dpkg's own placeholder. */
const STATUS = '$' + '{Status}';

async function isInstalled(name: string, env: Record<string, string | undefined>): Promise<boolean> {
  try {
    const { stdout } = await run('dpkg-query', ['-W', '--showformat', STATUS, name], { env });
    return stdout.includes('install ok installed');
  } catch {
    return false;
  }
}

/** Folders below `root` that hold shared libraries, relative to it. */
async function libraryFolders(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true });
  const folders = files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => file.slice(0, file.lastIndexOf('/')));
  return [...new Set(folders)].sort();
}

/** `exec` keeps the process id, so that whoever starts the script signals Redis itself. */
const launcherScript = (name: string, folders: readonly string[]): string =>
  `#!/bin/sh
root=$(cd -- "$(dirname -- "$0")" && pwd)/root
export LD_LIBRARY_PATH="${folders.map((folder) => `$root/${folder}`).join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$root/usr/bin/${name}" "$@"
`;
