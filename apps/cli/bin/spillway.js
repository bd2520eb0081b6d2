#!/usr/bin/env node
let cli;
try {
  cli = await import('../dist/main.js');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(`spillway: not built yet, run "npm run build" first (${error.message.split(' imported from')[0]})\n`);
  process.exit(1);
}
process.exitCode = await cli.main(process.argv.slice(2));
