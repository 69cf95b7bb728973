/**
 * The proof of zero that `wait-zero` leaves for `recreate`: which pods were at zero, by which sources, since when, and when
 * each was last read. It shortens the stability window of the next command and replaces no reading.
 * Laws: no proof survives another UID or container, a weight above 0 in between, another writer of the weights, a gap, a clock
 * that is off, other backends, other sources or parameters of theirs, or another format.
 */
import { formatTime, parseTime } from '../values/time.ts';
import type { CarriedRun } from './verdict.ts';

const FORMAT = 1;
/** The Date header names whole seconds (RFC 9110, 6.6.1): two machines know each other's time to two seconds. */
const FOREIGN_CLOCK_MS = 2_000;
/** The clock of one machine is taken for set when its distance from the API server's changes by more than a Date header's second. */
const CLOCK_SET_MS = 1_000;

/** What was counted, as one text each: a proof holds only where all of it is the same again. */
export interface ProofTerms {
  /** Sources of moments with their parameters, and the number of connections that is accepted. */
  rule: string;
  /** Pod UID to its containers and backends. */
  counted: ReadonlyMap<string, string>;
}

/** By the API server's clock. */
export interface ProofMoments {
  /** Which machine and boot: its own clock is exact for itself. '' where that is not known. */
  machine: string;
  /** How far that machine's clock was ahead of the API server's, in milliseconds. */
  aheadMs: number;
  /** Pod UID to the run that every source of moments proved on every backend. */
  runs: ReadonlyMap<string, CarriedRun>;
}

/** As it stands in the annotation. */
export interface ProofRecord {
  format: number;
  rule: string;
  machine: string;
  aheadMs: number;
  pods: Record<string, { counted: string; from: string; last: string }>;
}

/** The record of these runs; undefined: there is nothing to prove. */
export function proofRecord(
  { rule, counted }: ProofTerms,
  { machine, aheadMs, runs }: ProofMoments,
): ProofRecord | undefined {
  const pods = [...runs]
    .flatMap(([uid, { fromMs, lastMs }]) => {
      const what = counted.get(uid);
      return what === undefined
        ? []
        : [[uid, { counted: what, from: formatTime(fromMs), last: formatTime(lastMs) }] as const];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return pods.length === 0 ? undefined : { format: FORMAT, rule, machine, aheadMs, pods: Object.fromEntries(pods) };
}

/** The runs that still hold, and for each other pod of the record why it does not. */
export interface Believed {
  /** Pod UID to its run, by the clock of this machine. */
  runs: ReadonlyMap<string, CarriedRun>;
  /** Why a window is counted again; empty where the record holds or there is none. */
  because: readonly string[];
}

/** `record`: what the annotation holds, of any shape. `now`: this machine as it is at its first reading. */
export function believeProof(
  record: unknown,
  { rule, counted }: ProofTerms,
  now: { machine: string; aheadMs: number },
): Believed {
  const none = (because: string): Believed => ({ runs: new Map(), because: [because] });
  if (record === undefined || record === null) return { runs: new Map(), because: [] };
  const proof = readRecord(record);
  if (proof === undefined) return none('the proof of wait-zero has a format that this version does not know');
  if (proof.rule !== rule) return none('wait-zero counted by other sources, or by other settings of theirs');
  const isOwn = proof.machine !== '' && proof.machine === now.machine;
  if (isOwn && Math.abs(proof.aheadMs - now.aheadMs) > CLOCK_SET_MS)
    return none('the clock of this machine was set since wait-zero');
  const slackMs = isOwn ? 0 : FOREIGN_CLOCK_MS;
  // On the machine that wrote it, its own clock is exact: what it took for the distance then is taken back.
  const shiftMs = isOwn ? proof.aheadMs : now.aheadMs;
  const runs = new Map<string, CarriedRun>();
  const because: string[] = [];
  for (const [uid, { counted: before, from, last }] of Object.entries(proof.pods)) {
    const [fromMs, lastMs] = [parseTime(from), parseTime(last)];
    const isSame = counted.get(uid) === before;
    if (!counted.has(uid)) continue;
    if (!isSame) because.push('its containers or its backends are not those that wait-zero counted');
    else if (!(fromMs <= lastMs)) because.push('the proof of wait-zero holds no times');
    // Later for the beginning and earlier for the end: what is not known for sure is not claimed.
    else if (fromMs + slackMs <= lastMs - slackMs)
      runs.set(uid, { fromMs: fromMs + shiftMs + slackMs, lastMs: lastMs + shiftMs - slackMs });
  }
  return { runs, because: [...new Set(because)] };
}

function readRecord(value: unknown): ProofRecord | undefined {
  const record = value as Partial<ProofRecord>;
  const isWhole =
    record.format === FORMAT &&
    typeof record.rule === 'string' &&
    typeof record.machine === 'string' &&
    typeof record.aheadMs === 'number' &&
    typeof record.pods === 'object' &&
    record.pods !== null;
  return isWhole ? (record as ProofRecord) : undefined;
}
