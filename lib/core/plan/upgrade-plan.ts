/** The whole upgrade as data: what each step does, what it touches, and what a person should look at. Nothing here reads or writes. */

import type { KubeObject } from '../facts/kube-object.ts';
import { formatOrdinals, intersection, ordinalSet, ordinalsText, union, without } from '../target/ordinals.ts';
import { isOfOtherRevision, isOutdated, type PodFacts } from '../target/pod.ts';
import { restartDue } from '../target/restart.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';
import { formatDuration } from '../values/duration.ts';
import type { HeldCanaries } from '../weights/held-canaries.ts';
import { batchesOf, batchesWithin } from './batches.ts';
import {
  AGAIN,
  backSteps,
  darkSteps,
  drainingWords,
  leavingStep,
  services,
  surgeSteps,
  type TemplateGuard,
  templateGuard,
  templateStep,
} from './opening-steps.ts';
import type { PlanStep, PlanWish } from './plan-step.ts';
import { type PlannedWindow, plannedWindow, windowSteps } from './window-steps.ts';

export type { PlanStep, PlanWish } from './plan-step.ts';

/** Raised when the meaning of a field changes; readers refuse what they do not know. */
export const PLAN_VERSION = 1;

export interface UpgradePlan {
  version: number;
  target: { namespace: string; name: string };
  images: Readonly<Record<string, string>>;
  /** RFC 3339: the restart that it begins with; absent: none. */
  restartedAt?: string;
  /** The values of the template that it changes, before and after; absent: none. */
  template?: TemplateGuard;
  /** The nodes that it empties; absent: none. */
  nodes?: readonly string[];
  batches: readonly (readonly number[])[];
  surplus: readonly number[];
  /** Updated pods at a part of their weight, as a canary: they get all of it; absent: none. */
  canaries?: readonly HeldCanaries[];
  /** A window in place of batches; `batches` are what it begins with then, and what follows in their order. */
  window?: PlannedWindow;
  /** Updated pods at which the run pauses before its end; absent: it comes to its end. */
  pausesAt?: number;
  steps: readonly PlanStep[];
  /** The kubeconfig's context that it was made in; absent: none is named. */
  context?: string;
  /** Of all steps together. */
  leastMs?: number;
  /** The objects that run the upgrade in the cluster; absent: not asked for. */
  manifest?: readonly KubeObject[];
  /** Rules that could not be checked, each with the reason: without a refusal too, a run may be refused; absent: all were. */
  notChecked?: readonly string[];
  /** Open connections of the pods to be replaced; null: unknown. */
  connections?: number | null;
}

