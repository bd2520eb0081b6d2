import type { Registry } from '@spillway/core';
import { registry as coreRegistry } from '@spillway/core';
import type { CallName } from './calls.js';
import { callsOn } from './calls-on.js';
import { rendering } from './rendering.js';
import { Control } from './shared.js';

/* One call, in a process of its own: says when it is ready, reads the call from its parent, answers, and is ended. It ends by itself when its parent does. */

const [registryUrl, heapMb, rendererUrl] = process.argv.slice(2);
const registry = registryUrl ? ((await import(registryUrl)) as { registry: Registry }).registry : coreRegistry;
const calls = { ...callsOn(registry, Number(heapMb)), render: rendering(rendererUrl) };

process.on('disconnect', () => process.exit(1));
process.once('message', async ({ name, asked }: { name: CallName; asked: object }) => {
  const compute = calls[name] as (given: object, control: Control) => unknown;
  process.send?.({ outcome: await compute(asked, new Control()) });
});
process.send?.('ready');
