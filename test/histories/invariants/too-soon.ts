/** Invariant 1, of time: no pod goes within `--stable-for` of a reading that showed a connection to it. */
import { STABLE_FOR } from '../../../lib/core/intent/care.ts';
import { parseDuration } from '../../../lib/core/values/duration.ts';
import type { Setting } from '../history.ts';
import { defaultFlags } from '../world/defaults.ts';

/** One run of the program; each has its own object. */
export interface Reader {
  /** The person who typed it. */
  person: string;
  beganMs: number;
}

/** One whole answer about one pod that the run has got: so many connections were open at `atMs`. */
export interface Reading {
  podUid: string;
  source: 'pod' | 'metrics';
  atMs: number;
  open: number;
}

/** A source looks again this soon at a connection that may be a probe, and takes the second look for its reading. */
const LOOKED_AGAIN_MS = 1_000;

interface Shown {
  reader: Reader;
  source: Reading['source'];
  atMs: number;
}

/** The readings that have shown a connection, of all runs of a history. Cloud Monitor's are of past periods, and not among them. */
export class ShownConnections {
  readonly #shown = new Map<string, readonly Shown[]>();
  #untimedMs = Number.NEGATIVE_INFINITY;

  note(reader: Reader, { podUid, source, atMs, open }: Reading): void {
    const before = this.#shown.get(podUid) ?? [];
    const isOwn = (each: Shown): boolean => each.reader === reader && each.source === source;
    const now =
      open > 0
        ? [...before, { reader, source, atMs }]
        : before.filter((each) => !isOwn(each) || each.atMs < atMs - LOOKED_AGAIN_MS);
    this.#shown.set(podUid, now);
  }

  /** No Service leads to the pod any more: once no load balancer binds it, no client can come, and there is nothing to wait for. */
  forget(podUid: string): void {
    this.#shown.delete(podUid);
  }

  /** A run is at work whose clock was set, or drifts: no time until now can be taken by it. */
  untimed(nowMs: number): void {
    this.#untimedMs = nowMs;
  }

  /** The last moment at which a reading showed this run, or an earlier one of the same person, a connection to the pod. */
  lastMs(podUid: string, reader: Reader): number | undefined {
    const isKnown = (each: Shown): boolean =>
      each.reader === reader || (each.reader.person === reader.person && each.atMs < reader.beganMs);
    const known = (this.#shown.get(podUid) ?? []).filter((each) => isKnown(each) && each.atMs > this.#untimedMs);
    return known.length === 0 ? undefined : Math.max(...known.map(({ atMs }) => atMs));
  }
}

/** The stability window of a command in milliseconds: as it is typed, as its workload brings it, or the program's own. */
export function windowMsOf(words: readonly string[], setting: Setting): number {
  const at = words.indexOf('--stable-for');
  const text = (at < 0 ? defaultFlags(setting)['stable-for'] : words[at + 1]) ?? STABLE_FOR;
  return parseDuration(text, 'stable-for');
}

/** Why a pod that goes now goes too soon; undefined: it does not. `shownMs`: see lastMs. */
export function tooSoon(
  name: string,
  { shownMs, nowMs, windowMs }: { shownMs: number | undefined; nowMs: number; windowMs: number },
): string | undefined {
  if (shownMs === undefined || nowMs - shownMs >= windowMs) return undefined;
  const seconds = (ms: number): string => `${ms / 1000}s`;
  return `${name} goes ${seconds(nowMs - shownMs)} after a reading showed it with a connection: --stable-for is ${seconds(windowMs)}`;
}
