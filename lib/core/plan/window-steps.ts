/** The window of a plan: a loop of three verbs, and what OrderedReady leaves of its size. */

import { formatOrdinals, ordinalsText } from '../target/ordinals.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { AGAIN, drainingWords, services } from './opening-steps.ts';
import type { PlanStep, PlanWish } from './plan-step.ts';

export interface PlannedWindow {
  /** So many pods are out of service at most. */
  maxUnavailable: number;
  /** Asked for as a share of the replicas, which the script works out at each step; absent: as a number of pods. */
  share?: string;
  /** So many of them start at a time: with OrderedReady one, for the controller makes none before every lower one is ready. */
  startsTogether: number;
}

export const plannedWindow = (
  { podManagementPolicy }: StatefulSetFacts,
  maxUnavailable: number,
  share: string | undefined,
): PlannedWindow => ({
  maxUnavailable,
  ...(share === undefined ? {} : { share }),
  startsTogether: podManagementPolicy === 'Parallel' ? maxUnavailable : 1,
});

/** None where there is nothing to do. It drains the surplus too, once every other pod is updated. */
export function windowSteps(
  set: StatefulSetFacts,
  { ordinals, surplus, window }: { ordinals: readonly number[]; surplus: readonly number[]; window: PlannedWindow },
  wish: PlanWish,
): PlanStep[] {
  if (ordinals.length === 0 && surplus.length === 0) return [];
  const { name } = set;
  const common = { batch: 0, tool: 'zeroloss', ordinals, loop: true } as const;
  const size = window.share ?? String(window.maxUnavailable);
  const pods = ordinals.map((ordinal) => `pod/${name}-${ordinal}`);
  const ordered = window.startsTogether === 1 && window.maxUnavailable > 1;
  return [
    {
      ...common,
      words: ['advance', name, '--max-unavailable', size, ...drainingWords(wish)],
      touches: services(wish),
      look: `again and again, with the next two steps, until it ends with 3: pods that are back have traffic, and of ${ordinalsText(ordinals)} at most ${size} are out`,
      mayEnd: true,
    },
    {
      ...common,
      words: ['wait-zero', name, '--any', ...wish.countingWords],
      touches: [],
      look: 'which pods are at zero, and which peers still have connections open to the others',
    },
    {
      ...common,
      words: ['recreate', name, '--at-zero', ...wish.countingWords],
      touches: pods,
      look: `the new pods: image, ready, gates${ordered ? '; OrderedReady starts one at a time' : ''}`,
    },
    // The loop may have been stopped while it waited for the surplus, and nothing but that wait is left then.
    ...(surplus.length === 0
      ? []
      : [
          {
            ...{ batch: 0, tool: 'zeroloss' as const, ordinals: surplus },
            words: ['wait-zero', name, formatOrdinals(surplus), AGAIN, ...wish.countingWords],
            touches: [],
            look: 'the surplus pods let go of their last connections',
          },
        ]),
    {
      ...{ batch: 0, tool: 'zeroloss', ordinals: surplus },
      words: ['restore', name, ...(surplus.length > 0 ? wish.countingWords : [])],
      touches: [...services(wish), ...(surplus.length > 0 ? [`statefulset/${name}`] : [])],
      look: 'annotation and replicas are as before',
    },
  ];
}
