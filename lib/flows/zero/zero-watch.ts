/** The gate before every deletion: samples the chosen sources until every backend of the drained pods is at zero, or says why not. */

import { isPassing, type Refusal } from '../../core/errors.ts';
import { backendKey, countedBackends, isServing } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { ordinalNote } from '../../core/outcome/build-outcome.ts';
import { blockers, rejectReplaced } from '../../core/zero/blockers.ts';
import { isNeverBound } from '../../core/zero/never-bound.ts';
import { overall } from '../../core/zero/verdict.ts';
import { backendsOf } from '../../core/zero/zero-backends.ts';
import { sourceLines, type ZeroBackend, type ZeroDetails, type ZeroView, zeroLine } from '../../core/zero/zero-view.ts';
import type { World } from '../../ports.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';
import { type Chosen, chooseSources, type Offered } from './choose-sources.ts';
import { createElsewhereReader, type Elsewhere } from './elsewhere.ts';
import { createSampler } from './sampler.ts';
import { createZeroMoments } from './zero-moments.ts';

const MIN_POLL_MS = 500;
const MAX_POLL_MS = 10_000;
/** A source that could not be asked is tried again this often. */
const RETRY_MS = 10_000;

export interface ZeroLook {
  verdict: 'zero' | 'busy' | 'unknown';
  details: ZeroDetails;
  facts: Facts;
  /** What stands in the way besides counts: a weight that is not 0 at the load balancer, a pod that does not exist. */
  blocked: readonly Refusal[];
  backends: readonly ZeroBackend[];
  /** Sources that could not be asked so far, and why: until they are, nothing is at zero. */
  open: readonly string[];
  /** Why nothing could be read at this look; it may pass. */
  unread?: string;
}

export interface ZeroWatch {
  /** Throws what stays wrong: refused credentials, a missing permission, a pod that somebody else replaced. */
  look(): Promise<ZeroLook>;
  /** How long to sleep before the next look. */
  pollMs(): number;
}

/** One gate for one wait: remembers which pods it began with, when each was seen at weight 0, and every point of every series. */
export function openZeroWatch(world: World, intent: TargetIntent & ZeroIntent, ordinals: readonly number[]): ZeroWatch {
  const uids = new Map<number, string>();
  const moments = createZeroMoments(world, { keeps: intent.dryRun === 'none' });
  const sampler = createSampler(world, intent);
  const elsewhere = createElsewhereReader(world, intent);
  let chosen: Chosen | undefined;
  /** Backends, by backendKey, that the sources were asked about. */
  const asked = new Set<string>();
  let last: ZeroLook | undefined;
  let lookedAtMs = world.clock.now();
  let triedAtMs = Number.NEGATIVE_INFINITY;

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
    const facts = await gather(world, intent);
    rejectReplaced(facts, ordinals, uids);
    // Health tells who can bear witness for a source; once all have been heard, weights are all that a look needs.
    const health = chosen === undefined || chosen.open.length > 0;
    const observation = await observe(world, facts, { health });
    const own = blockers(facts, observation, ordinals).map((message): Refusal => ({ rule: 'at-zero', message }));
    const beyond = own.length > 0 ? undefined : await elsewhere.read(observation, facts, ordinals);
    const blocked = [...own, ...(beyond?.blocked ?? [])];
    if (beyond === undefined || blocked.length > 0) {
      // While anything is in the way no moment of weight 0 holds.
      const more = beyond?.stuck ?? [];
      const stuck = ordinals.filter(
        (ordinal) => more.includes(ordinal) || blockers(facts, observation, [ordinal]).length > 0,
      );
      sampler.forget();
      await moments.takeBack(facts, stuck);
      const details = { rows: [], sources: chosen?.sources ?? [] };
      return { verdict: 'unknown', details, facts, blocked, open: [], backends: backendsOf(observation, ordinals, []) };
    }
    const offered = offer(observation, beyond, ordinals);
    const wanted = offered.backends;
    const fresh = wanted.filter((backend) => !asked.has(backendKey(backend)));
    if (chosen !== undefined && fresh.length > 0) {
      // A pod or a listener has come up since: who counts it is not known yet.
      chosen = undefined;
      sampler.forget();
    }
    for (const { podUid } of fresh.filter((backend) => backend.elsewhere === true)) moments.beginAsFound(podUid);
    // Before anything is written: that nothing can count is a refusal.
    if (wanted.length > 0) await choose(offered);
    if (await moments.settle(facts, observation, ordinals)) sampler.forget();
    const keys = new Set(wanted.map(backendKey));
    const all = await sampler.sample(chosen?.assignments ?? [], moments.sinceMs());
    // What is bound elsewhere no longer need not be waited for.
    const samples = all.filter(({ backend }) => keys.has(backendKey(backend)));
    const counted = new Set(samples.map(({ backend }) => backendKey(backend)));
    const isCovered = wanted.length > 0 && wanted.every((backend) => counted.has(backendKey(backend)));
    const pods = facts.pods.filter((pod) => ordinals.includes(pod.ordinal));
    const neverBound = wanted.length === 0 && pods.length > 0 && pods.every((pod) => isNeverBound(observation, pod));
    const counts = overall(samples.map(({ judged }) => judged));
    const open = neverBound ? [] : openLines(chosen);
    const isDecided = isCovered && (open.length === 0 || counts === 'busy');
    const verdict = neverBound ? 'zero' : isDecided ? counts : 'unknown';
    const rows = samples.map(({ row }) => row);
    const details = { rows, sources: chosen?.sources ?? [] };
    const backends = backendsOf(observation, ordinals, rows, beyond.backends);
    if (verdict !== 'zero' || beyond.isFresh) return { verdict, details, facts, blocked, open, backends };
    // Somebody may have bound the pods elsewhere while they were waited for.
    const after = await elsewhere.read(observation, facts, ordinals, true);
    const isSame = after.blocked.length === 0 && after.backends.every((backend) => asked.has(backendKey(backend)));
    return { verdict: isSame ? 'zero' : 'unknown', details, facts, blocked: after.blocked, open, backends };
  }

  async function choose(offered: Offered): Promise<void> {
    const nowMs = world.clock.now();
    // A last try that lies ahead was made by a clock that has been set back since.
    const isDue = nowMs >= triedAtMs + RETRY_MS || nowMs < triedAtMs;
    if (chosen !== undefined && (chosen.open.length === 0 || !isDue)) return;
    triedAtMs = nowMs;
    const former = chosen?.open.map(({ name }) => name);
    chosen = await chooseSources(world, offered, intent.sources, chosen);
    for (const backend of offered.backends) asked.add(backendKey(backend));
    const { open, sources } = chosen;
    const isNews = ({ name }: { name: string }) => former?.includes(name) ?? true;
    const isOpen = ({ name }: { name: string }) => open.some((source) => source.name === name);
    for (const line of sourceLines(sources.filter((each) => isNews(each) && !isOpen(each))))
      world.report.progress(line);
  }

  /** Looks follow one another at the pace of the quickest source, however long each takes. */
  const pollMs = (): number => {
    const idleMs = (chosen?.open.length ?? 0) > 0 ? RETRY_MS : MIN_POLL_MS;
    const restMs = (sampler.everyMs() ?? idleMs) - Math.max(0, world.clock.now() - lookedAtMs);
    return Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, restMs));
  };
  return { look, pollMs };
}

