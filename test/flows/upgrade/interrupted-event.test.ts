import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InterruptedError } from '../../../lib/core/errors.ts';
import { text } from '../../../lib/core/values/read.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { EVENTS } from '../../../lib/ports/resources.ts';
import { rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

/** Stopped by SIGTERM in its first wait, or before it has done anything. */
async function stopped({ atOnce = false } = {}) {
  const rehearsal = rehearse(atOnce ? { settled: true } : {});
  const stop = new AbortController();
  const { kube, clock } = rehearsal;
  rehearsal.source.counts.set('nginx-0', 1);
  const interrupt = () => stop.abort(new InterruptedError('SIGTERM', 'interrupted'));
  if (atOnce) interrupt();
  else clock.at(5_000, interrupt);
  await assert.rejects(
    upgrade({ ...rehearsal.world, signal: stop.signal }, upgradeIntent()),
    (error: unknown) => error instanceof InterruptedError,
  );
  return kube
    .objects(EVENTS)
    .filter((event) => event['reason'] === 'ZerolossInterrupted')
    .map((event) => text(event, 'message'));
}

describe('an interrupted upgrade', () => {
  it('leaves an Event that names the state, for those who do not see its last lines', async () => {
    assert.deepEqual(await stopped(), ['upgrade was interrupted: 0 of 10 pods are updated; ordinal 0 at weight 0']);
  });

  it('at its first question has other words where this run has written nothing: no way back from nothing', async () => {
    const { world } = rehearse({ updated: [0] });
    const stop = new AbortController();
    const confirm = async () => {
      stop.abort(new InterruptedError('SIGINT', 'interrupted'));
      throw stop.signal.reason;
    };
    const ended = upgrade({ ...world, confirm, signal: stop.signal }, upgradeIntent({ yes: false }));
    await assert.rejects(ended, (error: unknown) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(
        error.unwritten?.message,
        'upgrade was interrupted; this run has written nothing: 1 of 10 pods are updated; nothing is drained',
      );
      assert.equal(error.unwritten.hint, 'to go on: the same command again');
      return true;
    });
  });

  it('carries what it has done, and what the step that was cut short had written', async () => {
    for (const asleep of [false, true]) {
      const rehearsal = rehearse();
      const { world, kube, clock, source, balancer } = rehearsal;
      const stop = new AbortController();
      source.counts.set('nginx-0', 1);
      await balancer.observe({ id: 'lb-nginx' });
      balancer.asleep = asleep;
      clock.at(5_000, () => stop.abort(new InterruptedError('SIGINT', 'interrupted')));
      await assert.rejects(upgrade({ ...world, signal: stop.signal }, upgradeIntent()), (error: unknown) => {
        assert.ok(error instanceof InterruptedError);
        assert.deepEqual(
          error.results.map(({ object, action, changed }) => [object, action, changed]),
          [['service/nginx', 'drained', true]],
        );
        assert.deepEqual(error.unwritten?.results, []);
        return true;
      });
      assert.notDeepEqual(kube.writes, []);
    }
  });

  it('leaves none where nothing was begun', async () => {
    assert.deepEqual(await stopped({ atOnce: true }), []);
  });
});
