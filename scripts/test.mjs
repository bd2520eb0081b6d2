/**
 * `npm test`: installs if needed, builds with types, lints, then jest (which starts a Redis of its own, tests/redis.mjs).
 * `--long` runs the long tests instead; other arguments go to jest. The last line is `N passed, N failed`, alone.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, tool } from './prepare.mjs';

const long = process.argv.includes('--long');
const more = process.argv.slice(2).filter((argument) => argument !== '--long');

/** Passed and failed tests; a step that is not a test counts as one failure when it fails. */
function testAll() {
  if (!install()) return [0, 1];
  if (!build()) return [0, 1];
  const lint = tool('@biomejs/biome/bin/biome', ['check', '.']) === 0 ? 0 : 1;
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  const output = join(folder, 'jest.json');
  try {
    const which = long ? ['--testPathIgnorePatterns=/node_modules/', '--testPathPatterns=\\.long\\.test\\.ts$'] : [];
    const status = tool('jest/bin/jest.js', ['--json', `--outputFile=${output}`, ...which, ...more], {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
    });
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(output, 'utf8'));
    const failed = numFailedTests + numRuntimeErrorTestSuites + lint;
    if (numPassedTests + failed === 0) {
      process.stderr.write('no test ran\n');
      return [0, 1];
    }
    return [numPassedTests, failed === 0 && status !== 0 ? 1 : failed];
  } catch (error) {
    process.stderr.write(`jest gave no result: ${error.message}\n`);
    return [0, 1 + lint];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [passed, failed] = testAll();
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
