/**
 * The plan of the weight annotation: which text each Service gets, with the bookkeeping in the same patch. Pure.
 * Laws: draining is idempotent; a release drains no pod; entries of others survive.
 */
import { portKeys } from '../facts/backends.ts';
import type { Facts, ServiceWeights } from '../facts/facts.ts';
import { ownAnnotations } from '../facts/service-facts.ts';
import { excessBytes } from '../safety/annotation-size.ts';
import { intersection, ordinalSet, union, without } from '../target/ordinals.ts';
import { BOOKKEEPING_FORMAT } from '../values/bookkeeping-format.ts';
import { zeroSeenText } from '../zero/zero-seen.ts';
import { annotationText } from './annotation-text.ts';
import { zerosByHand } from './by-hand.ts';
import { canariesText, canariesWithout } from './canary.ts';
import { type Canaries, type Zeros, zerosOn } from './drain-set.ts';
import { type KeptAdvance, keptAdvanceText } from './kept-advance.ts';
import { blankText, keptBlankText } from './kept-blank.ts';
import { keyText, RS_WEIGHT_ANNOTATION } from './rs-weight.ts';
import { keptMoments, voidedMoments } from './written-moments.ts';

export interface WeightChange {
  service: string;
  resourceVersion: string;
  /** The annotations to set, null to remove; empty: nothing to write. */
  annotations: Readonly<Record<string, string | null>>;
  /** Ordinals that hold 0 or a canary weight afterwards. */
  held: readonly number[];
  /** Bytes of all annotations afterwards, where the API server would not accept as many; absent: they fit. */
  excess?: number;
  /** This run has written this Service in a round before, which a conflict at another one ended. Absent: it has not. */
  earlier?: true;
}

/** The weights to hold on one Service. */
interface Wish {
  zeros: Zeros;
  canaries: Canaries;
  /** Whether this write begins a drain: the weights before it are kept, unless they are kept already. */
  begins: boolean;
  /** The note that advance keeps of this write; absent: the note of an earlier one is void with the first change of a weight. */
  advanced?: KeptAdvance;
  /** Whether bookkeeping alone is reason enough to write. */
  clears?: boolean;
}

/** The patches under which exactly `drainSet` is at 0 on every port of every Service that leads to it; canaries that are not in it stay. Pure, as all of them. */
export const planDrain = (facts: Facts, drainSet: readonly number[]): WeightChange[] =>
  plan(facts, (weights) => ({
    zeros: everywhere(weights, facts, drainSet),
    canaries: canariesWithout(weights.canaries.held, drainSet),
    begins: true,
  }));

/** These ordinals at 0 too, wherever a Service leads to them. Law: no other ordinal is at 0 on a port where it was not. */
export const planHold = (facts: Facts, ordinals: readonly number[]): WeightChange[] =>
  plan(facts, (weights) => {
    const added = everywhere(weights, facts, ordinals);
    return {
      zeros: (key) => union(zerosOn(weights.current?.document, key, facts.set.name), added(key)),
      canaries: canariesWithout(weights.canaries.held, ordinals),
      begins: true,
    };
  });

/** The batch of one advance: no other ordinal than one of `back` gets more weight by it. */
export interface GivenBack {
  /** The canaries among them get their own weight back. */
  back: readonly number[];
  /** All that is at 0 afterwards. */
  zeros: readonly number[];
  /** The note of this very write; absent: none is kept. */
  advanced?: KeptAdvance | undefined;
  /** Of `zeros` those that stay at 0 where they are, and nowhere else. */
  asItIs?: readonly number[];
}

/** As planDrain, and the canaries that go back with the batch get their own weight. */
export const planAdvance = (facts: Facts, { back, zeros, advanced, asItIs = [] }: GivenBack): WeightChange[] =>
  plan(facts, (weights) => ({
    zeros: everywhere(weights, facts, zeros, asItIs),
    canaries: canariesWithout(weights.canaries.held, union(back, zeros)),
    begins: true,
    ...(advanced === undefined ? {} : { advanced }),
  }));

