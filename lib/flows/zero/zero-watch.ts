/** Looks at drained pods again and again, for as long as a wait lasts, and returns whether all of them are at zero. */

import { isPassing, type Refusal } from '../../core/errors.ts';
import { backendKey, countedBackends, isServing } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { bindingsOfPod, type Observation } from '../../core/facts/observation.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { podsAt } from '../../core/target/pod.ts';
import { atZero, type ZeroQuestion } from '../../core/zero/at-zero.ts';
import { blockers, rejectReplaced } from '../../core/zero/blockers.ts';
import { isNeverBound, isUnselected } from '../../core/zero/never-bound.ts';
import type { Proof } from '../../core/zero/proof.ts';
import type { Verdict } from '../../core/zero/verdict.ts';
import { backendsOf } from '../../core/zero/zero-backends.ts';
import type { ZeroBackend, ZeroDetails, ZeroRow } from '../../core/zero/zero-view.ts';
import type { CountedBackend, World } from '../../ports.ts';
import { warnOfOwnAddresses } from '../safety/inside-services.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';
import { type CarriedProof, type Counted, carryProof, provenBy } from './carry-proof.ts';
import type { Offered } from './choose-sources.ts';
import { createElsewhereReader, type Elsewhere } from './elsewhere.ts';
import { type KeepMoments, keepAtOnce } from './joined-moments.ts';
import { offerInside } from './offer-inside.ts';
import { recount } from './recount.ts';
import { createSampler, type ZeroSample } from './sampler.ts';
import { createSourceChooser, RETRY_MS } from './source-chooser.ts';
import { createZeroMoments } from './zero-moments.ts';

const MIN_POLL_MS = 500;
const MAX_POLL_MS = 10_000;

export interface ZeroLook {
  /** When it began, by this machine's clock. */
  atMs: number;
  verdict: Verdict['verdict'];
  details: ZeroDetails;
  facts: Facts;
  /** Obstacles besides counts: a weight that is not 0 at the load balancer, a pod that does not exist. */
  blocked: readonly Refusal[];
  backends: readonly ZeroBackend[];
  /** Sources that could not be asked so far, with the reason: until they are, nothing is at zero. */
  open: readonly string[];
  /** Why nothing could be read at this look; a later one may succeed. */
  unread?: string;
}

export interface ZeroWatch {
  /** The pods that it was opened for. */
  readonly ordinals: readonly number[];
  /** Throws errors that stay: refused credentials, a missing permission, a pod that someone else replaced. */
  look(): Promise<ZeroLook>;
  /** A look that could not be made: the readings of this moment are missing. */
  miss(): void;
  /** How long to sleep before the next look. */
  pollMs(): number;
  /** The proof by the readings until now, for the next command; undefined: nothing that has to be kept. */
  proof(): Proof | undefined;
  /** The ports that hold connections at this very moment, by the sources that see those past the load balancer too. */
  recount(): Promise<readonly ZeroRow[]>;
}

/** `goesOn`: the first reading is joined to the proof that an earlier command has left, where that holds; hears what came of it. */
export type WatchIntent = TargetIntent & ZeroIntent & { goesOn?: ((carried: CarriedProof) => void) | undefined };

/** The result of one look: the state of the cluster and of the load balancers. */
interface Seen {
  facts: Facts;
  observation: Observation;
}

export interface SharedLooks {
  /** The reading of a moment ago that holds for all of them; undefined: each look reads for itself. */
  seen: () => Promise<Seen | undefined>;
  keep: KeepMoments;
}

/**
 * One watch for one wait: remembers which pods it began with, when each was seen at weight 0, and every point of every series.
 * `shared`: of a caller that opens several watches and looks at all of their pods together.
 */
