/** The first steps of a plan, surge and image, and the words that its steps share. */

import { formatMinServing } from '../safety/floor.ts';
import { LEAVING_NODES, leavingText } from '../target/leaving-nodes.ts';
import { formatOrdinals, without } from '../target/ordinals.ts';
import { isOutdated, notServingBecause, type PodFacts, podAt } from '../target/pod.ts';
import { RESTARTED_AT, restartDue, templatePatch } from '../target/restart.ts';
import { withSetFormat } from '../target/set-format.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { regularOrdinals } from '../target/surplus.ts';
import { type HeldCanaries, heldCanariesText } from '../weights/held-canaries.ts';
import type { PlanStep, PlanWish } from './plan-step.ts';

/**
 * Flags of every step that drains. A floor of the workload's own is none: each step reads it from the annotation, and typed it
 * would no longer rise with the replicas and the budgets.
 */
export const drainingWords = ({ ignoreIngress, allowAlone, minServing }: PlanWish) => [
  ...(allowAlone === undefined ? [] : ['--allow-alone', allowAlone.join(',')]),
  ...(ignoreIngress === true ? ['--ignore-ingress'] : []),
  ...(minServing === undefined || minServing.raises === true ? [] : ['--min-serving', formatMinServing(minServing)]),
];
/** The Services, as objects that a step touches. */
export const services = (wish: PlanWish) => wish.services.map((name) => `service/${name}`);

/** Already done is no failure: the script may be run again from its first line, wherever it stopped. */
export const AGAIN = '--skip-done';

/** With `isCanary` the surplus starts on an unverified template: dark, then well, then under traffic. */
export function surgeSteps(
  set: StatefulSetFacts,
  wish: PlanWish,
  surplus: readonly number[],
  isCanary: boolean,
): PlanStep[] {
  const common = { batch: 0, tool: 'zeroloss' } as const;
  const images = Object.entries(wish.images).flatMap(([container, image]) => ['--image', `${container}=${image}`]);
  const restartedAt = restartDue(set, wish.restartedAt);
  const words = [
    ...['surge', set.name, String(wish.surge), ...(isCanary ? ['--dark'] : []), AGAIN, ...images],
    ...(restartedAt === undefined ? [] : ['--restarted-at', restartedAt]),
  ];
  const touched = [`statefulset/${set.name}`];
  if (!isCanary)
    return [
      {
        ...common,
        words,
        touches: touched,
        ordinals: [],
        look: 'the new pods serve on the old revision: capacity never falls',
      },
    ];
  return [
    {
      ...common,
      words,
      touches: [...touched, ...services(wish)],
      ordinals: [],
      look: 'the new pods start on the new revision: logs, before they get traffic',
    },
    lightStep(set, wish, surplus),
  ];
}

/** Gives a surplus without traffic its weight, once it is well. */
const lightStep = (set: StatefulSetFacts, wish: PlanWish, surplus: readonly number[]): PlanStep => ({
  ...{ batch: 0, tool: 'zeroloss' },
  words: ['advance', set.name, '--from', formatOrdinals(surplus), ...drainingWords(wish)],
  touches: services(wish),
  ordinals: surplus,
  look: 'the surplus is well and has traffic: capacity does not fall',
  mayEnd: true,
});

/**
 * A surplus that an earlier run has left without traffic, as `nextStep` treats it: it is capacity before a batch is drained. One on a
 * template that other pods have proved gets its weight before that changes; on any other it is replaced first.
 */
export function darkSteps(
  { set, pods, dark }: { set: StatefulSetFacts; pods: readonly PodFacts[]; dark: readonly number[] },
  wish: PlanWish,
  renews: boolean,
): { before: PlanStep[]; after: PlanStep[] } {
  const isWell = (ordinal: number): boolean => notServingBecause(podAt(pods, ordinal), set) === undefined;
  const isProven = renews && regularOrdinals(set).some(isWell);
  const lit = isProven ? dark.filter(isWell) : [];
  const rest = without(dark, lit);
  const stale = renews
    ? rest
    : rest.filter((ordinal) => pods.some((pod) => pod.ordinal === ordinal && isOutdated(pod, set)));
  const common = { batch: 0, tool: 'zeroloss', ordinals: stale } as const;
  const step = (verb: string) => [verb, set.name, formatOrdinals(stale), AGAIN, ...wish.countingWords];
  const replace: PlanStep[] = [
    { ...common, words: step('wait-zero'), touches: [], look: 'the surplus pods let go of their last connections' },
    {
      ...common,
      words: step('recreate'),
      touches: stale.map((ordinal) => `pod/${set.name}-${ordinal}`),
      look: 'the surplus comes back on the new revision: logs, before it gets traffic',
    },
  ];
  return {
    before: lit.length === 0 ? [] : [lightStep(set, wish, lit)],
    after: [...(stale.length === 0 ? [] : replace), ...(rest.length === 0 ? [] : [lightStep(set, wish, rest)])],
  };
}