/** Every backend of the pods, wherever it is bound; none for a pod that the blockers have let pass as never bound. */
function offer({ bindings }: Observation, beyond: Elsewhere, ordinals: readonly number[]): Offered {
  const own = bindings.filter((binding) => ordinals.includes(binding.pod.ordinal));
  const others = bindings.filter((binding) => !ordinals.includes(binding.pod.ordinal) && isServing(binding));
  const all = [...own.flatMap(countedBackends), ...beyond.backends];
  return {
    backends: [...new Map(all.map((backend) => [backendKey(backend), backend])).values()],
    siblings: [...others.flatMap(countedBackends), ...beyond.siblings],
  };
}

const openLines = (chosen: Chosen | undefined): string[] =>
  (chosen?.sources ?? [])
    .filter(({ name }) => chosen?.open.some((source) => source.name === name))
    .map(({ name, because }) => `source ${name}: ${because}; trying again (--source leaves it out)`);

/** What to tell people about a result that is not zero. */
export function zeroLookLines(result: ZeroLook, ordinals: readonly number[]): string[] {
  if (result.unread !== undefined) return [`cannot look now, trying again: ${result.unread}`];
  if (result.blocked.length > 0) return result.blocked.map(({ message }) => message);
  const open = [...result.open, ...result.details.rows.filter((row) => row.verdict !== 'zero').map(zeroLine)];
  return open.length > 0 ? open : result.verdict === 'zero' ? [] : [`nothing counts ${ordinalNote(ordinals)} yet`];
}

/** Shows where the wait stands: as a table where the reporter has one, else as lines. */
export function showZeroLook(
  { report }: World,
  result: ZeroLook,
  ordinals: readonly number[],
  when: Pick<ZeroView, 'subject' | 'atMs' | 'waitedMs'>,
): void {
  const notes =
    result.unread === undefined && result.blocked.length === 0 ? [...result.open] : zeroLookLines(result, ordinals);
  if (report.table !== undefined) report.table({ ...when, backends: result.backends, notes });
  else if (result.verdict !== 'zero') report.progress(zeroLookLines(result, ordinals).join('\n'));
}
