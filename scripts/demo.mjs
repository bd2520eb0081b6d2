/** `npm run demo`: from a bare checkout to printed tables; `-- --keep` leaves the stack up. */
import { build, install } from './prepare.mjs';

if (!install() || !build()) process.exit(1);
const { demo } = await import('../apps/cli/dist/demo.js');
process.exitCode = await demo({ env: process.env, keep: process.argv.includes('--keep') });