/** The new template, by kubectl itself: one revision, and none where the same step is taken again. */
export function templateStep(
  set: StatefulSetFacts,
  images: Readonly<Record<string, string>>,
  restartedAt: string | undefined,
): PlanStep {
  const object = `statefulset/${set.name}`;
  const texts = Object.entries(images).map(([container, image]) => `${container}=${image}`);
  const patch = JSON.stringify({ spec: { template: templatePatch(set, images, restartedAt) } });
  return {
    batch: 0,
    tool: 'kubectl',
    words: restartedAt === undefined ? ['set', 'image', object, ...texts] : ['patch', object, '-p', patch],
    touches: [object],
    ordinals: [],
    look: 'nothing restarts: the update strategy is OnDelete',
  };
}

/** Whether it is that step; the note of nodes to leave is a patch of another type. */
export const setsTemplate = ({ tool, words }: PlanStep): boolean =>
  tool === 'kubectl' && (words[0] === 'set' || (words[0] === 'patch' && words[2] === '-p'));

/**
 * The precondition of a script that sets the template: run again after somebody else has set another one, it would set that back,
 * and replace every pod once more.
 */
export interface TemplateGuard {
  /** The values that the script sets, as kubectl reads them (`-o jsonpath=…`), with a space between two. */
  path: string;
  /** Their text when the plan was made, and once the script has set them. */
  before: string;
  after: string;
}

/** `images`, `restartedAt`: what the script sets. */
export function templateGuard(
  { images: now, initContainers, templateAnnotations }: StatefulSetFacts,
  images: Readonly<Record<string, string>>,
  restartedAt: string | undefined,
): TemplateGuard {
  const values = Object.entries(images).map(([container, image]) => {
    const kind = initContainers.includes(container) ? 'initContainers' : 'containers';
    return { at: `spec.${kind}[?(@.name=="${container}")].image`, before: now[container] ?? '', after: image };
  });
  if (restartedAt !== undefined)
    values.push({
      at: `metadata.annotations.${RESTARTED_AT.replaceAll('.', String.raw`\.`)}`,
      before: templateAnnotations[RESTARTED_AT] ?? '',
      after: restartedAt,
    });
  return {
    path: values.map(({ at }) => `{.spec.template.${at}}`).join('{" "}'),
    before: values.map(({ before }) => before).join(' '),
    after: values.map(({ after }) => after).join(' '),
  };
}

/** The nodes in the bookkeeping, where `--node` of the other verbs keeps them: every later step then counts a pod there as due. */
export function leavingStep(set: StatefulSetFacts, nodes: readonly string[]): PlanStep {
  const object = `statefulset/${set.name}`;
  const annotations = withSetFormat(set, { [LEAVING_NODES]: leavingText(set, nodes) });
  return {
    batch: 0,
    tool: 'kubectl',
    words: ['patch', object, '--type', 'merge', '-p', JSON.stringify({ metadata: { annotations } })],
    touches: [object],
    ordinals: [],
    look: `the pods on node ${nodes.join(', ')} are due from here on; the last step takes the note away`,
  };
}

/** A batch that another run has replaced and not given back, canaries too: its pods are waited for, and get all of their traffic. */
export function backSteps(
  set: StatefulSetFacts,
  ordinals: readonly number[],
  canaries: readonly HeldCanaries[],
  wish: PlanWish,
): PlanStep[] {
  if (ordinals.length === 0) return [];
  const which = formatOrdinals(ordinals);
  const common = { batch: 0, tool: 'zeroloss', ordinals } as const;
  const raised = canaries.flatMap((held) => held.ordinals);
  const waited: PlanStep = {
    ...common,
    words: ['recreate', set.name, which, AGAIN, ...wish.countingWords],
    touches: [],
    look: 'they are updated already: it waits until they are ready',
  };
  return [
    // A canary alone has nothing that recreate waits for.
    ...(without(ordinals, raised).length === 0 ? [] : [waited]),
    { ...common, words: ['verify', set.name, which], touches: [], look: 'the pods that an earlier run has replaced' },
    {
      ...common,
      words: ['restore', set.name, which],
      touches: services(wish),
      look:
        raised.length === 0
          ? 'they have traffic again; a scale-in that was stopped is given up'
          : `all of their weight at once, for the canary too (${heldCanariesText(canaries)})`,
    },
  ];
}