/** These ordinals at this canary weight on every port of every Service that leads to them, `released` of them at their own; no other weight changes. */
export const planRaise = (
  facts: Facts,
  ordinals: readonly number[],
  weight: number,
  released: readonly number[],
): WeightChange[] =>
  plan(facts, (weights) => ({
    zeros: (key) => without(zerosOn(weights.current?.document, key, facts.set.name), ordinals),
    canaries: new Map([
      ...canariesWithout(weights.canaries.held, ordinals),
      ...without(ordinals, released)
        .filter(weights.selection.reaches)
        .map((ordinal): [number, number] => [ordinal, weight]),
    ]),
    begins: true,
  }));

/** These ordinals get their weight back wherever they hold 0 or a canary weight. Law: no ordinal is at 0 afterwards that was not before. */
export const planRelease = (facts: Facts, ordinals: readonly number[]): WeightChange[] =>
  plan(facts, (weights) => ({
    zeros: (key) => without(zerosOn(weights.current?.document, key, facts.set.name), ordinals),
    canaries: canariesWithout(weights.canaries.held, ordinals),
    begins: false,
  }));

/** The same for the zeros of ours alone: what stood before our first drain, or without a record of ours, stays on the port where it is. */
export const planReturn = (facts: Facts, ordinals: readonly number[]): WeightChange[] =>
  plan(facts, (weights) => ({
    zeros: (key) => {
      const zeros = zerosOn(weights.current?.document, key, facts.set.name);
      return without(zeros, without(ordinals, zerosByHand(weights, key, facts.set.name)));
    },
    canaries: canariesWithout(weights.canaries.held, ordinals),
    begins: false,
  }));

/**
 * Everything as it was before the first drain. Where none is kept nothing is ours to give back, and who drained by hand
 * keeps what they did.
 */
export const planWholeRelease = (facts: Facts): WeightChange[] =>
  plan(facts, (weights) => {
    const { current, former } = weights;
    const zeros: Zeros = (key) => zerosOn(current?.document, key, facts.set.name);
    const kept: Zeros = (key) => intersection(zeros(key), zerosOn(former?.document, key, facts.set.name));
    return { zeros: former === undefined ? zeros : kept, canaries: new Map(), begins: false, clears: true };
  });

/** The same, but that these ordinals keep what they hold. */
export const planReleaseBeside = (facts: Facts, staying: readonly number[]): WeightChange[] =>
  plan(facts, (weights) => {
    const { current, former } = weights;
    const zeros: Zeros = (key) => zerosOn(current?.document, key, facts.set.name);
    const kept: Zeros = (key) =>
      intersection(zeros(key), [...staying, ...zerosOn(former?.document, key, facts.set.name)]);
    const canaries = new Map([...weights.canaries.held].filter(([ordinal]) => staying.includes(ordinal)));
    return { zeros: former === undefined ? zeros : kept, canaries, begins: false };
  });

const plan = (facts: Facts, wishOf: (weights: ServiceWeights) => Wish): WeightChange[] =>
  facts.services.map((weights) => {
    const wish = wishOf(weights);
    const annotations = changedAnnotations(weights, facts, wish);
    const excess = excessBytes(weights.service.annotations, annotations);
    return {
      service: weights.service.name,
      resourceVersion: weights.service.resourceVersion,
      annotations,
      ...(excess === undefined ? {} : { excess }),
      held: ordinalSet([...weights.keys.flatMap(wish.zeros), ...wish.canaries.keys()]),
    };
  });

/**
 * On the ports that the Service has; of one that it no longer has nothing new is asked. A pod that the Service does not lead to
 * needs no weight there, but one that holds 0 keeps it: a drain takes nothing back.
 */
function everywhere(
  { service, selection, current }: ServiceWeights,
  { set }: Facts,
  drainSet: readonly number[],
  asItIs: readonly number[] = [],
): Zeros {
  const ports = new Set(portKeys(service).map(keyText));
  const led = without(drainSet, asItIs).filter(selection.reaches);
  return (key) => {
    const zeros = zerosOn(current?.document, key, set.name);
    return ports.has(keyText(key)) ? union(led, intersection(zeros, drainSet)) : zeros;
  };
}

