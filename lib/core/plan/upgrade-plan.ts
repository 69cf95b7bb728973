/** The whole upgrade as data: what each step does, what it touches, and what a person should look at. Nothing here reads or writes. */

import type { MinServing } from '../intent/intent.ts';
import { formatMinServing } from '../safety/floor.ts';
import { formatOrdinals, intersection, ordinalSet, without } from '../target/ordinals.ts';
import { isOutdated, type PodFacts } from '../target/pod.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';
import { formatDuration } from '../values/duration.ts';
import { batchesOf } from './batches.ts';

/** Raised when the meaning of a field changes; readers refuse what they do not know. */
export const PLAN_VERSION = 1;

export interface PlanStep {
  /** Batch number from 1; 0: before the first or after the last. */
  batch: number;
  /** `zeroloss` verbs carry their words, `kubectl` steps their whole arguments. */
  tool: 'zeroloss' | 'kubectl';
  words: readonly string[];
  touches: readonly string[];
  /** The pods that it is about; empty: it is about none in particular. */
  ordinals: readonly number[];
  /** What a person should look at before or after it. */
  look: string;
  /** Exit code 3 is the expected end of this step too. */
  mayEnd?: true;
  /** The least time it takes, where that can be known. */
  leastMs?: number;
  /** Open connections that a wait begins with; null: unknown. */
  connections?: number | null;
}

export interface UpgradePlan {
  version: number;
  target: { namespace: string; name: string };
  images: Readonly<Record<string, string>>;
  batches: readonly (readonly number[])[];
  surplus: readonly number[];
  steps: readonly PlanStep[];
  /** Of all steps together. */
  leastMs?: number;
  /** Open connections of the pods to be replaced; null: unknown. */
  connections?: number | null;
}

export interface PlanWish {
  images: Readonly<Record<string, string>>;
  batch: number;
  surge: number;
  soakMs: number;
  services: readonly string[];
  /** Flags of every step that counts connections, as words: `--stable-for`, `3m`. */
  countingWords: readonly string[];
  /** Every step that drains ignores Ingresses. */
  ignoreIngress?: boolean;
  /** Every step that drains may drain the only pod behind these Services. */
  allowAlone?: readonly string[];
  /** Every step that drains keeps this floor. */
  minServing?: MinServing;
  /** Ordinals at weight 0 now, whoever drained them: they come first. */
  drainSet?: readonly number[];
}

/** With a new image every pod will be outdated; without one, those that are. Surplus pods are not upgraded, they are taken away. */
export function planUpgrade(set: StatefulSetFacts, pods: readonly PodFacts[], wish: PlanWish): UpgradePlan {
  const changed = Object.entries(wish.images).filter(([container, image]) => set.images[container] !== image);
  const regular = without(ordinalsOf(set), surplusOrdinals(set));
  const outdated =
    changed.length > 0
      ? regular
      : intersection(regular, ordinalSet(pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal)));
  const drained = intersection(wish.drainSet ?? [], regular);
  const begun = intersection(drained, outdated);
  const batches = [...(begun.length === 0 ? [] : [begun]), ...batchesOf(without(outdated, begun), wish.batch)];
  const before = formerReplicas(set) ?? set.replicas;
  const surges = wish.surge > 0 && batches.length > 0;
  const surplus = surges
    ? ordinalsOf({ start: set.start, replicas: before + wish.surge }).slice(before)
    : surplusOrdinals(set);
  // With the template set beforehand the surplus starts on it: nobody's capacity before it has been verified.
  const isCanary = pods.some((pod) => isOutdated(pod, set)) && formerReplicas(set) === undefined;
  const steps = [
    ...(surges ? surgeSteps(set, wish, surplus, isCanary) : []),
    ...backSteps(set, without(drained, outdated), wish),
    ...(changed.length > 0 ? [imageStep(set, changed)] : []),
    ...batches.flatMap((batch, index) => batchSteps(set, batches, index, batch, wish, surplus)),
    ...endSteps(set, surplus, batches.length > 0, wish),
  ];
  return {
    version: PLAN_VERSION,
    target: { namespace: set.namespace, name: set.name },
    images: Object.fromEntries(changed),
    batches,
    surplus,
    steps,
  };
}

const pods = (set: StatefulSetFacts, ordinals: readonly number[]) =>
  ordinals.map((ordinal) => `pod/${set.name}-${ordinal}`);
const drainingWords = ({ ignoreIngress, allowAlone, minServing }: PlanWish) => [
  ...(allowAlone === undefined ? [] : ['--allow-alone', allowAlone.join(',')]),
  ...(ignoreIngress === true ? ['--ignore-ingress'] : []),
  ...(minServing === undefined ? [] : ['--min-serving', formatMinServing(minServing)]),
];
const services = (wish: PlanWish) => wish.services.map((name) => `service/${name}`);

