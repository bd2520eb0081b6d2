import { writeSync } from 'node:fs';
import type { Registry } from '@spillway/core';
import { registry as coreRegistry } from '@spillway/core';
import type { CallName } from './calls.js';
import { callsOn } from './calls-on.js';
import { rendering } from './rendering.js';
import { Control, unitsPipe } from './shared.js';

/** Tells the parent of each unit before the next is begun: whatever ends this process, what it had in hand is known. */
class ToldControl extends Control {
  override count(units: number): void {
    super.count(units);
    if (units > 0) writeSync(unitsPipe, `${units}\n`);
  }
}

/* One call, in a process of its own: says when it is ready, reads the call from its parent, answers, and is ended. It ends by itself when its parent does. */

const [registryUrl, heapMb, rendererUrl] = process.argv.slice(2);
const registry = registryUrl ? ((await import(registryUrl)) as { registry: Registry }).registry : coreRegistry;
const calls = { ...callsOn(registry, Number(heapMb)), render: rendering(rendererUrl) };

process.on('disconnect', () => process.exit(1));
process.once('message', async ({ name, asked }: { name: CallName; asked: object }) => {
  const compute = calls[name] as (given: object, control: Control) => unknown;
  const control = new ToldControl();
  const outcome = await compute(asked, control);
  process.send?.({ outcome, units: control.units });
});
process.send?.('ready');
