/** Reasons against setting the replicas to a number: a surge, another owner of the number, no pod that would serve, volumes that would go. */

import { some } from '../check/findings.ts';
import type { Refusal } from '../errors.ts';
import type { MinServing } from '../intent/intent.ts';
import { ordinalsText } from '../target/ordinals.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { formerReplicas } from '../target/surplus.ts';
import { claimsOf } from '../target/surplus-volumes.ts';
import { kubectl, mergePatch, own } from '../values/command.ts';
import { type FloorWish, floorFor, isNoFloor } from './floor.ts';
import type { Scaler } from './scalers.ts';

/** The ordinals that go when the StatefulSet has `replicas`: its highest ones (Kubernetes: StatefulSet, scaling). */
export const scaledAway = (set: StatefulSetFacts, replicas: number): number[] => ordinalsOf(set).slice(replicas);

/** While a surge is on, its bookkeeping and not this number says which pods stay. */
export const surgeOnRule = (set: StatefulSetFacts): Refusal[] => {
  const former = formerReplicas(set);
  if (former === undefined) return [];
  return [
    {
      rule: 'no-surge',
      message: `a surge of statefulset/${set.name} is on: ${set.replicas} replicas now, ${former} before it`,
      cure: own('restore', set.name).note('ends the surge; it takes the surplus away at zero'),
    },
  ];
};

export const scaleFoughtRule = (scalers: readonly Scaler[]): Refusal[] =>
  scalers.map(({ object, does }) => ({
    rule: 'no-autoscaler',
    message: `${object} ${does} and would undo the scale`,
    cure: kubectl('get', object, '-o', 'yaml').note('let it scale, or take it away first'),
  }));

/** With no replicas nothing serves, which has to be asked for by name. */
export const emptyRule = (set: StatefulSetFacts, replicas: number, asked: MinServing | undefined): Refusal[] =>
  replicas > 0 || set.replicas === 0 || isNoFloor(asked)
    ? []
    : [
        {
          rule: 'floor',
          message: `with 0 replicas nothing of statefulset/${set.name} serves`,
          override: '--min-serving 0',
          price: 'new connections find no backend',
        },
      ];

/** The floor of a scale-in: a share of the replicas that stay, and no budget can ask for more than those. */
export const floorAfter = ({ asked, budget }: FloorWish, replicas: number): MinServing =>
  asked?.kind === 'count' && asked.raises !== true
    ? asked
    : {
        kind: 'count',
        count: floorFor({ asked, budget: budget === undefined ? undefined : Math.min(budget, replicas) }, replicas),
      };

/** `the volumes data-nginx-4, data-nginx-5 are deleted with …`; undefined: the pods claim nothing, or their claims stay. */
export function deletedClaimsText(set: StatefulSetFacts, going: readonly number[]): string | undefined {
  const names = claimsOf(set, going);
  if (names.length === 0 || going.length === 0 || !set.deletesScaledClaims) return undefined;
  return `${names.length === 1 ? 'the volume' : 'the volumes'} of ${ordinalsText(going)} (${some(names)}) ${names.length === 1 ? 'is' : 'are'} deleted with the pods, because the StatefulSet says whenScaled: Delete`;
}

export const claimsRule = (set: StatefulSetFacts, going: readonly number[]): Refusal[] => {
  const message = deletedClaimsText(set, going);
  if (message === undefined) return [];
  return [
    {
      rule: 'claims-kept',
      message,
      override: '--delete-claims',
      price: 'deletes the data in those volumes',
      cure: mergePatch(['statefulset', set.name], {
        spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain' } },
      }).note('keeps the volumes'),
    },
  ];
};
