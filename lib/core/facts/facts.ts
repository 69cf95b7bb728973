/** Everything about a target that decisions rest on, and how it is read from its objects. */

import { type Refusal, RefusedError } from '../errors.ts';
import { ordinalSet } from '../target/ordinals.ts';
import { type PodFacts, readPods } from '../target/pod.ts';
import { setFormatRefusals } from '../target/set-format.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { kubectl, own } from '../values/command.ts';
import { type Known, known, unknown } from '../values/known.ts';
import type { AnnotationState } from '../weights/annotation-text.ts';
import { drainedByHand } from '../weights/by-hand.ts';
import { readCanaries } from '../weights/canary.ts';
import { type Canaries, canariesHeld, keysNaming, zerosOn } from '../weights/drain-set.ts';
import { type KeptAdvance, readKeptAdvance } from '../weights/kept-advance.ts';
import { holdsWeights, type LeftBehind, leftOn } from '../weights/left-behind.ts';
import { keyText, type ParseContext, type PortKey, parseRsWeight } from '../weights/rs-weight.ts';
import { portKeys } from './backends.ts';
import { insideServices } from './inside.ts';
import type { KubeObject } from './kube-object.ts';
import { NO_SELECTION, type Selection, selectionOf } from './selection.ts';
import { ownAnnotations, type ServiceFacts } from './service-facts.ts';
import { formatRefusals } from './service-format.ts';
import { strangersAmong } from './strangers.ts';

export interface ServiceWeights {
  service: ServiceFacts;
  /** Which of the pods it leads to. */
  selection: Selection;
  current: AnnotationState | undefined;
  /** The ports of the Service, and those beyond on which the annotation still says something of the StatefulSet. */
  keys: readonly PortKey[];
  /**
   * undefined: no drain of ours is kept; null: there was no annotation before it. Bookkeeping over which nothing is held
   * any longer (the annotation has been removed) belongs to a drain that is over, and does not count.
   */
  former: AnnotationState | null | undefined;
  /** Canaries as they are kept on this Service, and those of them that no other writer has changed since. */
  canaries: { kept: Canaries; held: Canaries };
  /** The last write of advance; 'unknown': bookkeeping of another format, which is neither trusted nor erased. */
  advanced: KeptAdvance | 'unknown' | undefined;
  /** Ordinals at 0 on at least one port, and on every port. */
  drained: { some: readonly number[]; all: readonly number[] };
  /** Why the annotation or its bookkeeping cannot be understood: what it says is unknown then. Only where facts report it. */
  unreadable: readonly Refusal[];
}

export interface Facts {
  set: StatefulSetFacts;
  pods: readonly PodFacts[];
  /** Ordinals whose pod is there and is not the StatefulSet's own. */
  strangers: readonly number[];
  services: readonly ServiceWeights[];
  /** The drain set: ordinals at 0 on any port of any Service. */
  drainSet: readonly number[];
  /** Those of them that are at 0 on every port of every Service that leads to them. */
  atZero: readonly number[];
  /** Of the drain set, those that hold no 0 of ours: somebody drained them by hand, before our first drain or without it. */
  byHand: readonly number[];
  /** Ordinals that hold a canary weight of ours on any Service. */
  canaries: Canaries;
  /** Whether every Service and port that leads to the drained pods holds them at 0; false after a write that was interrupted half-way. */
  consistent: boolean;
  /** Whether a Service keeps what there was before a drain, or canaries: of a drain that is on, or what an ended one has left. */
  bookkept: boolean;
  /** Services that keep weights of the target and no longer lead to its pods. */
  leftBehind: readonly LeftBehind[];
  /** Every other Service, of any type, that leads clients inside the cluster to a pod of the target. */
  inside: Known<readonly ServiceFacts[]>;
}

/** Objects of the API that facts are read from. */
export interface TargetObjects {
  set: StatefulSetFacts;
  services: readonly ServiceFacts[];
  pods: readonly KubeObject[];
  /** Why `services` are not all there are; undefined: they are. */
  unlisted?: string | undefined;
}

/**
 * Facts out of what the API server answered. Throws RefusedError for a Service that is named and does not fit, and for an
 * annotation that cannot be understood or bookkeeping of an unknown format; with `unreadable: 'report'` such annotations are reported in
 * `ServiceWeights.unreadable` instead.
 */
export function factsOf(
  { set, services, pods, unlisted }: TargetObjects,
  {
    named,
    unreadable,
    leftBehind,
  }: { named?: readonly string[] | undefined; unreadable: Unreadable; leftBehind?: 'include' | undefined },
): Facts {
  const own = ownAnnotations(set.name);
  const read = readPods(pods, set);
  const chosen = chooseServices(services, set, read, { named, leftBehind });
  const leads = new Set(chosen.flatMap(({ service, selection }) => (selection === NO_SELECTION ? [] : [service])));
  const foreign = [...setFormatRefusals(set), ...chosen.flatMap(({ service }) => formatRefusals(service, set.name))];
  if (unreadable === 'refuse' && foreign.length > 0) throw new RefusedError(foreign);
  const weights = chosen.map(({ service, selection }) =>
    readWeights(service, selection, set.name, unreadable === 'report'),
  );
  const drainSet = ordinalSet(weights.flatMap((each) => each.drained.some));
  const readable = weights.filter((each) => !isUnknown(each));
  const isAtZero = (ordinal: number): boolean =>
    readable.every(({ selection, drained }) => !selection.reaches(ordinal) || drained.all.includes(ordinal));
  const atZero = drainSet.filter(isAtZero);
  return {
    set,
    pods: read,
    strangers: strangersAmong(pods, read, set),
    services: weights,
    drainSet,
    atZero,
    byHand: drainedByHand(weights, drainSet, set.name),
    bookkept: weights.some(({ service: { annotations } }) =>
      [own.former, own.canary, own.blank].some((key) => annotations[key] !== undefined),
    ),
    canaries: new Map(weights.flatMap((each) => [...each.canaries.held])),
    consistent: atZero.length === drainSet.length,
    leftBehind: services
      .filter((service) => holdsWeights(service, set.name) && !leads.has(service) && !chooses(service, set, read))
      .flatMap((service) => leftOn(service, set.name) ?? []),
    inside:
      unlisted === undefined
        ? known(
            insideServices(
              services,
              chosen.map(({ service }) => service),
              set,
              read,
            ),
          )
        : unknown(unlisted),
  };
}

