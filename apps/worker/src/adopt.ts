import type { Registry } from '@spillway/core';
import type { Adopter, Work } from '@spillway/queue';
import type { Logger } from 'pino';

/**
 * A job whose core has no workers any more is computed anew by ours, and its provenance says so; one whose analysis has another
 * version here would give another number under the same name, and fails instead.
 */
export const makeAdopter =
  (work: Work, registry: Registry, core: string, log: Logger): Adopter =>
  async (ref, epoch) => {
    const spec = await work.specOf(ref);
    if (!spec) return;
    if ('analysis' in spec) {
      const here = registry.get(spec.analysis)?.version;
      if (here !== spec.version) {
        const message = `no worker computes version ${spec.version} of ${spec.analysis} any more, only ${here ?? 'none'}: submit it again`;
        await work.strike({ ...ref, epoch, step: 'plan', deaths: 0 }, -1, 'version_gone', { code: 'version_gone', message });
        return;
      }
    }
    if (await work.rehome(ref, epoch, core, 'analysis' in spec ? { ...spec, core } : spec)) {
      log.warn({ job: ref.id, core }, 'took over a job of another core');
    }
  };
