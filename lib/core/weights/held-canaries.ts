/** Pods that a canary holds at a part of their weight: what they have now, what they had before, and how their weight is raised on. */

import { portKeys } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import { formatOrdinals, intersection, ordinalsText } from '../target/ordinals.ts';
import { isOutdated } from '../target/pod.ts';
import { type Advice, advice, own } from '../values/command.ts';
import { formerWeight } from './canary.ts';

/** Ordinals that are alike. */
export interface HeldCanaries {
  ordinals: readonly number[];
  /** Their weight now. */
  weight: number;
  /** Their weight before the drain; null: it is not the same on every Service and port. */
  former: number | null;
}

type CanaryFacts = Pick<Facts, 'set' | 'services' | 'canaries'>;

/** `ordinals`: those that are asked about; absent: every one that a canary holds. */
export function heldCanaries(facts: CanaryFacts, ordinals?: readonly number[]): HeldCanaries[] {
  const asked = [...facts.canaries].filter(([ordinal]) => ordinals?.includes(ordinal) ?? true);
  const each = asked.map(([ordinal, weight]) => ({ ordinal, weight, former: formerOf(facts, ordinal) }));
  return [...Map.groupBy(each, ({ weight, former }) => `${weight} ${former}`).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined
      ? []
      : [{ ordinals: alike.map(({ ordinal }) => ordinal), weight: first.weight, former: first.former }];
  });
}

/** Canaries that an upgrade without a new template gives their whole weight: one that is outdated is drained again. */
export const raisedByUpgrade = (facts: CanaryFacts & Pick<Facts, 'pods'>): HeldCanaries[] =>
  heldCanaries(
    facts,
    intersection(
      [...facts.canaries.keys()],
      facts.pods.filter((pod) => !isOutdated(pod, facts.set)).map(({ ordinal }) => ordinal),
    ),
  );

function formerOf({ set, services }: CanaryFacts, ordinal: number): number | null {
  const weights = services
    .filter(({ selection }) => selection.reaches(ordinal))
    .flatMap(({ service, current, former }) =>
      portKeys(service).map((key) =>
        formerWeight((former === undefined ? current : former)?.document, key, set.name, ordinal),
      ),
    );
  const [first = null] = weights;
  return weights.every((weight) => weight === first) ? first : null;
}

/** `ordinals 0,1 at weight 5 of 10, ordinal 2 at weight 1`. */
export const heldCanariesText = (held: readonly HeldCanaries[]): string =>
  held
    .map(
      ({ ordinals, weight, former }) =>
        `${ordinalsText(ordinals)} at weight ${weight}${former === null ? '' : ` of ${former}`}`,
    )
    .join(', ');

/** The commands that raise them further, and observe the present weight first; none where no one number was their weight. */
export const raiseCommands = (name: string, held: readonly HeldCanaries[]): Advice[] =>
  held.flatMap(({ ordinals, weight, former }) =>
    former === null || former <= weight
      ? []
      : [
          advice`to raise the canary in steps: ${own('restore', name, formatOrdinals(ordinals), '--weight', `${weight},${former}`)}`,
        ],
  );
