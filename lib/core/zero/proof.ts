/**
 * The proof of zero that `wait-zero` leaves for `recreate`: by which sources which pods were at zero, since when, and when they
 * were last read. It shortens the stability window of the next command, and replaces no reading.
 * Laws: no proof survives another UID or container, a weight above 0 in between, another writer of the weights, a gap, a clock
 * that is off, other backends, other sources or parameters of theirs, or another format.
 */
import { backendKey } from '../facts/backends.ts';
import { digest } from '../values/digest.ts';
import { formatTime, parseTime } from '../values/time.ts';
import type { CountedBackend } from './connection-series.ts';
import type { CarriedRun } from './zero-run.ts';

const FORMAT = 1;
/** The Date header names whole seconds (RFC 9110, 6.6.1): each of two machines knows the API server's time to one second. */
const FOREIGN_CLOCK_MS = 2_000;
/** A machine's distance from the API server's clock is known to a second: a larger change is a clock that was set. */
const CLOCK_SET_MS = 1_000;

/** The backends and the way they are counted, as texts: a proof holds only where both are the same again. */
export interface ProofTerms {
  /** Every source with its parameters, the number of connections that is accepted, and the ports that are ignored. */
  rule: string;
  /** Pod UID to its containers and backends. */
  counted: ReadonlyMap<string, { containers: string; backends: string }>;
}

/** The backends that the sources of one command count. */
export interface Counting {
  sources: readonly { name: string; countsBy: string | undefined; backends: readonly CountedBackend[] }[];
  pods: readonly { uid: string; containerIds: readonly string[] }[];
  maxConnections: number;
  ignoredPorts: readonly string[];
}

export function proofTerms({ sources, pods, maxConnections, ignoredPorts }: Counting): ProofTerms {
  const texts = sources.map(({ name, countsBy = '' }) => [name, countsBy].join(' ').trim()).sort();
  const rule = [...texts, `at most ${maxConnections}`, ...[...ignoredPorts].sort().map((port) => `without ${port}`)];
  const placesOf = (uid: string): string[] =>
    sources.flatMap(({ name, backends }) =>
      backends.filter(({ podUid }) => podUid === uid).map((backend) => `${name} ${placeKey(backend)}`),
    );
  const counted = pods
    .map(({ uid, containerIds }) => ({ uid, containerIds, places: placesOf(uid) }))
    // One that no source counts was never bound: it needs no proof.
    .filter(({ places }) => places.length > 0)
    .map(({ uid, containerIds, places }) => {
      const [containers, backends] = [containerIds, places].map((all) => digest([...all].sort().join('\n')));
      return [uid, { containers: containers ?? '', backends: backends ?? '' }] as const;
    });
  return { rule: rule.join('; '), counted: new Map(counted) };
}

/** The Services that lead to a port decide which of its peers count, and so do the addresses of the node. */
const placeKey = (backend: CountedBackend): string =>
  [backendKey(backend), backend.container, ...(backend.inside?.leads ?? []), ...(backend.inside?.nodeAddresses ?? [])]
    .filter((part) => part !== undefined)
    .join(' ');

/** The clock that the runs were read by. */
export interface ProofClock {
  /** Which machine and boot: its own clock is exact for itself. '' where that is not known. */
  machine: string;
  /** How far that machine's clock is ahead of the API server's, in milliseconds; undefined: not known, and then nothing is proved. */
  aheadMs: number | undefined;
}

/** As it stands in the annotation, in the API server's time. */
export interface Proof {
  format: number;
  rule: string;
  machine: string;
  aheadMs: number;
  from: string;
  last: string;
  widestMs: number;
  /** Pod UID to digests of its containers and of its backends. */
  pods: Record<string, [containers: string, backends: string]>;
}

/** The proof of what these runs have in common; undefined: there is nothing to prove. `runs`: of every source of moments on every backend, by pod UID. */
export function proofOf(
  { rule, counted }: ProofTerms,
  { machine, aheadMs }: ProofClock,
  runs: ReadonlyMap<string, CarriedRun>,
): Proof | undefined {
  const proven = [...counted].filter(([uid]) => runs.has(uid)).sort(([a], [b]) => (a < b ? -1 : 1));
  const own = proven.flatMap(([uid]) => runs.get(uid) ?? []);
  const { fromMs, lastMs, widestMs } = commonRun(own);
  if (own.length === 0 || aheadMs === undefined || fromMs > lastMs) return undefined;
  return {
    ...{
      format: FORMAT,
      rule,
      machine,
      aheadMs,
      from: formatTime(fromMs - aheadMs),
      last: formatTime(lastMs - aheadMs),
    },
    widestMs,
    pods: Object.fromEntries(proven.map(([uid, { containers, backends }]) => [uid, [containers, backends]])),
  };
}

