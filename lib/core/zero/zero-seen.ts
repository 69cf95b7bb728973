/**
 * When which pod was first seen at weight 0 on its load balancer: evidence of a moment that cannot be read later.
 * It is kept on the Service, bound to pod UIDs, and is worth nothing once anybody else has written the weight annotation.
 */

import type { ServiceFacts } from '../facts/service-facts.ts';
import { BOOKKEEPING_FORMAT, formatWithin, readsFormat } from '../values/bookkeeping-format.ts';
import { formatTime, parseTime } from '../values/time.ts';

interface ZeroSeen {
  format: number;
  pods: Record<string, string>;
  /** The other writers of the annotation when this was kept. */
  writers: readonly string[];
  /** The proof of wait-zero: see Proof in proof.ts. Every other write leaves it out, and so voids it. */
  proof?: unknown;
}

/** Pod UID to clock time, from the annotation's text; empty when there is none, it cannot be read, its format is unknown, or another writer came in between. */
export function readZeroSeen(service: ServiceFacts, text: string | undefined): ReadonlyMap<string, number> {
  const before = read.get(service);
  if (before !== undefined && before.text === text) return before.seen;
  const seen = readAnew(service, text);
  read.set(service, { text, seen });
  return seen;
}

/** Of each Service that was looked at: every pod that is waited for asks for the moments at the same look. */
const read = new WeakMap<ServiceFacts, { text: string | undefined; seen: ReadonlyMap<string, number> }>();

function readAnew(service: ServiceFacts, text: string | undefined): ReadonlyMap<string, number> {
  const pairs = Object.entries(believed(service, text)?.pods ?? {}).map(([uid, at]): [string, number] => [
    uid,
    parseTime(at),
  ]);
  return new Map(pairs.filter(([, atMs]) => Number.isFinite(atMs)));
}

/** The proof beside the moments, of any shape; undefined where there is none, or where no moment would be believed. */
export const readProof = (service: ServiceFacts, text: string | undefined): unknown => believed(service, text)?.proof;

function believed(service: ServiceFacts, text: string | undefined): ReturnType<typeof parse> {
  const kept = parse(text);
  if (kept === undefined || service.otherWriters === undefined) return undefined;
  return kept.writers.join() === service.otherWriters.join() ? kept : undefined;
}

/** The annotation's new text for these pods (UID to time); null when there is nothing to remember. */
export function zeroSeenText(service: ServiceFacts, seen: ReadonlyMap<string, number>, proof?: object): string | null {
  if (seen.size === 0) return null;
  const pods = Object.fromEntries(
    [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([uid, atMs]) => [uid, formatTime(atMs)]),
  );
  const kept = { format: BOOKKEEPING_FORMAT, pods, writers: service.otherWriters ?? [] };
  return JSON.stringify({ ...kept, ...(proof === undefined ? {} : { proof }) } satisfies ZeroSeen);
}

function parse(text: string | undefined): Omit<ZeroSeen, 'format'> | undefined {
  if (text === undefined || !readsFormat(formatWithin(text))) return undefined;
  try {
    const value = JSON.parse(text) as Partial<ZeroSeen> | null;
    if (value === null || typeof value.pods !== 'object' || value.pods === null || !Array.isArray(value.writers))
      return undefined;
    return { pods: value.pods, writers: value.writers, proof: value.proof };
  } catch {
    return undefined;
  }
}