/** The Services that a plan of these ordinals has to do with: those that lead to one of them, or are written. */
export const concerned = (facts: Facts, plan: readonly WeightChange[], ordinals: readonly number[]): WeightChange[] =>
  plan.filter((change) => {
    const selection = facts.services.find(({ service }) => service.name === change.service)?.selection;
    return isChange(change) || ordinals.some((ordinal) => selection?.reaches(ordinal));
  });

function changedAnnotations(
  weights: ServiceWeights,
  facts: Facts,
  { zeros, canaries, begins, advanced, clears = false }: Wish,
): Record<string, string | null> {
  const { service, current, keys } = weights;
  const own = ownAnnotations(facts.set.name);
  const nothingHeld = canaries.size === 0 && keys.every((key) => zeros(key).length === 0);
  const former = weights.former === undefined && begins && !nothingHeld ? (current ?? null) : weights.former;
  const text = annotationText({
    current,
    former,
    keys,
    statefulSet: facts.set.name,
    zeros,
    canaries: { kept: weights.canaries.kept, wanted: canaries, ports: portKeys(service) },
  });
  const isBack =
    canaries.size === 0 &&
    keys.every((key) => without(zeros(key), zerosOn(former?.document, key, facts.set.name)).length === 0);
  const done = nothingHeld || former === undefined || isBack;
  const wanted: Record<string, string | null> = {
    [RS_WEIGHT_ANNOTATION]: text,
    [own.former]: done ? null : (former?.text ?? ''),
    [own.format]: done ? null : String(BOOKKEEPING_FORMAT),
    [own.zeroSeen]: zeroSeenText(service, keptMoments(weights, facts, zeros)),
    [own.canary]: canaryText(weights, own.canary, canaries),
    [own.blank]: blankBookkeeping(weights, own.blank, { begins: weights.former === undefined && !done, done, text }),
    ...(text === (service.weightText ?? null) ? {} : voidedMoments(service, facts.set.name)),
  };
  const now: Readonly<Record<string, string | undefined>> = {
    ...service.annotations,
    [RS_WEIGHT_ANNOTATION]: service.weightText,
  };
  // Bookkeeping that this version cannot read belongs to another version: it stays.
  if (weights.advanced !== 'unknown' && (clears || text !== (service.weightText ?? null)))
    wanted[own.advanced] = advanced === undefined ? null : keptAdvanceText(advanced);
  const changed = Object.entries(wanted).filter(([key, value]) => (now[key] ?? null) !== value);
  // A remembered moment that lost its worth is no reason to write, nor is a missing number; both go with the next real change.
  const isAside = (key: string): boolean => key === own.zeroSeen || (key === own.format && !clears);
  return changed.every(([key]) => isAside(key)) ? {} : Object.fromEntries(changed);
}

/** The drain that begins keeps a blank text. That text outlives the drain, until the text is back; where another text stands, it is void. */
function blankBookkeeping(
  { service: { annotations } }: ServiceWeights,
  key: string,
  { begins, done, text }: { begins: boolean; done: boolean; text: string | null },
): string | null {
  const blank = blankText(annotations);
  if (begins && blank !== undefined) return keptBlankText(blank);
  const isVoid = done ? text !== null || blank !== undefined : begins && RS_WEIGHT_ANNOTATION in annotations;
  return isVoid ? null : (annotations[key] ?? null);
}

/** The text that stands, where it says the same: one that the version before wrote has no number, which is no reason to write. */
function canaryText({ service, canaries }: ServiceWeights, key: string, wanted: Canaries): string | null {
  const text = canariesText(wanted);
  return text !== null && canariesText(canaries.kept) === text ? (service.annotations[key] ?? text) : text;
}

/** Those that are to be written, or that this run has written. */
export const changes = (plan: readonly WeightChange[]): WeightChange[] => plan.filter(isChange);

export const isChange = ({ annotations, earlier }: WeightChange): boolean =>
  earlier === true || Object.keys(annotations).length > 0;
