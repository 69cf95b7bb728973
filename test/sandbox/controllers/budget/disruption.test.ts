import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { POD_DISRUPTION_BUDGETS, PODS, STATEFUL_SETS } from '../../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../../lib/ports.ts';
import type { BudgetStatus } from '../../../../sandbox/controllers/budget/budget-status.ts';
import { startDisruptionController } from '../../../../sandbox/controllers/budget/disruption.ts';
import { podsOf, statefulSet } from '../../../builders.ts';
import { FakeKube } from '../../../fakes/api/kube.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { eventually, settled } from '../../../fakes/eventually.ts';

const budget = (spec: Record<string, unknown>, status?: Record<string, unknown>): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'nginx' },
  spec: { selector: { matchLabels: { app: 'nginx' } }, ...spec },
  ...(status ? { status } : {}),
});

function start(t: TestContext, objects: readonly KubeObject[]) {
  const clock = new FakeClock();
  const kube = new FakeKube(objects, { gracefulPods: true, now: () => clock.now() });
  const controller = startDisruptionController(kube, { clock });
  t.after(() => controller.stop());
  const status = () => kube.object(POD_DISRUPTION_BUDGETS, 'nginx')?.['status'] as BudgetStatus | undefined;
  const counts = () => {
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = status() ?? {};
    return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed];
  };
  return { kube, clock, status, counts };
}

test('the status counts expected, desired and healthy pods and says how many may be disrupted', async (t) => {
  const set = statefulSet({ replicas: 5 });
  const pods = podsOf(set, (ordinal) => ({ ready: ordinal !== 4 }));
  const { status } = start(t, [set, ...pods, budget({ minAvailable: 3 })]);
  await eventually(() =>
    assert.deepEqual(status(), {
      observedGeneration: 1,
      expectedPods: 5,
      currentHealthy: 4,
      desiredHealthy: 3,
      disruptionsAllowed: 1,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'True',
          reason: 'SufficientPods',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
          observedGeneration: 1,
        },
      ],
    }),
  );
});

test('maxUnavailable counts from the replicas that the StatefulSet wants, percentages rounded up', async (t) => {
  const set = statefulSet({ replicas: 5 });
  const { kube, counts } = start(t, [set, ...podsOf(set), budget({ maxUnavailable: '30%' })]);
  await eventually(() => assert.deepEqual(counts(), [5, 3, 5, 2]));
  kube.edit(STATEFUL_SETS, 'nginx', (object) => {
    object['spec'] = { ...(object['spec'] as object), replicas: 10 };
  });
  await eventually(() => assert.deepEqual(counts(), [10, 7, 5, 0]));
});

test('a percentage of minAvailable counts from the wanted replicas too', async (t) => {
  const set = statefulSet({ replicas: 3 });
  const { counts } = start(t, [set, ...podsOf(set), budget({ minAvailable: '50%' })]);
  await eventually(() => assert.deepEqual(counts(), [3, 2, 3, 1]));
});

test('a terminating pod is not healthy, although it is still ready', async (t) => {
  const set = statefulSet({ replicas: 3 });
  const { kube, counts, status } = start(t, [set, ...podsOf(set), budget({ minAvailable: 2 })]);
  await eventually(() => assert.deepEqual(counts(), [3, 2, 3, 1]));
  await kube.delete(PODS, 'nginx-1', { uid: undefined });
  await eventually(() => assert.deepEqual(counts(), [3, 2, 2, 0]));
  assert.equal(status()?.conditions?.[0]?.reason, 'InsufficientPods');
});

test('an eviction that was allowed counts until its pod shows it, or two minutes have passed', async (t) => {
  const set = statefulSet({ replicas: 3 });
  const evicted = { disruptedPods: { 'nginx-0': '2026-01-01T00:00:00Z', 'nginx-7': '2026-01-01T00:00:00Z' } };
  const { kube, clock, counts, status } = start(t, [set, ...podsOf(set), budget({ minAvailable: 2 }, evicted)]);
  await eventually(() => assert.deepEqual(status()?.disruptedPods ?? {}, {}));
  const seen = kube.writes.map((call) => (call.body as { status: BudgetStatus }).status.disruptionsAllowed);
  assert.deepEqual(seen, [0, 1]);
  assert.deepEqual(counts(), [3, 2, 3, 1]);
  assert.ok(clock.now() >= clock.startMs + 120_000);
});

test('a budget without a selector guards nothing, and nothing is written while nothing changes', async (t) => {
  const set = statefulSet({ replicas: 2 });
  const { kube, counts } = start(t, [set, ...podsOf(set), budget({ minAvailable: 1, selector: undefined })]);
  await eventually(() => assert.deepEqual(counts(), [0, 1, 0, 0]));
  await settled();
  assert.equal(kube.writes.length, 1);
});