/** With a new image or a restart every pod will be outdated, but those of the revision that the image brings back; without one, those that are. Surplus pods are not upgraded, they are taken away. */
export function planUpgrade(set: StatefulSetFacts, pods: readonly PodFacts[], wish: PlanWish): UpgradePlan {
  const changed = Object.fromEntries(
    Object.entries(wish.images).filter(([container, image]) => set.images[container] !== image),
  );
  const restartedAt = restartDue(set, wish.restartedAt);
  const renews = Object.keys(changed).length > 0 || restartedAt !== undefined;
  // One that is going, and in no batch, comes back by itself with the template of that moment: the new one only where it stands already.
  const going = without(
    renews ? [] : pods.filter((pod) => pod.terminating).map((pod) => pod.ordinal),
    wish.drainSet ?? [],
  );
  const regular = without(ordinalsOf(set), union(surplusOrdinals(set), going));
  // One that is drained waits for the template, and then has its traffic back: it stays among the steps.
  const isBack = ({ revision, leaves }: PodFacts) => revision === wish.revisionBack && !leaves;
  const kept = without(
    pods.filter(isBack).map(({ ordinal }) => ordinal),
    wish.drainSet ?? [],
  );
  const outdated = renews
    ? without(regular, kept)
    : intersection(regular, ordinalSet(pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal)));
  const drained = intersection(wish.drainSet ?? [], regular);
  const begun = intersection(drained, outdated);
  const canaries = (wish.canaries ?? []).flatMap((held) => {
    const ordinals = without(intersection(held.ordinals, regular), outdated);
    return ordinals.length === 0 ? [] : [{ ...held, ordinals }];
  });
  const raised = canaries.flatMap(({ ordinals }) => ordinals);
  const back = union(without(drained, union(outdated, wish.byHand ?? [])), raised);
  const whole = [...(begun.length === 0 ? [] : [begun]), ...batchesOf(without(outdated, begun), wish.batch)];
  const room = (wish.most ?? Number.POSITIVE_INFINITY) - without(regular, outdated).length;
  const pauses = room < outdated.length;
  const batches = pauses ? batchesWithin(whole, begun, room) : whole;
  const due = batches.flat();
  const before = formerReplicas(set) ?? set.replicas;
  const surges = wish.surge > 0 && batches.length > 0;
  const surplus = surges
    ? ordinalsOf({ start: set.start, replicas: before + wish.surge }).slice(before)
    : surplusOrdinals(set);
  // With the template set beforehand the surplus starts on it: no capacity before it has been verified.
  const isCanary = pods.some((pod) => isOfOtherRevision(pod, set)) && formerReplicas(set) === undefined;
  const { maxUnavailable, share } = wish;
  const window = maxUnavailable === undefined ? undefined : plannedWindow(set, maxUnavailable, share);
  const template = renews ? [templateStep(set, changed, restartedAt)] : [];
  // As in nextStep: with another template than the pods' the surplus would start on a revision that no one asked for.
  const templateFirst = surges && isCanary;
  const left =
    batches.length === 0 ? [] : without(intersection(surplusOrdinals(set), wish.drainSet ?? []), wish.byHand ?? []);
  const dark = darkSteps({ set, pods, dark: left }, wish, renews);
  const { nodes } = wish;
  const leaves = pods.some((pod) => pod.leaves && outdated.includes(pod.ordinal));
  const steps = [
    ...(nodes !== undefined && leaves ? [leavingStep(set, nodes)] : []),
    ...(templateFirst ? template : []),
    ...(surges ? surgeSteps(set, wish, surplus, isCanary) : []),
    ...dark.before,
    ...(window === undefined ? backSteps(set, back, canaries, wish) : []),
    ...(templateFirst ? [] : template),
    ...dark.after,
    ...(window === undefined
      ? [
          ...batches.flatMap((batch, index) => batchSteps(set, batches, index, batch, wish, pauses ? [] : surplus)),
          ...(pauses ? [] : endSteps(set, surplus, batches.length > 0, wish)),
        ]
      : windowSteps(set, { ordinals: union(due, back), surplus: pauses ? [] : surplus, window }, wish).filter(
          ({ loop }) => !pauses || loop === true,
        )),
  ];
  return {
    version: PLAN_VERSION,
    target: { namespace: set.namespace, name: set.name },
    images: changed,
    ...(restartedAt === undefined ? {} : { restartedAt }),
    ...(renews ? { template: templateGuard(set, changed, restartedAt) } : {}),
    ...(nodes === undefined ? {} : { nodes }),
    batches,
    surplus,
    ...(canaries.length === 0 ? {} : { canaries }),
    ...(window === undefined ? {} : { window }),
    ...(pauses ? { pausesAt: without(regular, outdated).length + due.length } : {}),
    steps,
  };
}

const pods = (set: StatefulSetFacts, ordinals: readonly number[]) =>
  ordinals.map((ordinal) => `pod/${set.name}-${ordinal}`);

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
    ['drain', set.name, ordinals, AGAIN, ...drainingWords(wish)],
    services(wish),
    `no new connections for ${ordinalsText(batch)}; existing ones continue`,
  );
  const middle = [
    step(
      ['wait-zero', set.name, ordinals, AGAIN, ...wish.countingWords],
      [],
      'which peers still have connections open, and whether they close',
    ),
    step(
      ['recreate', set.name, ordinals, AGAIN, ...wish.countingWords],
      pods(set, batch),
      'the new pods: image, ready, gates',
    ),
    step(['verify', set.name, ordinals], [], 'logs of the new pods, before they get traffic'),
  ];
  const following = batches[index + 1] ?? surplus;
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
  const isLast = index === batches.length - 1;
  const to = following.length === 0 ? [] : ['--to', formatOrdinals(following)];
  const onward = step(
    ['advance', set.name, '--from', ordinals, ...to, ...drainingWords(wish)],
    services(wish),
    isLast ? 'the last batch has traffic again' : 'the batch has traffic again, the next one is drained',
  );
  return [...(index === 0 ? [first] : []), ...middle, to.length === 0 ? { ...onward, mayEnd: true } : onward];
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
      ['drain', set.name, formatOrdinals(surplus), AGAIN, ...drainingWords(wish)],
      services(wish),
      'the surplus pods get no new connections',
    ),
    step(
      ['wait-zero', set.name, formatOrdinals(surplus), AGAIN, ...wish.countingWords],
      [],
      'the surplus pods let go of their last connections',
    ),
    end,
  ];
}
