/**
 * Compiles packages/core/assembly/threshold.ts and the files it takes in, and writes the bytes, in base64, into the built core: the
 * core touches no file system, and what it runs is covered by the stamp. Compiled again only when a source or the compiler changed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'packages/core/assembly');
const source = join(folder, 'threshold.ts');
const module = join(root, 'packages/core/dist/analyses/threshold/kernel-bytes.js');
const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--importMemory'];

const { version } = JSON.parse(readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'));
const hash = createHash('sha256').update(JSON.stringify([version, options]));
for (const file of readdirSync(folder).sort()) hash.update(`\n${file}\n`).update(readFileSync(join(folder, file)));
const key = hash.digest('hex');
const kept = join(root, 'node_modules/.cache/spillway-wasm', `${key}.wasm`);
if (!existsSync(kept)) {
  const { main } = await import('assemblyscript/asc');
  const { error, stderr } = await main([source, '--outFile', kept, '--baseDir', '/', ...options], {
    writeFile: (path, bytes, base) => {
      const to = join(base, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, bytes);
    },
  });
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
}
const base64 = readFileSync(kept).toString('base64');
const written = readFileSync(module, 'utf8');
const wanted = written.replace(/kernelBytes = '[^']*'/, `kernelBytes = '${base64}'`);
if (wanted !== written) writeFileSync(module, wanted);
