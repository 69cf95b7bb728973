/**
 * The sliding window: from what one look saw to everything that is done about it.
 * Laws: never more than `maxUnavailable` pods out by our own doing, and none is begun that serves while as many are out, for whatever
 * reason; no deletion without a proof of zero at this look; a sick updated pod begins nothing new; the same look gives the same actions.
 */
import { ordinalSet, without } from '../target/ordinals.ts';
import { failsForLong, holdsUpHigher, isOut, type SeenPod } from './place.ts';

export interface WindowWish {
  /** How many pods may be out of service at any moment (Kubernetes' word), at least 1. */
  maxUnavailable: number;
  /** `each`: a pod that has come back makes room at once. `all`: the next ones begin when none is out, which is a batch. */
  refill: 'each' | 'all';
  /** OrderedReady: the controller makes no pod before every lower ordinal is ready, so none above one that is down is deleted, drained or not. */
  ordered: boolean;
  /** How many pods may be updated or on their way at the end of this run; Infinity: all of them. */
  most: number;
  /** Pods that may still be begun before a person is asked again; Infinity with --yes. */
  allowance: number;
  /** A pod that is drained longer than this, in milliseconds, and has connections, gets its weight back and comes last; undefined: it is waited for. */
  busyAfterMs?: number | undefined;
  /** Ordinals whose turn comes after all others: they were busy for too long. */
  deferred: ReadonlySet<number>;
  /** Somebody has paused the upgrade: nothing is drained and nothing is deleted. */
  paused: boolean;
  /** A gate has failed, or a replacement does not come back: nothing new is drained. */
  stopped: boolean;
}

export interface WindowActions {
  /** Ordinals that get their weight back, because they are updated and healthy. */
  restore: readonly number[];
  /** Ordinals that get their weight back as they are, because their clients do not leave. */
  defer: readonly number[];
  drain: readonly number[];
  /** Drained ordinals that are drained again, for a Service or port that does not hold them at 0; nothing else is drained then. */
  level: readonly number[];
  delete: readonly number[];
  /** Pods that would be begun now, were the person at the terminal asked. Empty: no question is due. */
  ask: readonly number[];
  /** Updated pods that will not get well by waiting. */
  sick: readonly number[];
  /** Whether anything can change by waiting: false with nothing to do is the end, or a stop. */
  waiting: boolean;
  /** Every pod is updated and observed, or as many as the run comes to are, and no other is on its way. */
  done: boolean;
}

/** Pure. `seen`: every ordinal of the target but the surplus, each once. */
export function windowActions(seen: readonly SeenPod[], wish: WindowWish): WindowActions {
  const byPlace = Map.groupBy(seen, ({ place }) => place);
  const at = (...places: SeenPod['place'][]): number[] =>
    ordinalSet(places.flatMap((place) => byPlace.get(place) ?? []).map(({ ordinal }) => ordinal));
  const sick = at('sick');
  const defer = wish.paused ? [] : deferred(seen, wish);
  // A deferred pod holds its place until the load balancer sends to it again, as any other that comes back.
  const out = seen.filter(isOut);
  const waitTheirTurn = at('serving', 'failing').length;
  const room = Math.max(0, wish.most - (seen.length - waitTheirTurn));
  const next = wish.paused || wish.stopped || sick.length > 0 ? [] : nextOrdinals(seen, out, wish).slice(0, room);
  const level = wish.paused ? [] : without(ordinalSet(seen.filter(isUneven).map(({ ordinal }) => ordinal)), defer);
  // They hold their places already, and have been agreed to.
  const begun = level.length > 0 ? [] : next;
  const isAsked = begun.length > 0 && wish.allowance < 1;
  const drain = isAsked ? [] : begun.slice(0, wish.allowance);
  const deletable = wish.paused ? [] : deletions(seen, wish);
  const moving = at('draining', 'starting', 'returning', 'soaking');
  const isDue = (pod: SeenPod): boolean =>
    isDueSoon(pod) || (deletable.includes(pod.ordinal) && (pod.forMs ?? 0) < SHORTLY_MS);
  return {
    restore: at('ready'),
    defer,
    drain: ordinalSet(drain),
    level,
    delete: deletable,
    // While a question is open nothing else goes on: it comes once no pod that is out needs anything soon.
    ask: isAsked && defer.length === 0 && !seen.some(isDue) ? ordinalSet(begun) : [],
    sick,
    waiting: moving.length > 0 || at('at-zero').length > deletable.length,
    done: at('done').length + (room === 0 ? waitTheirTurn : 0) === seen.length,
  };
}

