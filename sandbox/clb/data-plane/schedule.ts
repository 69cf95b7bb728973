/**
 * Which backend the next connection goes to. Pure but for the turn counters of the round robin.
 * Law: a backend of weight 0 is never chosen; an unhealthy one only when no weighted backend is healthy.
 */
import type { Scheduler, TargetHealth } from '../model.ts';

/** The part of a backend that scheduling looks at. */
export interface Schedulable {
  readonly weight: number;
  readonly health: TargetHealth;
  readonly openConnections: number;
  /** Running credit of the smooth weighted round robin. */
  credit: number;
}

/**
 * The backends that may get new connections: weighted and healthy ones; when every weighted one is unhealthy or still
 * probed, all weighted ones ("all dead = all alive", CLB documentation, health check overview). Empty: none may.
 */
export function eligible<T extends Schedulable>(targets: Iterable<T>): T[] {
  const weighted: T[] = [];
  const healthy: T[] = [];
  for (const target of targets) {
    if (target.weight <= 0) continue;
    weighted.push(target);
    if (target.health === 'alive' || target.health === 'off') healthy.push(target);
  }
  return healthy.length > 0 ? healthy : weighted;
}

/** Smooth weighted round robin: every turn each backend earns its weight and the richest pays the total. */
export function nextByTurn<T extends Schedulable>(candidates: readonly T[]): T | undefined {
  let total = 0;
  let best: T | undefined;
  for (const target of candidates) {
    total += target.weight;
    target.credit += target.weight;
    if (best === undefined || target.credit > best.credit) best = target;
  }
  if (best !== undefined) best.credit -= total;
  return best;
}

/** The backend with the fewest open connections per weight. */
export function leastConnections<T extends Schedulable>(candidates: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const target of candidates) {
    if (best === undefined || target.openConnections / target.weight < best.openConnections / best.weight) {
      best = target;
    }
  }
  return best;
}

/** The backend whose share of the weights the client's address falls into. */
export function byAddressHash<T extends Schedulable>(candidates: readonly T[], clientAddress: string): T | undefined {
  const total = candidates.reduce((sum, target) => sum + target.weight, 0);
  let place = total > 0 ? hashOf(clientAddress) % total : 0;
  for (const target of candidates) {
    if (place < target.weight) return target;
    place -= target.weight;
  }
  return undefined;
}

/** By the client's address alone: every backend has the same share, those of weight 0 too. */
export function byAddressAlone<T extends Schedulable>(targets: readonly T[], clientAddress: string): T | undefined {
  const alive = targets.filter(({ health }) => health === 'alive' || health === 'off');
  return alive[hashOf(clientAddress) % alive.length];
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash;
}

/** Chooses among eligible backends as the listener's scheduler says. */
export function choose<T extends Schedulable>(
  scheduler: Scheduler,
  candidates: readonly T[],
  clientAddress: string,
): T | undefined {
  if (scheduler === 'LEAST_CONN') return leastConnections(candidates);
  if (scheduler === 'IP_HASH') return byAddressHash(candidates, clientAddress);
  return nextByTurn(candidates);
}
