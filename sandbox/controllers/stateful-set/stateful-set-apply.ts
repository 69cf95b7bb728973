/** Carries out a StatefulSet's plan: creates and deletes pods, writes the status, and leaves Events. */
import { isDeepStrictEqual } from 'node:util';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import type { StatefulSet, StatefulSetStatus } from '../controller-types.ts';
import type { Recorder } from '../recorder.ts';
import { isOvertaken, tolerate } from '../tolerate.ts';
import { createClaims, type FindClaim } from './apply-claims.ts';
import type { StatefulSetAction } from './stateful-set-plan.ts';

/** True when every action took effect; false when one was overtaken by the world (its copy was old). */
export async function applyActions(
  kube: Kube,
  record: Recorder,
  set: StatefulSet,
  actions: readonly StatefulSetAction[],
  findClaim: FindClaim,
): Promise<boolean> {
  const done = await Promise.all(actions.map((action) => applyAction(kube, record, set, action, findClaim)));
  return done.every(Boolean);
}

async function applyAction(
  kube: Kube,
  record: Recorder,
  set: StatefulSet,
  action: StatefulSetAction,
  findClaim: FindClaim,
): Promise<boolean> {
  const { name, uid } = action.pod.metadata;
  const namespace = set.metadata.namespace ?? '';
  const verb = action.kind;
  const where = `${verb} Pod ${name} in StatefulSet ${set.metadata.name}`;
  if (action.kind === 'delete' && action.because === 'finished') {
    const message = `StatefulSet ${namespace}/${set.metadata.name} is recreating failed Pod ${name}`;
    await record(set, 'Warning', 'RecreatingFailedPod', message);
  }
  if (action.kind === 'create') {
    const wait = await createClaims(kube, record, set, action.pod, findClaim);
    if (wait !== undefined) {
      await record(set, 'Warning', 'FailedCreate', `${where} failed error: ${wait}`);
      return false;
    }
  }
  try {
    if (action.kind === 'create') await kube.create(PODS, action.pod, { namespace });
    else await kube.delete(PODS, name, { namespace, uid });
  } catch (error) {
    if (isOvertaken(error)) return false;
    const why = error instanceof Error ? error.message : String(error);
    await record(set, 'Warning', verb === 'create' ? 'FailedCreate' : 'FailedDelete', `${where} failed error: ${why}`);
    throw error;
  }
  await record(set, 'Normal', verb === 'create' ? 'SuccessfulCreate' : 'SuccessfulDelete', `${where} successful`);
  return true;
}

const COUNTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas'] as const;

/** Patches the status when it differs; counts that are gone are taken away. */
export async function applyStatus(kube: Kube, set: StatefulSet, status: StatefulSetStatus): Promise<void> {
  if (isDeepStrictEqual({ ...set.status }, { ...status })) return;
  const gone = Object.fromEntries(COUNTS.filter((count) => status[count] === undefined).map((count) => [count, null]));
  const { name, uid, namespace = '' } = set.metadata;
  const patch = { metadata: { uid }, status: { ...status, ...gone } };
  await tolerate(() => kube.patch(STATEFUL_SETS, name, patch, { type: 'merge', subresource: 'status', namespace }));
}