/**
 * It comes back, or is about to be at zero. A pod with clients may stay for hours, and holds no question up; nor does one that
 * ought to have come back, or to be proved at zero, and is not.
 */
const isDueSoon = ({ place, busy = false, drainedForMs = 0, forMs = 0, zeroFor }: SeenPod): boolean =>
  place === 'ready' ||
  ((place === 'starting' || place === 'returning') && forMs < BACK_WITHIN_MS) ||
  (place === 'draining' && (isFilling(zeroFor) || (!busy && drainedForMs < SHORTLY_MS)));

/** A window that is full for longer than this proves nothing: another source cannot be asked. */
const isFilling = ({ filledMs, neededMs }: NonNullable<SeenPod['zeroFor']> = { filledMs: 0, neededMs: 0 }): boolean =>
  filledMs > 0 && filledMs < neededMs + SHORTLY_MS;

/** Within this time a drain shows at the load balancer and is counted, and a pod at zero is deleted, unless something forbids it. */
const SHORTLY_MS = 60_000;
/** A replacement that needs longer has an image to pull, or a place to find, and may not come at all. */
const BACK_WITHIN_MS = 300_000;

/** Its clients still come in by a Service or a port that has appeared since its drain, or that a write did not reach. */
const isUneven = ({ place, uneven = false }: SeenPod): boolean =>
  uneven && (place === 'draining' || place === 'at-zero');

/**
 * Those whose connections have not ended for too long, unless they have been deferred before: the second time they are waited
 * for. A count that is not known, and a zero that is not proved yet, are no connections.
 */
const deferred = (seen: readonly SeenPod[], { busyAfterMs, deferred: already }: WindowWish): number[] =>
  busyAfterMs === undefined
    ? []
    : ordinalSet(
        seen
          .filter(
            ({ place, busy = false, uneven = false, drainedForMs = 0 }) =>
              place === 'draining' && busy && !uneven && drainedForMs >= busyAfterMs,
          )
          .map(({ ordinal }) => ordinal)
          .filter((ordinal) => !already.has(ordinal)),
      );

/**
 * Outdated pods that have failed for a while come first, for they cost no capacity: each holds its place already. As many of
 * them as the window has places are begun, whatever else fails. The others follow, as many as places are free, lowest ordinal
 * first, deferred ones last.
 */
function nextOrdinals(seen: readonly SeenPod[], out: readonly SeenPod[], wish: WindowWish): number[] {
  const size = Math.max(1, wish.maxUnavailable);
  const failing = ordinalSet(seen.filter(failsForLong).map(({ ordinal }) => ordinal));
  const begun = out.filter(({ place }) => place !== 'failing');
  // One that somebody else keeps at 0 takes a place, and is waited for by no one.
  const onTheirWay = begun.filter(({ place }) => place !== 'done');
  if (wish.refill === 'all' && onTheirWay.length > 0) return [];
  if (failing.length === 0 && out.length >= size) return [];
  const serving = seen.filter(({ place }) => place === 'serving').map(({ ordinal }) => ordinal);
  const first = ordinalSet(serving.filter((ordinal) => !wish.deferred.has(ordinal)));
  const last = ordinalSet(serving.filter((ordinal) => wish.deferred.has(ordinal)));
  // One that was deferred keeps its weight until no other is left to do; then as many of them are begun as places are free.
  const others = first.length > 0 || onTheirWay.some(({ ordinal }) => !wish.deferred.has(ordinal));
  const turn = others ? first : last;
  return [...failing.slice(0, Math.max(0, size - begun.length)), ...turn.slice(0, Math.max(0, size - out.length))];
}

/**
 * At zero. With OrderedReady the controller makes no pod before every lower one is ready, so one goes at a time: the highest, none
 * while another one starts, and none above one that is down. A bad image then costs one pod. One that is down itself, and lowest,
 * goes before all others: that costs no capacity, and a missing pod above it is made only once it is replaced.
 */
function deletions(seen: readonly SeenPod[], { refill, ordered }: WindowWish): number[] {
  const zero = ordinalSet(
    seen.filter((pod) => pod.place === 'at-zero' && !isUneven(pod)).map(({ ordinal }) => ordinal),
  );
  if (refill === 'all' && seen.some(({ place }) => place === 'draining')) return [];
  if (!ordered) return zero;
  if (seen.some(({ place }) => place === 'sick')) return [];
  const lowestDown = Math.min(...seen.filter(holdsUpHigher).map(({ ordinal }) => ordinal));
  if (zero.includes(lowestDown)) return [lowestDown];
  if (seen.some(({ place }) => place === 'starting')) return [];
  return zero.filter((ordinal) => ordinal < lowestDown).slice(-1);
}
