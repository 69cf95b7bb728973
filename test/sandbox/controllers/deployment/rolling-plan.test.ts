import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstStep, rolloutBounds } from '../../../../lib/core/values/rolling-limits.ts';
import type { Deployment, ReplicaSet } from '../../../../sandbox/controllers/controller-types.ts';
import { planRolling } from '../../../../sandbox/controllers/deployment/rolling-plan.ts';
import { deployment } from './cluster.ts';

function set(name: string, replicas: number, available: number): ReplicaSet {
  const spec = { replicas, selector: {}, template: { spec: { containers: [] } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name },
    spec,
    status: { replicas, availableReplicas: available },
  };
}

const next = (fresh: ReplicaSet, old: ReplicaSet, of = deployment({ replicas: 10 })) =>
  planRolling(of as Deployment, fresh, [old]).map(({ set: { metadata }, replicas }) => `${metadata.name} ${replicas}`);

test('of ten with 25 % each, two old ones go while three new ones start, and three when one of those is ready', () => {
  assert.deepEqual(next(set('new', 0, 0), set('old', 10, 10)), ['new 3']);
  assert.deepEqual(next(set('new', 3, 0), set('old', 10, 10)), ['old 8']);
  assert.deepEqual(next(set('new', 3, 1), set('old', 10, 10)), ['old 7']);
});

test('the first step of any rollout starts and stops as many as check works out', () => {
  const share = fc.oneof(
    fc.nat(40),
    fc.nat(150).map((percent) => `${percent}%`),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), share, share, (replicas, maxSurge, maxUnavailable) => {
      const rollingUpdate = { maxSurge, maxUnavailable };
      const of = deployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }) as Deployment;
      const sizeAfter = (name: string, plan: ReturnType<typeof planRolling>, before: number) =>
        plan.find(({ set: { metadata } }) => metadata.name === name)?.replicas ?? before;
      const old = set('old', replicas, replicas);
      const start = sizeAfter('new', planRolling(of, set('new', 0, 0), [old]), 0);
      const left = sizeAfter('old', planRolling(of, set('new', start, 0), [old]), replicas);
      assert.deepEqual(firstStep(rollingUpdate, replicas), { start, stop: replicas - left });
    }),
  );
});

test('an old pod that is not available goes first, as it serves no one', () => {
  assert.deepEqual(next(set('new', 3, 0), set('old', 10, 8)), ['old 8']);
  assert.deepEqual(next(set('new', 5, 0), set('old', 8, 8)), []);
});

test('no step of any rollout leaves the bounds, with any pods available, and one with everything available ends', () => {
  const share = fc.oneof(
    fc.nat(5),
    fc.nat(100).map((percent) => `${percent}%`),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      share,
      share,
      fc.infiniteStream(fc.nat(100)),
      (replicas, maxSurge, maxUnavailable, luck) => {
        const rollingUpdate = { maxSurge, maxUnavailable };
        const of = deployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }) as Deployment;
        const { most, fewest } = rolloutBounds(rollingUpdate, replicas);
        let fresh = set('new', 0, 0);
        let old = set('old', replicas, replicas);
        for (let step = 0; step < 500; step += 1) {
          const plan = planRolling(of, fresh, [old]);
          for (const { set: sized, replicas: size } of plan) {
            if (sized.metadata.name === 'new') fresh = set('new', size, fresh.status?.availableReplicas ?? 0);
            else old = set('old', size, Math.min(size, old.status?.availableReplicas ?? 0));
          }
          const [asked, available] = [
            (fresh.spec.replicas ?? 0) + (old.spec.replicas ?? 0),
            (fresh.status?.availableReplicas ?? 0) + (old.status?.availableReplicas ?? 0),
          ];
          assert.ok(asked <= most, `${asked} pods, ${most} at most`);
          assert.ok(available >= fewest, `${available} available, ${fewest} at least`);
          if ((old.spec.replicas ?? 0) === 0 && fresh.spec.replicas === replicas) return;
          const starting = (fresh.spec.replicas ?? 0) - (fresh.status?.availableReplicas ?? 0);
          const ready =
            step % 3 === 2 ? starting : Math.min(starting, Math.floor(((luck.next().value ?? 0) * starting) / 100));
          fresh = set('new', fresh.spec.replicas ?? 0, (fresh.status?.availableReplicas ?? 0) + ready);
        }
        assert.fail('the rollout did not end');
      },
    ),
  );
});