/** Several proofs of one moment as one: what holds for all of those that were counted as the first was; undefined: there is none. */
export function proofOfAll(proofs: readonly Proof[]): Proof | undefined {
  const [first] = proofs;
  const alike = proofs.filter((each) => each.rule === first?.rule && each.aheadMs === first.aheadMs);
  if (first === undefined) return undefined;
  const from = formatTime(Math.max(...alike.map((each) => parseTime(each.from))));
  const last = formatTime(Math.min(...alike.map((each) => parseTime(each.last))));
  const widestMs = Math.max(...alike.map((each) => each.widestMs));
  return { ...first, from, last, widestMs, pods: Object.assign({}, ...alike.map(({ pods }) => pods)) };
}

/** The part that is common to all of them. */
export const commonRun = (runs: readonly CarriedRun[]): CarriedRun => ({
  fromMs: Math.max(...runs.map(({ fromMs }) => fromMs)),
  lastMs: Math.min(...runs.map(({ lastMs }) => lastMs)),
  widestMs: Math.max(...runs.map(({ widestMs }) => widestMs)),
});

/** The proof without the pods that `keeps` does not name; undefined: none is left. */
export function proofFor(proof: Proof, keeps: (uid: string) => boolean): Proof | undefined {
  const pods = Object.fromEntries(Object.entries(proof.pods).filter(([uid]) => keeps(uid)));
  return Object.keys(pods).length === 0 ? undefined : { ...proof, pods };
}

/** For each pod that is counted either its run, or why there is none. */
export interface Believed {
  /** Pod UID to its run, by the clock of this machine. */
  runs: ReadonlyMap<string, CarriedRun>;
  /** Pod UID to the reason. */
  because: ReadonlyMap<string, string>;
}

/** `proofsOf`: what each Service that leads to the pod holds, of any shape; undefined: nothing. `now`: this machine at its first reading. */
export function believeProof(
  proofsOf: (uid: string) => readonly unknown[],
  { rule, counted }: ProofTerms,
  now: ProofClock,
): Believed {
  const runs = new Map<string, CarriedRun>();
  const because = new Map<string, string>();
  for (const [uid, expected] of counted) {
    const believed = believeOne(proofsOf(uid), uid, { rule, expected }, now);
    if (typeof believed === 'string') because.set(uid, believed);
    else runs.set(uid, believed);
  }
  return { runs, because };
}

function believeOne(
  proofs: readonly unknown[],
  uid: string,
  { rule, expected }: { rule: string; expected: { containers: string; backends: string } },
  now: ProofClock,
): CarriedRun | string {
  if (proofs.length === 0 || proofs.some((each) => each === undefined || each === null))
    return 'wait-zero left no proof, or a weight was written since';
  const whole = proofs.flatMap((each) => wholeProof(each) ?? []);
  const [proof] = whole;
  if (proof === undefined || whole.length < proofs.length)
    return 'the proof of wait-zero has a format that this version cannot read';
  if (new Set(whole.map((each) => JSON.stringify({ ...each, pods: each.pods[uid] }))).size > 1)
    return 'its Services hold different proofs';
  const [containers, backends] = proof.pods[uid] ?? [];
  if (containers === undefined) return 'wait-zero has not proved this pod to be at zero';
  if (proof.rule !== rule) return `wait-zero counted otherwise (${proof.rule}), and not by ${rule}`;
  if (containers !== expected.containers) return 'a container was started again since wait-zero';
  if (backends !== expected.backends) return 'its backends or ports are not those that wait-zero counted';
  return runOf(proof, now);
}

/** On the machine that wrote it, its own clock is exact. From any other, what is not known for sure is not claimed. */
function runOf(proof: Proof, { machine, aheadMs }: ProofClock): CarriedRun | string {
  if (aheadMs === undefined) return 'the API server does not say what time it is';
  const isOwn = proof.machine !== '' && proof.machine === machine;
  if (isOwn && Math.abs(proof.aheadMs - aheadMs) > CLOCK_SET_MS)
    return 'the clock of this machine was set since wait-zero';
  const [slackMs, shiftMs] = isOwn ? [0, proof.aheadMs] : [FOREIGN_CLOCK_MS, aheadMs];
  const [fromMs, lastMs] = [parseTime(proof.from) + shiftMs + slackMs, parseTime(proof.last) + shiftMs - slackMs];
  return fromMs <= lastMs ? { fromMs, lastMs, widestMs: proof.widestMs } : 'the proof of wait-zero holds no run';
}

function wholeProof(value: unknown): Proof | undefined {
  const { format, rule, machine, aheadMs, from, last, widestMs, pods } = Object(value) as Partial<Proof>;
  const isWhole =
    format === FORMAT &&
    [rule, machine, from, last].every((each) => typeof each === 'string') &&
    [aheadMs, widestMs].every((each) => Number.isFinite(each)) &&
    typeof pods === 'object' &&
    pods !== null &&
    Object.values(pods).every((each) => Array.isArray(each) && each.length === 2);
  return isWhole ? (value as Proof) : undefined;
}
