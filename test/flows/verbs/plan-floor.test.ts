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

test("the steps of a plan leave a workload's own floor to its annotation: typed, it would not rise with the replicas", async () => {
  const raises = { kind: 'percent', percent: 60, raises: true } as const;
  assert.deepEqual(await floors({ minServing: raises }), []);
  assert.deepEqual(await floors({ minServing: raises }, 8), []);
  assert.deepEqual(await floors({ minServing: { kind: 'count', count: 6, raises: true }, surge: 4 }), []);
  assert.deepEqual(await floors({ minServing: { kind: 'percent', percent: 60 } }, 8), ['60%'], 'a typed flag wins');
});

test("a Job leaves a workload's own floor to its annotation too, and holds a typed one", async () => {
  const wordsOf = async (minServing: NonNullable<PlanIntent['minServing']>) => {
    const { details } = await plan(rehearse({ replicas: 10 }).world, {
      ...intent,
      minServing,
      job: {
        engine: 'job',
        image: 'zeroloss:v1',
        credentials: { kind: 'secret', name: 'key' },
        words: ['--min-serving=6', '--surge=1'],
      },
    });
    return JSON.stringify(details.manifest);
  };
  const count = { kind: 'count', count: 6 } as const;
  assert.doesNotMatch(await wordsOf({ ...count, raises: true }), /--min-serving/);
  assert.match(await wordsOf({ ...count, raises: true }), /--surge=1/);
  assert.match(await wordsOf(count), /--min-serving=6/);
});

test('a batch or window that the floor does not allow now is refused with the size that it allows, before the lower floor', async () => {
  const refusedAs = async (more: Partial<PlanIntent>, sick: readonly number[]) => {
    const rehearsal = rehearse({ replicas: 4 });
    for (const ordinal of sick) rehearsal.balancer.health.set(`nginx-${ordinal}`, 'dead');
    const { refusals } = await plan(rehearsal.world, { ...intent, ...more });
    return refusals
      .filter(({ rule }) => rule === 'floor')
      .map(({ cure, override }) => [cure?.toString().replace(/ +#.*/, ''), override]);
  };
  const one = '--batch 1';
  assert.deepEqual(await refusedAs({ batch: 2 }, [3]), [[`kubectl zeroloss plan nginx ${one}`, '--min-serving 1']]);
  const window = { maxUnavailable: { kind: 'count', count: 2 } } as const;
  assert.deepEqual(await refusedAs(window, [3]), [
    ['kubectl zeroloss plan nginx --max-unavailable 1', '--min-serving 1'],
  ]);
  assert.deepEqual(await refusedAs({ batch: 2 }, []), []);
  assert.deepEqual(await refusedAs({ batch: 2 }, [2, 3]), [[undefined, '--min-serving 0']], 'not even one');
});
