/** The gate before every deletion: samples the chosen sources until every backend of the drained pods is at zero, or says why not. */
import { countedBackends, disagreement } from '../core/backends.ts';
import type { TargetIntent, ZeroIntent } from '../core/intent.ts';
import { judge, overall, type Verdict } from '../core/zero.ts';
import { type ZeroDetails, type ZeroRow, zeroLine } from '../core/zero-view.ts';
import { ConflictError } from '../errors.ts';
import type { CountedBackend, Point, Series, World } from '../ports.ts';
import { backendKey, type Chosen, chooseSources } from './choose-sources.ts';
import { type Facts, gather } from './gather.ts';
import { type Observation, observe, straysOf } from './observe.ts';
import { ordinalNote } from './outcome.ts';
import { rememberZero, zeroSeenMs } from './remember-zero.ts';

const MIN_POLL_MS = 500;
const MAX_POLL_MS = 10_000;
export interface GateResult {
  verdict: 'zero' | 'busy' | 'unknown';
  details: ZeroDetails;
  facts: Facts;
  /** What stands in the way besides counts: a weight that is not 0 at the load balancer, a pod that does not exist. */
  blocked: readonly string[];
}

export interface Gate {
  look(): Promise<GateResult>;
  /** How long to sleep before the next look. */
  pollMs(): number;
}

/** One gate for one wait: remembers which pods it began with, when each was seen at weight 0, and every point of every series. */
export function openGate(world: World, intent: TargetIntent & ZeroIntent, ordinals: readonly number[]): Gate {
  const uids = new Map<number, string>();
  const sinceMs = new Map<string, number>();
  const history = new Map<string, Point[]>();
  let chosen: Chosen | undefined;
  let finestMs = MAX_POLL_MS;

  async function look(): Promise<GateResult> {
    const facts = await gather(world, intent);
    rejectReplaced(facts, ordinals, uids);
    const observation = await observe(world, facts);
    const blocked = blockers(facts, observation, ordinals);
    const fresh = await settleMoments(facts, observation, blocked.length === 0);
    if (!fresh) return { verdict: 'unknown', details: { rows: [], sources: chosen?.sources ?? [] }, facts, blocked };
    chosen ??= await chooseSources(world, observation.bindings, ordinals, intent.sources);
    const rows = (
      await Promise.all(chosen.assignments.map(({ source, backends }) => readRows(source.name, backends)))
    ).flat();
    const covered = everyBackendCovered(observation, rows);
    const verdict = covered ? overall(rows.map((row) => row.judged)) : 'unknown';
    return { verdict, details: { rows: rows.map((row) => row.row), sources: chosen.sources }, facts, blocked };
  }

  /** Notes the moment of weight 0 per pod; forgets all of them while anything is in the way. */
  async function settleMoments(facts: Facts, observation: Observation, clear: boolean): Promise<boolean> {
    if (!clear) {
      sinceMs.clear();
      history.clear();
      return false;
    }
    const recorded = zeroSeenMs(facts);
    for (const pod of facts.pods.filter((each) => ordinals.includes(each.ordinal))) {
      if (!sinceMs.has(pod.uid))
        sinceMs.set(pod.uid, Math.min(recorded.get(pod.uid) ?? Number.POSITIVE_INFINITY, world.clock.now()));
    }
    if (intent.dryRun === 'none') await rememberZero(world, { facts, observation }, ordinals);
    return true;
  }

  async function readRows(
    name: string,
    backends: readonly CountedBackend[],
  ): Promise<{ row: ZeroRow; judged: Verdict; backend: CountedBackend }[]> {
    const source = world.sources.find((each) => each.name === name);
    const oldest = Math.min(...backends.map((backend) => sinceMs.get(backend.podUid) ?? world.clock.now()));
    const all = source === undefined ? [] : await source.read(backends, oldest, { signal: world.signal });
    return backends.map((backend) => {
      const series = all.find((each) => backendKey(each.backend) === backendKey(backend));
      return { backend, ...judgeSeries(backend, series, name) };
    });
  }

  function judgeSeries(
    backend: CountedBackend,
    series: Series | undefined,
    source: string,
  ): { row: ZeroRow; judged: Verdict } {
    const at = { pod: backend.pod, listener: `${backend.listener.protocol}/${backend.listener.port}`, source };
    if (series === undefined) {
      const judged: Verdict = { verdict: 'unknown', because: 'the source gave no series', filledMs: 0, neededMs: 0 };
      return { judged, row: { ...at, ...judged, connections: null, holders: [] } };
    }
    finestMs = Math.min(finestMs, series.cadence.periodMs);
    const points = merge(history.get(`${source} ${backendKey(backend)}`) ?? [], series);
    history.set(`${source} ${backendKey(backend)}`, points);
    const zeroSinceMs = sinceMs.get(backend.podUid) ?? Number.POSITIVE_INFINITY;
    const judged = judge(points, series.cadence, {
      zeroSinceMs,
      nowMs: world.clock.now(),
      stableForMs: intent.stableForMs,
      maxConnections: intent.maxConnections,
    });
    const newest = points.findLast((point) => point.value !== null)?.value ?? null;
    const because = judged.verdict === 'unknown' ? judged.because : '';
    const { filledMs, neededMs, verdict } = judged;
    return {
      judged,
      row: { ...at, verdict, because, filledMs, neededMs, connections: newest, holders: series.holders ?? [] },
    };
  }

  function everyBackendCovered(observation: Observation, rows: readonly { backend: CountedBackend }[]): boolean {
    const counted = new Set(rows.map((row) => backendKey(row.backend)));
    const wanted = observation.bindings
      .filter((binding) => ordinals.includes(binding.pod.ordinal))
      .flatMap(countedBackends);
    return wanted.length > 0 && wanted.every((backend) => counted.has(backendKey(backend)));
  }

  return { look, pollMs: () => Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, finestMs / 4)) };
}

