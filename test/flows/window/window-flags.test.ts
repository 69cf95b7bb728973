import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const window: Partial<UpgradeIntent> = {
  maxUnavailable: { kind: 'count', count: 1 },
  timeoutMs: 600_000,
  minServing: { kind: 'count', count: 1 },
};

/** It refuses the command line with exit code 2, and has asked the cluster nothing. */
async function refuses(more: Partial<UpgradeIntent>, message: RegExp): Promise<void> {
  const { world, kube } = rehearse();
  await assert.rejects(
    upgrade(world, upgradeIntent(more)),
    (error: unknown) => error instanceof UsageError && error.exitCode === 2 && message.test(error.message),
  );
  assert.deepEqual(kube.writes, []);
}

describe('the flags of a window', () => {
  it('refuses --busy-after and --ask-every without --max-unavailable, where they would do nothing', async () => {
    await refuses({ busyAfterMs: 7_200_000 }, /^--busy-after would do nothing: it belongs to --max-unavailable$/);
    await refuses({ askEvery: 4 }, /^--ask-every would do nothing/);
    await refuses(
      { askEvery: 4, busyAfterMs: 7_200_000 },
      /^--ask-every and --busy-after would do nothing: they belong/,
    );
  });

  it('refuses a --busy-after that is not longer than the stability window', async () => {
    for (const busyAfterMs of [5_000, 10_000])
      await refuses({ ...window, busyAfterMs }, /--busy-after \d+s is not longer than --stable-for 10s/);
  });

  it('gives no pod its weight back for --busy-after while its connections are not known', async () => {
    const { source, clock, world, report } = rehearse({ replicas: 3 });
    source.counts.set('nginx-0', (now) => (now < clock.startMs + 200_000 ? null : 0));
    await upgrade(world, upgradeIntent({ ...window, busyAfterMs: 60_000 }));
    assert.doesNotMatch(report.text, /connections do not end/);
  });
});
