/** `npm run soak -- --minutes N [--seed S]`: the service under random load and random faults for so long, then its history checked. */
import { parseArgs } from 'node:util';
import { build, install, tool } from './prepare.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
});
for (const [name, value] of Object.entries(values)) {
  if (!(Number(value) > 0)) throw new TypeError(`--${name} needs a positive number, got ${value}`);
}

process.exitCode =
  install() && build()
    ? tool('jest/bin/jest.js', ['--testPathIgnorePatterns=/node_modules/', '--testPathPatterns=soak\\.long\\.test\\.ts$'], {
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
        SPILLWAY_SOAK_MINUTES: values.minutes,
        SPILLWAY_SOAK_SEED: values.seed,
      })
    : 1;
