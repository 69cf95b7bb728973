/** Watches an upgrade from outside: which pods are out of service, when each was begun, and whether one went too early. */

import { overriding } from '../../lib/ports/overriding.ts';
import { PODS } from '../../lib/ports/resources.ts';
import type { Kube } from '../../lib/ports.ts';
import { annotation, type Rehearsal } from '../../test/flows/rehearsal/rehearsal.ts';
import { socketTables } from '../socket-tables.ts';

export interface Ledger {
  kube: Kube;
  /** Pods at weight 0, gone, or not back yet: the most at any moment. */
  mostOut(): number;
  /** Pods that were deleted before they had been without a connection for the whole window. */
  unproved(): number;
  deleted(): number;
  /** Readings of socket tables. */
  execs(): number;
}

const [IDLE, HELD] = [socketTables(false), socketTables(true)];

export interface LedgerOptions {
  /** By ordinal. */
  lengthsMs: readonly number[];
  stableForMs: number;
}

/** `kube`: the rehearsal's, watched. */
export function keepLedger(rehearsal: Rehearsal, { lengthsMs, stableForMs }: LedgerOptions): Ledger {
  const { kube, clock } = rehearsal;
  const endsMs = new Map<string, number>();
  const gone = new Set<string>();
  let drained = new Set<string>();
  let mostOut = 0;
  let unproved = 0;
  let deleted = 0;
  let execs = 0;
  const look = (): void => {
    for (const name of gone) if (kube.object(PODS, name) !== undefined) gone.delete(name);
    mostOut = Math.max(mostOut, new Set([...drained, ...gone]).size);
  };
  return {
    kube: overriding<Kube>(kube, {
      async patch(...call) {
        const after = await kube.patch(...call);
        if (call[0].plural !== 'services') return after;
        const before = drained;
        drained = drainedIn(annotation(rehearsal));
        for (const name of drained) {
          if (before.has(name)) continue;
          endsMs.set(name, clock.now() + (lengthsMs[Number(name.split('-').at(-1))] ?? 0));
        }
        look();
        return after;
      },
      async delete(...call) {
        const name = call[1];
        await kube.delete(...call);
        if (call[0].plural !== 'pods') return;
        deleted += 1;
        if (!drained.has(name) || clock.now() < (endsMs.get(name) ?? Number.POSITIVE_INFINITY) + stableForMs)
          unproved += 1;
        gone.add(name);
        look();
      },
      // One connection from before the drain until its end; to a pod that has weight there is always one.
      exec: async (pod) => {
        execs += 1;
        const isHeld = clock.now() < (endsMs.get(pod) ?? Number.POSITIVE_INFINITY);
        return isHeld ? HELD : IDLE;
      },
    }),
    mostOut: () => mostOut,
    unproved: () => unproved,
    deleted: () => deleted,
    execs: () => execs,
  };
}

function drainedIn(text: string | undefined): Set<string> {
  const document: Weights = text === undefined ? {} : JSON.parse(text);
  return new Set(
    (document.groups ?? []).flatMap(({ statefulSets = [] }) =>
      statefulSets.flatMap(({ name, weights = [] }) =>
        weights
          .filter(({ weight }) => weight === 0)
          .flatMap(({ podIndexes }) => podIndexes.map((each) => `${name}-${each}`)),
      ),
    ),
  );
}

interface Weights {
  groups?: { statefulSets?: { name: string; weights?: { weight: number; podIndexes: number[] }[] }[] }[];
}
