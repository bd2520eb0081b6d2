import type { Registry } from '@spillway/core';
import { registry as coreRegistry } from '@spillway/core';
import type { CallName } from './calls.js';
import { callsOn } from './calls-on.js';
import { Control } from './shared.js';

/* One call, in a process of its own: reads it from its parent, answers, and is ended. It ends by itself when its parent does. */

const [registryUrl] = process.argv.slice(2);
const registry = registryUrl ? ((await import(registryUrl)) as { registry: Registry }).registry : coreRegistry;
const calls = callsOn(registry);

process.on('disconnect', () => process.exit(1));
process.once('message', ({ name, asked }: { name: CallName; asked: object }) => {
  const compute = calls[name] as (given: object) => unknown;
  process.send?.(compute({ ...asked, control: new Control().buffer }));
});
