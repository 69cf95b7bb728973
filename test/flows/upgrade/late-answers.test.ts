import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, RefusedError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
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

/** A Service of nginx, and one that leads to nginx-0 alone, about which a person is asked. */
const stage = (options: RehearsalOptions = {}): Rehearsal => {
  const selector = { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'nginx-0' };
  return rehearse({ replicas: 4, services: [service(), service({ name: 'only-0', selector })], ...options });
};

/** Says yes to every question, after `meanwhile` has happened. */
function answeringLate(rehearsal: Rehearsal, meanwhile: () => unknown): string[] {
  const questions: string[] = [];
  rehearsal.world.confirm = async (question) => {
    questions.push(question);
    if (questions.length === 1) await meanwhile();
    return true;
  };
  return questions;
}

const diesAndPauses =
  ({ balancer, world }: Rehearsal, pods: readonly number[]) =>
  async () => {
    for (const ordinal of pods) balancer.health.set(`nginx-${ordinal}`, 'dead');
    await pause(world, { ...common, reason: 'pods are dying' });
  };

const refusedBy =
  (...rules: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof RefusedError, String(error));
    for (const rule of rules) assert.ok(error.refusals.map((each) => each.rule).includes(rule), error.message);
    return true;
  };

describe('an answer that comes late', () => {
  it('drains nothing when pods have died and the upgrade was paused while the question was open', async () => {
    const rehearsal = stage();
    const questions = answeringLate(rehearsal, diesAndPauses(rehearsal, [1, 2, 3]));
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), refusedBy('floor', 'paused'));
    assert.equal(questions.length, 1);
    assert.equal(annotation(rehearsal), undefined);
  });

  for (const maxUnavailable of [undefined, { kind: 'count', count: 1 } as const])
    it(`advances to nothing then${maxUnavailable === undefined ? '' : ', by a window too'}`, async () => {
      const rehearsal = stage({ updated: [3] });
      await drain(rehearsal.world, { ...common, ordinals: [3] });
      const before = annotation(rehearsal);
      const questions = answeringLate(rehearsal, diesAndPauses(rehearsal, []));
      const intent = { ...common, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) };
      await assert.rejects(advance(rehearsal.world, intent), refusedBy('paused'));
      assert.equal(questions.length, 1);
      assert.equal(annotation(rehearsal), before);
    });

  it('is asked for once: the round after it goes on by the same yes', async () => {
    const rehearsal = stage();
    const questions = answeringLate(rehearsal, () => undefined);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.equal(questions.length, 1);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0\]/);
  });

  it('lets no window drain a pod that the pause came before, and goes on once it is resumed', async () => {
    const rehearsal = stage();
    const drained: number[] = [];
    const questions: string[] = [];
    let paused = false;
    rehearsal.kube.beforeWrite(({ resource }) => {
      if (resource === 'services' && paused) drained.push(rehearsal.clock.now());
    });
    rehearsal.world.confirm = async (question) => {
      questions.push(question);
      if (/selects nginx-0 .* alone.*Drain any/.test(question) && !paused) {
        await pause(rehearsal.world, common);
        paused = true;
        rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 60_000, async () => {
          paused = false;
          await resume(rehearsal.world, common);
        });
      }
      return true;
    };
    const maxUnavailable = { kind: 'count', count: 1 } as const;
    await upgrade(rehearsal.world, upgradeIntent({ yes: false, maxUnavailable, timeoutMs: 3_600_000 }));
    assert.deepEqual(drained, []);
    assert.equal(deletions(rehearsal).length, 4);
    assert.equal(questions.filter((question) => /selects nginx-0 .* alone.*Drain any/.test(question)).length, 1);
  });

  it('deletes no volume, and drains nothing, when the upgrade was paused meanwhile', async () => {
    const spec = {
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    };
    const rehearsal = rehearse({ settled: true, replicas: 4, set: { merge: { spec } } });
    answeringLate(rehearsal, () => pause(rehearsal.world, common));
    await assert.rejects(scale(rehearsal.world, { ...common, ...zero, replicas: 3 }), refusedBy('paused'));
    assert.equal(annotation(rehearsal), undefined);
  });

  it('asks again about the volumes when more pods would go than the answer was about', async () => {
    const spec = {
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    };
    const rehearsal = rehearse({ settled: true, replicas: 4, set: { merge: { spec } } });
    const questions = answeringLate(rehearsal, () =>
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set['spec'] = { ...(set['spec'] as object), replicas: 5 };
        set['status'] = { ...(set['status'] as object), observedGeneration: 99 };
      }),
    );
    await scale(rehearsal.world, { ...common, ...zero, replicas: 3 });
    assert.equal(questions.length, 2);
  });

  for (const surge of [0, 1])
    it(`begins no upgrade${surge > 0 ? ' by a surge' : ''} over a template that another writer has changed meanwhile`, async () => {
      const rehearsal = rehearse({ replicas: 4, settled: true });
      answeringLate(rehearsal, () => changeTemplate(rehearsal));
      const intent = upgradeIntent({ yes: false, images: { nginx: 'nginx:1.26' }, surge });
      await assert.rejects(upgrade(rehearsal.world, intent), ConflictError);
      assert.equal(rehearsal.kube.object(PODS, 'nginx-4'), undefined);
      assert.equal(annotation(rehearsal), undefined);
    });

  it('begins no upgrade whose floor no longer holds, and asks only once', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const questions = answeringLate(rehearsal, diesAndPauses(rehearsal, [1, 2, 3]));
    rehearsal.clock.at(30_000, async () => {
      await resume(rehearsal.world, common);
    });
    await assert.rejects(upgrade(rehearsal.world, upgradeIntent({ yes: false })), refusedBy('floor'));
    assert.equal(questions.length, 1);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('drains no further batch of a template that another writer has changed meanwhile', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    let questions = 0;
    rehearsal.world.confirm = async () => {
      questions += 1;
      if (questions === 2) changeTemplate(rehearsal);
      return true;
    };
    await assert.rejects(upgrade(rehearsal.world, upgradeIntent({ yes: false })), ConflictError);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    assert.equal(annotation(rehearsal), undefined);
  });
});

function changeTemplate({ kube }: Rehearsal): void {
  kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-foreign' };
  });
}
