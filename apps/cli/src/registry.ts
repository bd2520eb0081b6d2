import type { Registry } from '@spillway/core';
import type { Surroundings } from './surroundings.js';

/** The analyses that run here without a service. */
export async function loadRegistry({ registryUrl }: Surroundings): Promise<Registry> {
  const { registry } = (await import(registryUrl)) as { registry: Registry };
  return registry;
}
