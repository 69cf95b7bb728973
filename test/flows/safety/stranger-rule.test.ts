import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { findStrangers, strangerRefusals } from '../../../lib/flows/safety/stranger-rule.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';

const change = ({ kube }: Rehearsal, name: string, how: (pod: KubeObject) => void) => kube.edit(PODS, name, how);
/** As a StatefulSet has left it that had another selector. */
const orphan = (pod: KubeObject): void => {
  pod.metadata.ownerReferences = [];
  pod.metadata.labels = { app: 'former' };
};
const asked = ({ kube }: Rehearsal) =>
  kube.calls.filter(({ resource }) => resource === 'pods').map(({ verb, name = 'all' }) => `${verb} ${name}`);
const found = async (rehearsal: Rehearsal) => {
  const facts = await gather(rehearsal.world, common);
  rehearsal.kube.calls.length = 0;
  return findStrangers(rehearsal.world, facts);
};

describe('pods of the names of a StatefulSet that its selector does not match', () => {
  it('refuse a drain and a plan by pods-owned, where the StatefulSet was made anew with another selector', async () => {
    const rehearsal = rehearse();
    for (const name of ['nginx-0', 'nginx-3']) change(rehearsal, name, orphan);
    await assert.rejects(
      drain(rehearsal.world, { ...common, ordinals: [5] }),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals.some(({ rule, message }) => rule === 'pods-owned' && /nginx-0, nginx-3, which/.test(message)),
    );
    assert.deepEqual(rehearsal.kube.writes, []);
    const { refusals } = await plan(rehearsal.world, {
      ...common,
      batch: 1,
      surge: 0,
      soakMs: 0,
      stableForMs: 1000,
      images: {},
      countingWords: [],
    });
    assert.ok(refusals?.some(({ rule }) => rule === 'pods-owned'));
  });

  it('are found by their owner, whichever it is', async () => {
    const rehearsal = rehearse();
    change(rehearsal, 'nginx-4', (pod) => {
      orphan(pod);
      pod.metadata.ownerReferences = [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'another', controller: true },
      ];
    });
    assert.deepEqual(await found(rehearsal), [4]);
  });

  it('cost no request while every ordinal has a pod of its own', async () => {
    const rehearsal = rehearse();
    assert.deepEqual(await found(rehearsal), []);
    assert.deepEqual(rehearsal.kube.calls, []);
  });

  it('are asked for by name where few ordinals have none, and by one list where many have none', async () => {
    const few = rehearse();
    few.kube.remove(PODS, 'nginx-2');
    change(few, 'nginx-7', orphan);
    assert.deepEqual(await found(few), [7]);
    assert.deepEqual(asked(few), ['get nginx-2', 'get nginx-7']);
    const many = rehearse({ replicas: 20 });
    for (let ordinal = 0; ordinal < 11; ordinal++) change(many, `nginx-${ordinal}`, orphan);
    assert.equal((await found(many)).length, 11);
    assert.deepEqual(asked(many), ['list all']);
  });

  it('are listed where the Role names other pods', async () => {
    const rehearsal = rehearse();
    change(rehearsal, 'nginx-7', orphan);
    rehearsal.kube.failNext({ verb: 'get', name: 'nginx-7' }, new StatusError(403, 'Forbidden', 'not this pod'));
    assert.deepEqual(await found(rehearsal), [7]);
    rehearsal.kube.failNext({ verb: 'get', name: 'nginx-7' }, new StatusError(500, 'InternalError', 'etcd'));
    await assert.rejects(found(rehearsal), StatusError);
  });

  it('are no obstacle where they are going, have ended, or came up since as pods of its own', async () => {
    const rehearsal = rehearse();
    const facts = await gather(rehearsal.world, common);
    const late = { ...facts, pods: facts.pods.filter(({ ordinal }) => ordinal !== 1) };
    assert.deepEqual(await strangerRefusals(rehearsal.world, late), []);
    change(rehearsal, 'nginx-4', (pod) => {
      orphan(pod);
      pod.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    });
    change(rehearsal, 'nginx-5', (pod) => {
      orphan(pod);
      pod['status'] = { ...(pod['status'] as object), phase: 'Succeeded' };
    });
    assert.deepEqual(await found(rehearsal), []);
  });
});