/** The treatment of an annotation that cannot be understood: the verb is refused, or the facts report it. */
export type Unreadable = 'refuse' | 'report';

/** Whether the weights that the annotation asks for are unknown: it cannot be read. */
export const isUnknown = ({ service, current }: ServiceWeights): boolean =>
  service.weightText !== undefined && current === undefined;

/** Where the text from before the first drain is kept, the cure is to put that back, and not to remove everything. */
const putBack = (statefulSet: string): Partial<ParseContext> => ({
  cure: own('restore', statefulSet, '--weights-only', '--force').note('puts back the text from before the first drain'),
});

/** The bookkeeping alone is damaged: the weights themselves are what they should be, and its cure must not touch them. */
const formerContext = (service: string, statefulSet: string): ParseContext => ({
  rule: 'record-parses',
  annotation: ownAnnotations(statefulSet).former,
  cure: kubectl('annotate', 'service', service, `${ownAnnotations(statefulSet).former}-`).note(
    `forgets the weights from before the first drain; drained ordinals are given back by number then (restore ${statefulSet} 0,1)`,
  ),
});

/** How a Service of type LoadBalancer leads to the pods; undefined: it does not. */
const chooses = (service: ServiceFacts, set: StatefulSetFacts, pods: readonly PodFacts[]): Selection | undefined =>
  service.type === 'LoadBalancer'
    ? selectionOf(service, set, pods, { held: holdsWeights(service, set.name) })
    : undefined;

/**
 * The selected Services: all that fit, or those named; with `leftBehind: 'include'` those too that only keep weights of the
 * target. Throws RefusedError for a name that does not fit.
 */
export function chooseServices(
  all: readonly ServiceFacts[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  { named, leftBehind }: { named: readonly string[] | undefined; leftBehind: 'include' | undefined },
): { service: ServiceFacts; selection: Selection }[] {
  const matching = all.flatMap((service) => {
    // One that is named keeps nothing once it is given back: to name it again changes nothing.
    const keeps = holdsWeights(service, set.name) || named?.includes(service.name) === true;
    const kept = leftBehind === 'include' && keeps ? NO_SELECTION : undefined;
    const selection = chooses(service, set, pods) ?? kept;
    return selection === undefined ? [] : [{ service, selection }];
  });
  if (named === undefined) return matching;
  const missing = named.filter((name) => !matching.some(({ service }) => service.name === name));
  if (missing.length > 0) {
    const names = matching.map(({ service }) => service.name).join(', ') || 'none';
    throw new RefusedError([
      {
        rule: 'service-found',
        message: `--service ${missing.join(',')}: not a Service of type LoadBalancer that selects the pods of statefulset/${set.name} (those are: ${names})`,
      },
    ]);
  }
  return matching.filter(({ service }) => named.includes(service.name));
}

function readWeights(
  service: ServiceFacts,
  selection: Selection,
  statefulSet: string,
  tolerant: boolean,
): ServiceWeights {
  const own = ownAnnotations(statefulSet);
  const unreadable = formatRefusals(service, statefulSet);
  const kept = unreadable.length > 0 ? undefined : service.annotations[own.former];
  const readable = (text: string, reading: Partial<ParseContext>): AnnotationState | undefined => {
    try {
      return { text, document: parseRsWeight(text, service.name, reading) };
    } catch (error) {
      if (!tolerant || !(error instanceof RefusedError)) throw error;
      unreadable.push(...error.refusals);
      return undefined;
    }
  };
  const text = service.weightText;
  const current = text === undefined ? undefined : readable(text, kept === undefined ? {} : putBack(statefulSet));
  const ports = portKeys(service);
  const keys = [
    ...new Map([...ports, ...keysNaming(current?.document, statefulSet)].map((key) => [keyText(key), key])).values(),
  ];
  const perPort = ports.map((key) => zerosOn(current?.document, key, statefulSet));
  const canaries = readCanaries(service.annotations[own.canary]);
  const held = canariesHeld(current?.document, ports, statefulSet, canaries);
  const some = ordinalSet(perPort.flat());
  const isOver = held.size === 0 && keys.every((key) => zerosOn(current?.document, key, statefulSet).length === 0);
  const former =
    kept === undefined || isOver
      ? undefined
      : kept === ''
        ? null
        : readable(kept, formerContext(service.name, statefulSet));
  return {
    service,
    selection,
    current,
    keys,
    former,
    canaries: { kept: canaries, held },
    advanced: readKeptAdvance(service.annotations[own.advanced]),
    drained: { some, all: some.filter((ordinal) => perPort.every((zeros) => zeros.includes(ordinal))) },
    unreadable,
  };
}
