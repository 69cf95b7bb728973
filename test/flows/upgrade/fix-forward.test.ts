import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError } from '../../../lib/core/errors.ts';
import { RS_WEIGHT_ANNOTATION } from '../../../lib/core/weights/rs-weight.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { pod } from '../../builders.ts';
import { annotation, common, deletions, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const images = { nginx: 'nginx:1.26' };

describe('an upgrade with a surge over a template that no pod has', () => {
  it('sets its image before the surplus pods are born', async () => {
    const { kube, world } = rehearse({ replicas: 4 });
    const steps: string[] = [];
    kube.beforeWrite((call) => {
      const text = JSON.stringify(call);
      if (call.resource !== 'statefulsets') return;
      if (/nginx:1\.26/.test(text)) steps.push('image');
      if (/"replicas":5/.test(text)) steps.push('surge');
    });
    await upgrade(world, upgradeIntent({ images, surge: 1, timeoutMs: 600_000 }));
    assert.deepEqual(steps.slice(0, 2), ['image', 'surge']);
  });

  it('is planned in the same order, so that the script can be run again from its first line', async () => {
    const { world } = rehearse({ replicas: 4 });
    const intent = { ...common, ...zero, images, batch: 2, surge: 1, soakMs: 0, countingWords: [] };
    const { steps } = (await plan(world, intent)).details as { steps: readonly { words: readonly string[] }[] };
    assert.deepEqual(
      steps.slice(0, 3).map(({ words }) => words[0]),
      ['set', 'surge', 'advance'],
    );
  });

  it('ends with 7 at a surplus pod that does not start, which has no traffic, and replaces no pod', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube, world, clock } = rehearsal;
    kube.beforeWrite((call) => {
      if (call.resource === 'statefulsets' && /"replicas":5/.test(JSON.stringify(call)))
        clock.at(clock.now() - clock.startMs + 1000, () => {
          const set = kube.objects(STATEFUL_SETS)[0];
          assert.ok(set !== undefined);
          const born = pod({ statefulSet: set, ordinal: 4, ready: false });
          const { status } = born as unknown as { status: { containerStatuses: object[] } };
          status.containerStatuses = [
            { name: 'nginx', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
          ];
          kube.put(born);
        });
    });
    await assert.rejects(upgrade(world, upgradeIntent({ images, surge: 1, timeoutMs: 600_000 })), (error: unknown) => {
      assert.ok(error instanceof DisagreesError, String(error));
      assert.equal(error.exitCode, 7);
      assert.match(error.message, /surplus pod\/nginx-4 does not start: .*CrashLoopBackOff/);
      return true;
    });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[4\]/);
    assert.deepEqual(deletions(rehearsal), []);
    assert.ok(kube.object(PODS, 'nginx-4') !== undefined);
  });

  for (const more of [{}, { maxUnavailable: { kind: 'count', count: 1 } as const }])
    it(`gives the surplus pods of an earlier surge no traffic on it, and replaces them before a batch is drained${'maxUnavailable' in more ? ', by a window' : ''}`, async () => {
      const rehearsal = rehearse({ replicas: 4 });
      const { kube, world, clock } = rehearsal;
      await surge(world, { ...common, count: 1, dark: true });
      const steps: string[] = [];
      kube.beforeWrite((call) => {
        const text = JSON.stringify(call);
        if (call.verb === 'delete' && call.resource === 'pods') steps.push(`delete ${call.name}`);
        if (call.resource === 'statefulsets' && /nginx:1\.26/.test(text)) {
          steps.push('image');
          clock.at(clock.now() - clock.startMs + 1_000, () => {
            kube.edit(STATEFUL_SETS, 'nginx', (set) => {
              set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-third' };
            });
          });
        }
        const weights = /"podIndexes\\*":\[([\d,]*)\]/.exec(text)?.[1] ?? 'none';
        if (call.resource === 'services' && text.includes(RS_WEIGHT_ANNOTATION)) steps.push(`at 0: ${weights}`);
      });
      await upgrade(world, upgradeIntent({ images, surge: 1, timeoutMs: 600_000, ...more }));
      assert.deepEqual(steps.slice(0, 4), ['image', 'delete nginx-4', 'at 0: none', 'at 0: 0']);
      assert.equal(steps.filter((step) => step.startsWith('delete')).length, 5);
    });

  it('is not refused for a surge that has no traffic yet: its pods serve before a batch is drained', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube, world, clock } = rehearsal;
    await surge(world, { ...common, count: 1, dark: true });
    let isSet = false;
    let serving = Number.POSITIVE_INFINITY;
    kube.beforeWrite((call) => {
      if (call.resource === 'statefulsets' && /nginx:1\.26/.test(JSON.stringify(call)) && !isSet) {
        isSet = true;
        clock.at(clock.now() - clock.startMs + 1_000, () => {
          kube.edit(STATEFUL_SETS, 'nginx', (set) => {
            set['status'] = { ...(set['status'] as object), updateRevision: 'nginx-third' };
          });
        });
      }
      const drained = /"podIndexes":\[([\d,]+)\]/.exec(annotation(rehearsal) ?? '')?.[1]?.split(',').length ?? 0;
      if (deletions(rehearsal).length > 1) serving = Math.min(serving, 5 - drained);
    });
    await upgrade(world, upgradeIntent({ images, batch: 2, surge: 1, timeoutMs: 600_000 }));
    assert.equal(deletions(rehearsal).length, 5);
    assert.equal(serving, 3);
  });
});
