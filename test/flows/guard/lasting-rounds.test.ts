/** Upgrades and their rounds, when the cluster fails for a moment: how long that may last, and from which write on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, StatusError } from '../../../lib/core/errors.ts';
import { lastingRounds } from '../../../lib/flows/guard/lasting-rounds.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { common, deletions, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const busy = new StatusError(503, 'ServiceUnavailable', 'the server is busy');
const MINUTE = 60_000;
const timeoutMs = 30 * MINUTE;

/** Rounds that each last so long and then fail; ends as soon as the work does. */
function failingRounds() {
  const { world, clock } = rehearse();
  const lasting = lastingRounds(world, { timeoutMs });
  const failsAfter = (ms: number) =>
    lasting(
      async () => {
        await clock.sleep(ms);
        throw busy;
      },
      () => undefined,
    );
  return { clock, failsAfter };
}

describe('a round that an error ends which may be temporary', () => {
  it('may have lasted longer than --timeout before: a question was open, or pods had clients', async () => {
    const { failsAfter } = failingRounds();
    assert.equal(await failsAfter(40 * MINUTE), undefined);
    assert.equal(await failsAfter(0), undefined);
    assert.equal(await failsAfter(31 * MINUTE), undefined);
  });

  for (const [title, ms] of [
    ['at once', 3_000],
    ['after a minute and a half each, as by a server that takes requests and never answers', 90_000],
  ] as const)
    it(`ends the work with "no answer" once rounds have failed ${title} for --timeout`, async () => {
      const { clock, failsAfter } = failingRounds();
      const firstMs = clock.now() + ms;
      await assert.rejects(async () => {
        for (;;) await failsAfter(ms);
      }, NotYetError);
      const lastedMs = clock.now() - firstMs;
      assert.ok(lastedMs >= timeoutMs && lastedMs < timeoutMs + 2 * ms, `${lastedMs} ms`);
    });
});

describe('the first step of an upgrade', () => {
  it('goes on after a pod was deleted and the API server was busy for a moment, in an upgrade that is continued too', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube, world } = rehearsal;
    await drain(world, { ...common, ordinals: [0] });
    const sent = kube.delete.bind(kube);
    kube.delete = async (...call) => {
      const isFirst = deletions(rehearsal).length === 0;
      await sent(...call);
      if (isFirst) kube.failNext({ verb: 'list', resource: 'pods' }, busy);
    };
    const { exitCode, results } = await upgrade(world, upgradeIntent());
    assert.equal(exitCode, 0);
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.ok(results.some(({ object, action }) => object === 'pod/nginx-0' && action === 'deleted'));
  });

  it('that cannot be judged, because the API server is busy before it, ends the run at once: nothing was written', async () => {
    const { kube, world } = rehearse({ replicas: 4 });
    kube.failNext({ verb: 'list', resource: 'pods' }, busy);
    await assert.rejects(upgrade(world, upgradeIntent()), StatusError);
    assert.deepEqual(
      kube.writes.filter(({ resource }) => resource !== 'leases'),
      [],
    );
  });
});
