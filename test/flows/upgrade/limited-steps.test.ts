/** --timeout of an upgrade is that of each step: a server that hangs in one ends it, and the upgrade with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeLimitError } from '../../../lib/core/errors.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { overriding } from '../../../lib/ports/overriding.ts';
import type { LoadBalancer } from '../../../lib/ports.ts';
import { rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent({ timeoutMs: 50 });

/** A call that never answers, and ends with the signal. */
const hangs = ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

describe('an upgrade whose servers hang', () => {
  it('ends with exit 6 where the API server hangs at the first look', async () => {
    const { world } = rehearse({ replicas: 3 });
    const kube = overriding(world.kube, { get: (_resource, _name, options) => hangs(options) });
    await assert.rejects(upgrade(overriding(world, { kube }), wish), TimeLimitError);
  });

  it('ends with exit 6 where the cloud hangs in the middle of a batch', async () => {
    const { world, kube } = rehearse({ replicas: 3, updated: [] });
    const balancer = overriding<LoadBalancer>(world.balancer, {
      observe: (ref, options) =>
        kube.writes.some(({ resource }) => resource === 'services')
          ? hangs(options)
          : world.balancer.observe(ref, options),
    });
    await assert.rejects(upgrade(overriding(world, { balancer }), wish), (error) => {
      assert.ok(error instanceof TimeLimitError, String(error));
      return true;
    });
  });
});
