import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError, RefusedError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { NODES, PODS } from '../../../lib/ports/resources.ts';
import { checked, found } from '../check/cases.ts';
import {
  annotation,
  common,
  deletions,
  type Rehearsal,
  type RehearsalOptions,
  rehearse,
  upgradeIntent,
  zero,
} from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent();
const zeros = (rehearsal: Rehearsal): string =>
  /"podIndexes":(\[[\d,]*\])/.exec(annotation(rehearsal) ?? '')?.[1] ?? '[]';

/** The node of nginx-1 is lost three minutes ago: its pod stays, and its load balancer has let it go. */
function lost(options: RehearsalOptions = {}): Rehearsal {
  const rehearsal = rehearse({ replicas: 4, ...options });
  rehearsal.kube.put({
    apiVersion: 'v1',
    kind: NODES.kind,
    metadata: { name: 'node-b' },
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  });
  rehearsal.kube.edit(PODS, 'nginx-1', (object) => {
    object['spec'] = { ...(object['spec'] as object), nodeName: 'node-b' };
    object.metadata.deletionTimestamp = new Date(rehearsal.clock.now() - 150_000).toISOString();
    object.metadata.deletionGracePeriodSeconds = 30;
    object.metadata.finalizers = ['example/hold'];
  });
  rehearsal.balancer.unbound.add('nginx-1');
  return rehearsal;
}
const GOING =
  /nginx-1 has been terminating for 3m \(2m30s beyond its grace period of 30s\); finalizers: example\/hold; node node-b is not Ready/;

describe('a pod that does not go', () => {
  it('is not drained: the refusal says since when, how its node is, and what to look at', async () => {
    const rehearsal = lost();
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [1] }), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      const [refusal] = error.refusals;
      assert.equal(refusal?.rule, 'not-terminating');
      assert.match(String(refusal?.message), GOING);
      assert.match(String(refusal?.cure), /kubectl get node node-b/);
      return true;
    });
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('is passed over by advance, and the others go on', async () => {
    const rehearsal = lost();
    const minServing = { kind: 'count' as const, count: 1 };
    const first = await advance(rehearsal.world, { ...common, batch: 2, minServing });
    assert.equal(zeros(rehearsal), '[0,2]');
    assert.match(String(first.message), GOING);
  });
  it('stays at 0 in its batch, while the rest of the batch gets its traffic back', async () => {
    const rehearsal = lost({ updated: [0] });
    rehearsal.kube.edit(PODS, 'nginx-1', ({ metadata }) => {
      delete metadata.deletionTimestamp;
    });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1], timeoutMs: 1_000 }).catch(() => undefined);
    rehearsal.kube.edit(PODS, 'nginx-1', ({ metadata }) => {
      metadata.deletionTimestamp = new Date(rehearsal.clock.now() - 150_000).toISOString();
    });
    await assert.rejects(
      recreate(rehearsal.world, { ...common, ...zero, timeoutMs: 900_000, evict: false, force: false }),
      (error: unknown) => error instanceof DisagreesError && /nginx-1 has been terminating for/.test(error.message),
    );
    await advance(rehearsal.world, { ...common, batch: 1 });
    assert.equal(zeros(rehearsal), '[1,2]');
  });
  it('does not keep an upgrade waiting for ever: it does the others, and ends with what a person can do', async () => {
    const rehearsal = lost();
    const beganMs = rehearsal.clock.now();
    await assert.rejects(upgrade(rehearsal.world, { ...wish, timeoutMs: 1_800_000 }), (error: unknown) => {
      assert.ok(error instanceof DisagreesError, String(error));
      assert.match(error.message, /no other pod can go on; nginx-1 has been terminating for/);
      assert.match(
        String(error.hint),
        /kubectl delete pod nginx-1 --grace-period=0 --force {3}# once you know that its node is gone/,
      );
      return true;
    });
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-2', 'nginx-3']);
    assert.ok(rehearsal.clock.now() - beganMs < 600_000);
  });
  it('with OrderedReady keeps back the pods above it alone', async () => {
    const rehearsal = lost({ set: { podManagementPolicy: 'OrderedReady' } });
    await assert.rejects(
      drain(rehearsal.world, { ...common, ordinals: [2] }),
      (error: unknown) => error instanceof RefusedError && error.refusals.some(({ rule }) => rule === 'lower-ready'),
    );
    await assert.rejects(upgrade(rehearsal.world, wish), DisagreesError);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    await assert.rejects(
      advance(rehearsal.world, common),
      (error: unknown) => error instanceof RefusedError && /nginx-2, nginx-3 would not come back/.test(error.message),
    );
  });
  it('is named by check, which does not blame the Service for it', async () => {
    const { findings } = await checked(lost());
    assert.match(found(findings, 'not-terminating', 'WARN')?.message ?? '', GOING);
    assert.equal(found(findings, 'weights-shown', 'WARN'), undefined);
    assert.equal(found(findings, 'pods-ready', 'WARN'), undefined);
  });
});

describe('a pod that is going as it should', () => {
  it('is waited for at the end of an upgrade', async () => {
    const rehearsal = lost();
    rehearsal.kube.edit(PODS, 'nginx-1', ({ metadata }) => {
      metadata.deletionTimestamp = new Date(rehearsal.clock.now() + 600_000).toISOString();
      delete metadata.finalizers;
    });
    rehearsal.clock.at(400_000, () => {
      rehearsal.balancer.unbound.delete('nginx-1');
      const set = rehearsal.kube.object(PODS, 'nginx-0');
      rehearsal.kube.edit(PODS, 'nginx-1', (object) => {
        delete object.metadata.deletionTimestamp;
        object.metadata.labels = {
          ...object.metadata.labels,
          'controller-revision-hash': set?.metadata.labels?.['controller-revision-hash'] ?? '',
        };
        object['spec'] = set?.['spec'];
      });
    });
    const { message } = await upgrade(rehearsal.world, { ...wish, timeoutMs: 1_800_000 });
    assert.match(String(message), /every pod is updated/);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-2', 'nginx-3']);
  });
});
