/**
 * Several pods, each judged for itself: a watch of its own for each of them, and one look at cluster and load balancers for all.
 * One that is busy, that cannot be counted for the moment, or that another writer replaces, holds up no other.
 */

import { isPassing } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import { ordinalSet } from '../../core/target/ordinals.ts';
import { ReplacedError } from '../../core/zero/blockers.ts';
import { proofOfAll } from '../../core/zero/proof.ts';
import type { World } from '../../ports.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';
import { joinReads } from '../window/joined-reads.ts';
import type { CarriedProof } from './carry-proof.ts';
import { joinMoments } from './joined-moments.ts';
import { openZeroWatch, type WatchIntent, type ZeroLook, type ZeroWatch } from './zero-watch.ts';

/** Whether the whole is at zero when one of the pods is, or only when all are. */
export type Together = 'any' | 'all';

export interface ZeroWatches {
  /** Those that were at zero at the last look. */
  atZero(): readonly number[];
  /** Those that another writer has replaced while `any` of several was waited for: they are watched no longer. */
  replaced(): readonly number[];
  /** As one watch of these ordinals. With `any` its proof is that of the pods at zero. */
  as(together: Together, ordinals: readonly number[]): ZeroWatch;
}

export function openZeroWatches(world: World, intent: WatchIntent, ordinals: readonly number[]): ZeroWatches {
  let reading: Promise<{ facts: Facts; observation: Observation } | undefined> | undefined;
  const read = async () => {
    try {
      const facts = await gather(world, intent);
      return { facts, observation: await observe(world, facts) };
    } catch (error) {
      // Each watch reads for itself then, and knows what a failure means to it.
      if (world.signal.aborted || !isPassing(error)) throw error;
      return undefined;
    }
  };
  const seen = () => {
    reading ??= read();
    return reading;
  };
  const moments = joinMoments(world);
  // The line of a source holds for all pods.
  const reads = joinReads(world.sources, world.clock, world.signal);
  const once: World = { ...world, sources: reads.sources, shown: world.shown ?? new Set() };
  let carried = new Map<number, string | undefined>();
  const { goesOn } = intent;
  const own = goesOn === undefined ? intent : { ...intent, goesOn: keepCarried };
  function keepCarried(part: CarriedProof): void {
    carried = new Map([...carried, ...part]);
  }
  const watches = new Map(
    ordinals.map((ordinal) => [ordinal, openZeroWatch(once, own, [ordinal], { seen, keep: moments.keep })]),
  );
  const replaced = new Map<number, ReplacedError>();
  let looks: ReadonlyMap<number, ZeroLook> = new Map();
  const atZero = (): number[] =>
    ordinalSet([...looks].filter(([, { verdict }]) => verdict === 'zero').map(([ordinal]) => ordinal));

  async function lookAtOne(ordinal: number, together: Together): Promise<ZeroLook | undefined> {
    try {
      return await watches.get(ordinal)?.look();
    } catch (error) {
      if (together === 'all' || !(error instanceof ReplacedError)) throw error;
      replaced.set(ordinal, error);
      watches.delete(ordinal);
      return undefined;
    }
  }

  async function lookAt(wanted: readonly number[], together: Together): Promise<readonly ZeroLook[]> {
    reading = undefined;
    const now = new Map<number, ZeroLook>();
    const lookAtAll = async () => {
      // One after the other: the first one reads each source for all.
      for (const ordinal of wanted) {
        const look = await lookAtOne(ordinal, together);
        if (look !== undefined) now.set(ordinal, look);
      }
    };
    await reads.together(() => moments.together(lookAtAll));
    const [first] = wanted.flatMap((ordinal) => replaced.get(ordinal) ?? []);
    if (now.size === 0 && first !== undefined) throw first;
    looks = now;
    if (carried.size > 0) goesOn?.(carried);
    carried = new Map();
    return [...now.values()];
  }

  return {
    atZero,
    replaced: () => ordinalSet([...replaced.keys()]),
    as(together, wanted) {
      const own = () => wanted.flatMap((ordinal) => watches.get(ordinal) ?? []);
      return {
        ordinals: wanted,
        look: async () => joined(await lookAt(wanted, together), together),
        miss: () => {
          for (const watch of own()) watch.miss();
        },
        pollMs: () => Math.min(...own().map((watch) => watch.pollMs())),
        proof: () => {
          const proven = together === 'all' ? wanted : atZero();
          return proofOfAll(proven.flatMap((ordinal) => watches.get(ordinal)?.proof() ?? []));
        },
        recount: async () => (await Promise.all(own().map((watch) => watch.recount()))).flat(),
      };
    },
  };
}

/** One look out of those of the pods. An obstacle to some is no obstacle to `any` of the others: it is shown. */
function joined(looks: readonly ZeroLook[], together: Together): ZeroLook {
  const [first] = looks;
  if (first === undefined) throw new Error('no pod is watched');
  const blocked = looks.flatMap((look) => look.blocked);
  const isBlocked = together === 'all' ? blocked.length > 0 : looks.every((look) => look.blocked.length > 0);
  const unread = looks.every((look) => look.unread !== undefined) ? first.unread : undefined;
  return {
    atMs: Math.min(...looks.map(({ atMs }) => atMs)),
    // Of the first one, as its moment is: a write between the looks is one since the proof.
    facts: first.facts,
    verdict: verdictOf(looks, together),
    details: {
      rows: looks.flatMap((look) => look.details.rows),
      sources: looks.find((look) => look.details.sources.length > 0)?.details.sources ?? [],
    },
    blocked: isBlocked ? blocked : [],
    backends: looks.flatMap((look) => look.backends),
    open: [...new Set(looks.flatMap((look) => [...look.open, ...(isBlocked ? [] : messagesOf(look))]))],
    ...(unread === undefined ? {} : { unread }),
  };
}

const messagesOf = ({ blocked, unread }: ZeroLook): string[] => [
  ...blocked.map(({ message }) => message),
  ...(unread === undefined ? [] : [`cannot read now, trying again: ${unread}`]),
];

/** Busy only where no waiting for the window can help. */
function verdictOf(looks: readonly ZeroLook[], together: Together): ZeroLook['verdict'] {
  const is = (verdict: ZeroLook['verdict']) => (look: ZeroLook) => look.verdict === verdict;
  if (together === 'all') return looks.every(is('zero')) ? 'zero' : looks.some(is('busy')) ? 'busy' : 'unknown';
  if (looks.some(is('zero'))) return 'zero';
  return looks.every((look) => look.verdict === 'busy' || look.blocked.length > 0) ? 'busy' : 'unknown';
}
