import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotStartedError, RefusedError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

/** A Service leads to the last pod alone; `volumes`: they go with their pods; `settled`: every pod is updated. */
function rehearsal(volumes: boolean, settled = true): Rehearsal {
  const selector = { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'nginx-1' };
  const spec = {
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
  };
  return rehearse({
    settled,
    replicas: 2,
    ...(volumes ? { set: { merge: { spec } } } : { services: [service(), service({ name: 'last', selector })] }),
  });
}

const none = { kind: 'count', count: 0 } as const;
const scaleTo1 = ({ world }: Rehearsal) => scale(world, { ...common, ...zero, replicas: 1, minServing: none });
const CASES: readonly [title: string, rule: string, run: (rehearsal: Rehearsal) => Promise<unknown>][] = [
  ['drain', 'alone', ({ world }) => drain(world, { ...common, ordinals: [1], minServing: none })],
  ['advance', 'alone', ({ world }) => advance(world, { ...common, to: [1], minServing: none })],
  ['scale', 'alone', scaleTo1],
  ['scale', 'claims-kept', scaleTo1],
];

describe('a rule that a person at the terminal may answer', () => {
  for (const [verb, rule, run] of CASES) {
    it(`refuses ${verb} by ${rule} with exit 4 where there is no terminal, and names its flag`, async () => {
      const stage = rehearsal(rule === 'claims-kept', verb === 'scale');
      await assert.rejects(run(stage), (error: unknown) => {
        assert.ok(error instanceof RefusedError, String(error));
        assert.equal(error.exitCode, 4);
        const found = error.refusals.find((each) => each.rule === rule);
        assert.match(String(found?.override), /^--(allow-alone last|delete-claims)$/);
        return true;
      });
      assert.deepEqual(stage.kube.writes, []);
    });

    it(`ends ${verb} with exit 6 where the question of ${rule} is not answered with y`, async () => {
      const stage = rehearsal(rule === 'claims-kept', verb === 'scale');
      const asked: string[] = [];
      stage.world.confirm = async (question) => asked.push(question) > 1;
      await assert.rejects(run(stage), (error: unknown) => {
        assert.ok(error instanceof NotStartedError, String(error));
        assert.equal(error.exitCode, 6);
        assert.match(
          error.hint ?? '',
          /the same command, answered with y; --(allow-alone last|delete-claims) does not ask/,
        );
        return true;
      });
      assert.equal(asked.length, 1);
      assert.deepEqual(stage.kube.writes, []);
    });
  }

  it('refuses an upgrade by the same rule with --yes, and without it ends with exit 6: its question is no rule', async () => {
    const intent = {
      ...common,
      ...zero,
      images: { nginx: 'nginx:2' },
      batch: 1,
      surge: 0,
      soakMs: 0,
      minServing: none,
    };
    const more = { takeOver: false, evict: false };
    const silent = rehearsal(false);
    await assert.rejects(upgrade(silent.world, { ...intent, ...more, yes: true }), (error: unknown) => {
      assert.ok(error instanceof RefusedError, String(error));
      assert.ok(error.refusals.some(({ rule }) => rule === 'alone'));
      return true;
    });
    await assert.rejects(upgrade(silent.world, { ...intent, ...more, yes: false }), (error: unknown) => {
      assert.ok(error instanceof NotStartedError, String(error));
      return true;
    });
    const isKept = ({ resource }: { resource: string }) => resource !== 'leases';
    assert.deepEqual(silent.kube.writes.filter(isKept), []);
    assert.equal(silent.kube.objects(PODS).length, 2);
  });
});
