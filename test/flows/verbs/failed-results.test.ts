import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError, ZerolossError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const done = (expected: string[]) => (error: unknown) => {
  assert.ok(error instanceof ZerolossError);
  assert.deepEqual(
    error.results.map(({ object, action, changed }) => `${object} ${action} ${changed}`),
    expected,
  );
  return true;
};
const asleep = async (rehearsal: Rehearsal) => {
  await rehearsal.balancer.observe({ id: 'lb-nginx' });
  rehearsal.balancer.asleep = true;
};
const soon = { ...common, timeoutMs: 3_000 };

describe('a verb that fails after its write carries what it has written', () => {
  it('drain', async () => {
    const rehearsal = rehearse();
    await asleep(rehearsal);
    await assert.rejects(drain(rehearsal.world, { ...soon, ordinals: [0] }), done(['service/nginx drained true']));
    await assert.rejects(
      drain(rehearsal.world, { ...soon, ordinals: [0] }),
      done([]),
      'the second time nothing was written',
    );
  });
  it('advance', async () => {
    const rehearsal = rehearse();
    await asleep(rehearsal);
    await assert.rejects(advance(rehearsal.world, soon), done(['service/nginx advanced true']));
  });
  it('surge', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.health.set('nginx-10', 'dead');
    await assert.rejects(
      surge(rehearsal.world, { ...soon, count: 1, dark: false }),
      done(['statefulset/nginx surged true']),
    );
  });
  it('recreate', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.replacement = () => ({ ready: false });
    await assert.rejects(
      recreate(rehearsal.world, { ...soon, ...zero, timeoutMs: 60_000, evict: false, force: false }),
      done(['pod/nginx-0 deleted true']),
    );
  });
  it('recreate, where one of two deletions is refused: the other is waited for and named', async () => {
    const rehearsal = rehearse();
    const { kube, clock } = rehearsal;
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const sent = kube.delete.bind(kube);
    kube.delete = async (resource, name, options) => {
      if (name === 'nginx-0') throw new StatusError(403, 'Forbidden', 'pods "nginx-0" is forbidden by a webhook');
      await clock.sleep(50);
      return sent(resource, name, options);
    };
    await assert.rejects(
      recreate(rehearsal.world, { ...soon, ...zero, timeoutMs: 60_000, evict: false, force: false }),
      done(['pod/nginx-1 deleted true']),
    );
    assert.equal(deletions(rehearsal).length, 1);
  });
});