/** An interval source tells its whole history each time; an instant one adds a point. */
function merge(known: readonly Point[], series: Series): Point[] {
  if (series.cadence.kind === 'interval') return [...series.points];
  const newest = known.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  return [...known, ...series.points.filter((point) => point.atMs > newest)];
}

/** A pod with another UID than at the beginning was recreated by somebody else: that is not our success. */
function rejectReplaced(facts: Facts, ordinals: readonly number[], uids: Map<number, string>): void {
  for (const pod of facts.pods.filter((each) => ordinals.includes(each.ordinal))) {
    const before = uids.get(pod.ordinal);
    if (before !== undefined && before !== pod.uid) {
      throw new ConflictError(
        `pod/${pod.name} was replaced by somebody else during the wait (uid ${before} is gone, ${pod.uid} is there)`,
        `kubectl zeroloss status ${facts.set.name}`,
      );
    }
    uids.set(pod.ordinal, pod.uid);
  }
}

/** Everything but connections that keeps a pod from being at zero. Empty: weight 0 is shown for every binding of every pod. */
export function blockers(facts: Facts, observation: Observation, ordinals: readonly number[]): string[] {
  return ordinals.flatMap((ordinal) => {
    const pod = facts.pods.find((each) => each.ordinal === ordinal);
    if (pod === undefined) return [`pod ${facts.set.name}-${ordinal} does not exist`];
    const bindings = observation.bindings.filter((binding) => binding.pod.uid === pod.uid);
    const wanted = bindings
      .filter((binding) => binding.wanted !== 0)
      .map((binding) => `the annotation of service/${binding.service.name} gives ${pod.name} weight ${binding.wanted}`);
    const shown = bindings.flatMap((binding) => disagreement({ ...binding, wanted: 0 }) ?? []);
    const strays = straysOf(observation, pod)
      .filter((backend) => backend.weight !== 0)
      .map((backend) => `another listener (${backend.listenerId}) binds ${pod.name} with weight ${backend.weight}`);
    return [...new Set([...wanted, ...shown, ...strays])];
  });
}

/** What to tell people about a result that is not zero. */
export function gateLines(result: GateResult, ordinals: readonly number[]): string[] {
  if (result.blocked.length > 0) return [...result.blocked];
  const open = result.details.rows.filter((row) => row.verdict !== 'zero').map(zeroLine);
  return open.length > 0 ? open : result.verdict === 'zero' ? [] : [`nothing counts ${ordinalNote(ordinals)} yet`];
}
