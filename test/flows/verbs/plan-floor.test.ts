import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanIntent } from '../../../lib/core/intent/intent.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const intent: PlanIntent = {
  ...common,
  images: { nginx: 'nginx:2' },
  batch: 1,
  surge: 0,
  soakMs: 0,
  stableForMs: 30_000,
  countingWords: [],
};

/** The floor as the draining steps hold it. */
async function floors(more: Partial<PlanIntent>, desiredHealthy?: number): Promise<string[]> {
  const rehearsal = rehearse({ replicas: 10 });
  if (desiredHealthy !== undefined)
    rehearsal.kube.put({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'nginx', namespace: 'default', generation: 1 },
      spec: { selector: { matchLabels: { app: 'nginx' } } },
      status: { desiredHealthy, observedGeneration: 1 },
    });
  const { details } = await plan(rehearsal.world, { ...intent, ...more });
  const said = details.steps.flatMap(({ words }) => {
    const at = words?.indexOf('--min-serving') ?? -1;
    return at < 0 ? [] : [words?.[at + 1] ?? ''];
  });
  return [...new Set(said)];
}

test("the steps of a plan hold a workload's own floor as the number that it raises the built-in one to", async () => {
  const raises = { kind: 'percent', percent: 60, raises: true } as const;
  assert.deepEqual(await floors({ minServing: raises }), ['60%']);
  assert.deepEqual(await floors({ minServing: raises }, 8), ['8']);
  assert.deepEqual(await floors({ minServing: { kind: 'percent', percent: 60 } }, 8), ['60%'], 'a typed flag wins');
  assert.deepEqual(await floors({ minServing: { kind: 'count', count: 6, raises: true }, surge: 4 }), ['7']);
});