export function openZeroWatch(
  world: World,
  intent: WatchIntent,
  ordinals: readonly number[],
  shared: SharedLooks = { seen: async () => undefined, keep: keepAtOnce(world) },
): ZeroWatch {
  const uids = new Map<number, string>();
  const moments = createZeroMoments(world, intent.dryRun === 'none' ? shared.keep : undefined);
  const sampler = createSampler(world, intent);
  const chooser = createSourceChooser(world, intent);
  const { ignoredPorts: ignored = [] } = intent;
  const elsewhere = createElsewhereReader(world, intent);
  let last: ZeroLook | undefined;
  let counted: Counted | undefined;
  let lookedAtMs = world.clock.now();

  async function look(): Promise<ZeroLook> {
    lookedAtMs = world.clock.now();
    try {
      last = await lookOnce();
      return last;
    } catch (error) {
      // At the first look there is nothing to lose yet; later a wait of an hour must not end for a minute's trouble.
      if (world.signal.aborted || last === undefined || !isPassing(error)) throw error;
      sampler.miss();
      return { ...last, verdict: 'unknown', unread: error.message };
    }
  }

  async function lookOnce(): Promise<ZeroLook> {
    const seen = await read();
    const own = blockers(seen.facts, seen.observation, ordinals).map(atZeroRefusal);
    if (own.length > 0) return blockedLook(seen, own, []);
    const beyond = await elsewhere.read(seen.observation, seen.facts, ordinals);
    if (beyond.blocked.length > 0) return blockedLook(seen, beyond.blocked, beyond.stuck);
    const samples = await count(seen, offer(seen, beyond, ordinals, ignored));
    const judged = judge(seen, beyond, samples);
    if (judged.verdict !== 'zero' || beyond.isFresh) return judged;
    // Another writer may have bound the pods elsewhere during the wait.
    return judge(seen, await elsewhere.read(seen.observation, seen.facts, ordinals, true), samples);
  }

  /** Health is only needed to pick siblings that prove a source: without it a look costs one call less. */
  async function read(): Promise<Seen> {
    const known = await shared.seen();
    const facts = known?.facts ?? (await gather(world, intent));
    rejectReplaced(facts, ordinals, uids);
    return known ?? { facts, observation: await observe(world, facts, { health: chooser.isOpen() }) };
  }

  /** While anything is in the way, no moment of weight 0 holds, and nothing that was counted is worth anything. */
  async function blockedLook(seen: Seen, blocked: readonly Refusal[], more: readonly number[]): Promise<ZeroLook> {
    const { facts, observation } = seen;
    const isStuck = (ordinal: number) => more.includes(ordinal) || blockers(facts, observation, [ordinal]).length > 0;
    sampler.forget();
    await moments.takeBack(facts, ordinals.filter(isStuck));
    const details = { rows: [], sources: chooser.sources() };
    const backends = backendsOf(observation, ordinals, []);
    return { atMs: lookedAtMs, verdict: 'unknown', details, facts, blocked, open: [], backends };
  }

  /** The samples of these backends, by the sources that count them. */
  async function count({ facts, observation }: Seen, offered: Offered): Promise<readonly ZeroSample[]> {
    const fresh = chooser.fresh([...offered.backends, ...(offered.inside?.backends ?? [])]);
    // For a pod or a listener that has come up since, no source has been chosen yet.
    if (fresh.length > 0 && chooser.restart()) sampler.forget();
    for (const { podUid } of fresh.filter((backend) => backend.elsewhere === true)) moments.beginAsFound(podUid);
    // Before anything is written: that nothing can count is a refusal.
    if (offered.backends.length + (offered.inside?.backends.length ?? 0) > 0) {
      await chooser.choose(offered);
      if (!chooser.isOpen() && !chooser.assignments().some(({ source }) => source.countsInside))
        warnOfOwnAddresses(world, facts);
    }
    if (await moments.settle(facts, observation, ordinals)) sampler.forget();
    const isFirst = counted === undefined;
    counted = { facts, assignments: chooser.assignments(), ordinals, sinceMs: moments.sinceMs() };
    const { goesOn } = intent;
    const carried = isFirst && goesOn !== undefined ? carryProof(world, intent, counted, sampler) : undefined;
    const samples = await sampler.sample(counted.assignments, counted.sinceMs);
    // A busy pod is not waited for.
    if (carried !== undefined && !samples.some(({ judged }) => judged.verdict === 'busy')) goesOn?.(carried());
    return samples;
  }

  /** The verdict of the samples on the backends that the pods have now; one that is bound no longer is not waited for. */
  function judge(seen: Seen, beyond: Elsewhere, samples: readonly ZeroSample[]): ZeroLook {
    const { facts, observation } = seen;
    const pods = podsAt(facts.pods, ordinals);
    const { backends: bound, inside } = offer(seen, beyond, ordinals, ignored);
    // Those that no source counts have been refused, or no Service leads to them.
    const past = chooser.counted(inside?.backends ?? []);
    const backends = [...bound, ...past];
    const question = {
      blocked: beyond.blocked,
      backends: backends.map(backendKey),
      verdicts: samples.map(({ backend, judged }) => ({ backend: backendKey(backend), judged })),
      open: backends.length === 0 ? [] : chooser.openLines(),
      neverBound:
        pods.length > 0 && pods.every((pod) => isNeverBound(observation, pod) || isUnselected(observation, pod)),
    } satisfies ZeroQuestion;
    const rows = samples.filter(({ backend }) => question.backends.includes(backendKey(backend))).map(({ row }) => row);
    return {
      atMs: lookedAtMs,
      verdict: atZero(question),
      details: { rows, sources: chooser.sources() },
      facts,
      blocked: beyond.blocked,
      open: question.open,
      backends: backendsOf(observation, ordinals, rows, [...beyond.backends, ...past]),
    };
  }

  /** Looks follow one another at the pace of the quickest source, however long each takes. */
  const pollMs = (): number => {
    const idleMs = chooser.openLines().length > 0 ? RETRY_MS : MIN_POLL_MS;
    const restMs = (sampler.everyMs() ?? idleMs) - Math.max(0, world.clock.now() - lookedAtMs);
    return Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, restMs));
  };
  const proof = () => (counted === undefined ? undefined : provenBy(world, intent, counted, sampler));
  return {
    ordinals,
    look,
    miss: sampler.miss,
    pollMs,
    proof,
    recount: () => recount(world, intent, chooser.assignments()),
  };
}

const atZeroRefusal = (message: string): Refusal => ({ rule: 'at-zero', message });

/** Every backend of the pods, wherever it is bound, and their ports past the load balancer; of a pod that was never bound those that clients reach before it is ready. */
function offer(
  { facts, observation }: Seen,
  beyond: Elsewhere,
  ordinals: readonly number[],
  ignored: readonly string[],
): Offered {
  const { bindings } = observation;
  const mine = podsAt(facts.pods, ordinals);
  const own = mine.flatMap((pod) => bindingsOfPod(observation, pod));
  const all = [...own.flatMap(countedBackends), ...beyond.backends];
  const backends = [...new Map(all.map((backend) => [backendKey(backend), backend])).values()];
  // Of all other pods, and only asked for while a source proves itself.
  const siblings = (): CountedBackend[] => [
    ...bindings
      .filter((binding) => !ordinals.includes(binding.pod.ordinal) && isServing(binding))
      .flatMap(countedBackends),
    ...beyond.siblings,
  ];
  // One that no load balancer ever had was never ready: few Services lead to it.
  const neverBound = mine.filter((pod) => isNeverBound(observation, pod));
  const pods = mine.filter((pod) => !neverBound.includes(pod));
  return {
    backends,
    get siblings() {
      return siblings();
    },
    inside: offerInside(facts, { pods, neverBound }, siblings, ignored),
  };
}