function surgeSteps(set: StatefulSetFacts, wish: PlanWish, surplus: readonly number[], isCanary: boolean): PlanStep[] {
  const common = { batch: 0, tool: 'zeroloss' } as const;
  const surge = ['surge', set.name, String(wish.surge)];
  const touched = [`statefulset/${set.name}`];
  if (!isCanary)
    return [
      {
        ...common,
        words: surge,
        touches: touched,
        ordinals: [],
        look: 'the new pods serve at the old revision: capacity never falls',
      },
    ];
  const which = formatOrdinals(surplus);
  return [
    {
      ...common,
      words: [...surge, '--dark'],
      touches: [...touched, ...services(wish)],
      ordinals: [],
      look: 'the new pods start on the new revision: no traffic before they are verified',
    },
    {
      ...common,
      words: ['verify', set.name, which],
      touches: [],
      ordinals: surplus,
      look: 'logs of the new pods, before they get traffic',
    },
    {
      ...common,
      words: ['restore', set.name, which],
      touches: services(wish),
      ordinals: surplus,
      look: 'the surplus has traffic: capacity does not fall',
    },
  ];
}

function imageStep(set: StatefulSetFacts, changed: readonly [string, string][]): PlanStep {
  const images = changed.map(([container, image]) => `${container}=${image}`);
  return {
    batch: 0,
    tool: 'kubectl',
    words: ['set', 'image', `statefulset/${set.name}`, ...images],
    touches: [`statefulset/${set.name}`],
    ordinals: [],
    look: 'nothing restarts: the update strategy is OnDelete',
  };
}

/** A batch that somebody has replaced and not given back: its pods are waited for, and get their traffic. */
function backSteps(set: StatefulSetFacts, ordinals: readonly number[], wish: PlanWish): PlanStep[] {
  if (ordinals.length === 0) return [];
  const which = formatOrdinals(ordinals);
  const common = { batch: 0, tool: 'zeroloss', ordinals } as const;
  return [
    {
      ...common,
      words: ['recreate', set.name, which, ...wish.countingWords],
      touches: [],
      look: 'they are updated already: it waits until they are ready',
    },
    { ...common, words: ['verify', set.name, which], touches: [], look: 'the pods that an earlier run has replaced' },
    { ...common, words: ['restore', set.name, which], touches: services(wish), look: 'they have traffic again' },
  ];
}

function batchSteps(
  set: StatefulSetFacts,
  batches: readonly (readonly number[])[],
  index: number,
  batch: readonly number[],
  wish: PlanWish,
  surplus: readonly number[],
): PlanStep[] {
  const number = index + 1;
  const ordinals = formatOrdinals(batch);
  const step = (words: string[], touches: readonly string[], look: string): PlanStep => ({
    batch: number,
    tool: 'zeroloss',
    words,
    touches,
    ordinals: batch,
    look,
  });
  const soak = wish.soakMs > 0;
  const first = step(
    ['drain', set.name, ordinals, ...drainingWords(wish)],
    services(wish),
    `no new connections for ordinals ${ordinals}; existing ones go on`,
  );
  const middle = [
    step(
      ['wait-zero', set.name, ordinals, ...wish.countingWords],
      [],
      'who still holds a connection, and whether they let go',
    ),
    step(
      ['recreate', set.name, ordinals, ...wish.countingWords],
      pods(set, batch),
      'the new pods: image, ready, gates',
    ),
    step(['verify', set.name, ordinals], [], 'logs of the new pods, before they get traffic'),
  ];
  const size = batches[index + 1]?.length;
  if (soak) {
    return [
      first,
      ...middle,
      step(['restore', set.name, ordinals], services(wish), 'the batch has traffic again'),
      step(
        ['verify', set.name, ordinals, '--for', formatDuration(wish.soakMs)],
        [],
        'errors and latency of the batch under live traffic',
      ),
    ];
  }
  const onward = step(
    ['advance', set.name, ...(size === undefined ? [] : ['--batch', String(size)]), ...drainingWords(wish)],
    services(wish),
    size === undefined ? 'the last batch has traffic again' : 'the batch has traffic again, the next one is drained',
  );
  const ends = size === undefined && surplus.length === 0;
  return [...(index === 0 ? [first] : []), ...middle, ends ? { ...onward, mayEnd: true } : onward];
}

function endSteps(set: StatefulSetFacts, surplus: readonly number[], any: boolean, wish: PlanWish): PlanStep[] {
  const step = (words: string[], touches: readonly string[], look: string): PlanStep => ({
    batch: 0,
    tool: 'zeroloss',
    words,
    touches,
    ordinals: surplus,
    look,
  });
  const end = step(
    ['restore', set.name, ...(surplus.length > 0 ? wish.countingWords : [])],
    [...services(wish), ...(surplus.length > 0 ? [`statefulset/${set.name}`] : [])],
    'annotation and replicas are as before',
  );
  if (surplus.length === 0) return any ? [end] : [];
  return [
    step(
      ['drain', set.name, formatOrdinals(surplus), ...drainingWords(wish)],
      services(wish),
      'the surplus pods get no new connections',
    ),
    step(
      ['wait-zero', set.name, formatOrdinals(surplus), ...wish.countingWords],
      [],
      'the surplus pods let go of their last connections',
    ),
    end,
  ];
}
