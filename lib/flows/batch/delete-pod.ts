/** Deletes one pod and no other: by UID, directly or through the Eviction API. */

import { ConflictError, NotYetError, StatusError } from '../../core/errors.ts';
import type { RecreateIntent } from '../../core/intent/intent.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import { kubectl } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { PODS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import type { BeforeGoing } from './fresh-look.ts';

/** The pause between two tries of an eviction that a budget forbids, as in kubectl drain. */
const EVICTION_RETRY_MS = 5_000;

/**
 * `look` is asked once the request is ready to go: credentials may have taken a while, or the machine may have slept. A pod
 * that the first request already made terminate is not looked at again.
 * Throws ConflictError when the name now belongs to another pod, NotYetError when a budget forbids the eviction until the deadline.
 */
export function deletePod(
  world: World,
  pod: PodFacts,
  intent: Pick<RecreateIntent, 'dryRun' | 'evict'>,
  deadlineMs: number,
  look: BeforeGoing,
): Promise<void> {
  let isFirst = true;
  return waitUntil(world, {
    deadlineMs,
    paceMs: EVICTION_RETRY_MS,
    look: async () => {
      if (!isFirst) await look.again();
      isFirst = false;
      const forbidden = await tryDelete(world, pod, intent, look);
      if (forbidden === undefined) return { done: undefined };
      const because = `pod/${pod.name} may not be evicted yet: ${forbidden}`;
      const hint = way('on', kubectl('get', 'poddisruptionbudgets').note('shows the budget; the same command goes on'));
      return { waiting: `waiting: ${because}`, timeOut: () => new NotYetError(because, hint) };
    },
  });
}

/** One try. Returns the server's words when a budget forbids the eviction, undefined when the pod goes or is gone. */
async function tryDelete(
  world: World,
  pod: PodFacts,
  { dryRun, evict }: Pick<RecreateIntent, 'dryRun' | 'evict'>,
  look: BeforeGoing,
): Promise<string | undefined> {
  const common = {
    dryRun: dryRun === 'server',
    signal: world.signal,
    beforeSend: async (again: boolean) => {
      if (!again) await look.fresh();
      else if (!(await isLeaving(world, pod))) await look.again();
    },
  };
  try {
    if (!evict) await world.kube.delete(PODS, pod.name, { ...common, uid: pod.uid });
    else await world.kube.create(PODS, eviction(pod), { ...common, name: pod.name, subresource: 'eviction' });
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.httpStatus === 404) return undefined;
    if (error.httpStatus === 409) {
      throw new ConflictError(
        `pod/${pod.name} is no longer the pod that was at zero (uid ${pod.uid}); it was not deleted`,
        undefined,
        error,
      );
    }
    if (evict && error.httpStatus === 429) return error.serverMessage;
    throw error;
  }
}

async function isLeaving({ kube, signal }: World, { name, uid }: PodFacts): Promise<boolean> {
  try {
    const { metadata } = await kube.get(PODS, name, { signal });
    return metadata.uid !== uid || metadata.deletionTimestamp !== undefined;
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return true;
    throw error;
  }
}

const eviction = (pod: PodFacts) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: pod.name },
  deleteOptions: { preconditions: { uid: pod.uid } },
});
