/** recreate --at-zero: of the outdated pods those that are at zero go, and the others are left. */

import type { Facts } from '../../core/facts/facts.ts';
import type { RecreateIntent } from '../../core/intent/intent.ts';
import { without } from '../../core/target/ordinals.ts';
import { notReadyBecause, type PodFacts, podAt } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { awaitZero } from '../zero/await-zero.ts';
import { tellCarried } from '../zero/carry-proof.ts';
import type { ZeroWatch } from '../zero/zero-watch.ts';
import { openZeroWatches } from '../zero/zero-watches.ts';
import { notAtZero, ordinalsOfPods } from './delete-at-zero.ts';

interface Chosen {
  doomed: readonly PodFacts[];
  /** Of exactly these pods. */
  gate: ZeroWatch;
  /** As the look that chose them found the target. */
  seen: Facts;
  /** Those that keep their pods, and why. */
  left: readonly { ordinal: number; because: string }[];
}

/**
 * Resolves at the first look at which one is at zero. A pod without connections that only needs its stability window is waited for; throws
 * RefusedError once every one is busy or has weight, NotYetError at the deadline.
 */
export async function chooseAtZero(
  world: World,
  intent: RecreateIntent,
  { outdated, deadlineMs }: { outdated: readonly PodFacts[]; deadlineMs: number },
): Promise<Chosen> {
  const ordinals = ordinalsOfPods(outdated);
  const goesOn = (carried: Parameters<typeof tellCarried>[2]) => tellCarried(world, intent, carried);
  const watches = openZeroWatches(world, { ...intent, goesOn }, ordinals);
  const { facts: seen } = await awaitZero(world, watches.as('any', ordinals), {
    ...{ name: intent.name, ordinals, deadlineMs },
    ...notAtZero(ordinals, own('wait-zero', intent.name, '--any')),
  });
  const atZero = watches.atZero();
  const chosen = inTurn(seen, atZero);
  const doomed = outdated.filter(({ ordinal }) => chosen.includes(ordinal));
  const replaced = watches.replaced();
  const left = without(ordinals, chosen).map((ordinal) => ({
    ordinal,
    because: atZero.includes(ordinal)
      ? 'at zero, but an ordinal below it is down'
      : replaced.includes(ordinal)
        ? 'replaced by another writer'
        : 'not at zero',
  }));
  return { doomed, gate: watches.as('all', chosen), seen, left };
}

/** With OrderedReady none above an ordinal that is down would come back: those have to wait. */
function inTurn({ set, pods }: Facts, atZero: readonly number[]): readonly number[] {
  if (set.podManagementPolicy === 'Parallel') return atZero;
  const isDown = (ordinal: number): boolean => {
    const pod = podAt(pods, ordinal);
    return pod === undefined || pod.terminating || notReadyBecause(pod) !== undefined;
  };
  const lowest = Math.min(...without(ordinalsOf(set), atZero).filter(isDown));
  const below = atZero.filter((ordinal) => ordinal < lowest);
  // With none below it the rule of the order says why.
  return below.length > 0 ? below : atZero;
}
