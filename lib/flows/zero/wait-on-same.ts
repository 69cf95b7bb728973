/**
 * A wait for zero ends with the target that it was begun on. Other writers may leave nothing to wait for
 * meanwhile, and the wait would last until --timeout, or for ever.
 */

import type { Facts } from '../../core/facts/facts.ts';
import { ordinalsText, without } from '../../core/target/ordinals.ts';
import { givenBack, givenBackError, unevenOf, weightAgain } from '../../core/weights/given-back.ts';
import { isOvertaken, notScaledAway } from '../../core/zero/overtaken.ts';
import type { World } from '../../ports.ts';
import type { ZeroLook, ZeroWatch } from './zero-watch.ts';

class Overtaken extends Error {}

/**
 * Runs the wait of an upgrade. Returns false once the target has to be judged anew: it was overtaken, or its zeros do not reach every Service and port. Throws ConflictError where another writer has
 * given weight back to one of the ordinals, and what the wait throws.
 */
export async function waitOnSame(
  before: Facts,
  watch: ZeroWatch,
  wait: (watch: ZeroWatch) => Promise<unknown>,
): Promise<boolean> {
  const { ordinals } = watch;
  const look = async () => {
    const seen = await watch.look();
    if (isOvertaken(before, seen.facts, ordinals)) throw new Overtaken();
    const restored = givenBack(before, seen.facts, ordinals);
    if (restored.length > 0) throw givenBackError(before.set.name, ordinalsText(restored));
    if (unevenOf(seen.facts, ordinals).length === 0) return seen;
    // A Service or a port has come since: no one sets the weight of 0 there while this waits. A new Service gets its load balancer first.
    const bare = seen.facts.services.find(({ service }) => service.balancerId === undefined);
    if (bare === undefined) throw new Overtaken();
    const open = [...seen.open, `service/${bare.service.name} has no load balancer yet`];
    return { ...seen, verdict: 'unknown' as const, open };
  };
  try {
    await wait({ ...watch, look });
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return false;
    throw error;
  }
}

/** The same watch, whose look throws what `rejects` makes of the ordinals that have weight again since `before`; undefined: nothing. */
export const rejectWeight = (
  before: Facts,
  watch: ZeroWatch,
  rejects: (back: readonly number[], now: Facts) => Promise<Error | undefined>,
): ZeroWatch => ({
  ...watch,
  look: async () => {
    const seen = await watch.look();
    const back = weightAgain(before, seen.facts, watch.ordinals);
    const error = back.length === 0 ? undefined : await rejects(back, seen.facts);
    if (error !== undefined) throw error;
    return seen;
  },
});

class FewerLeft extends Error {
  readonly now: Facts;

  constructor(now: Facts) {
    super();
    this.now = now;
  }
}

/** The pods that were left at the end of a wait; none of them: `zero` is undefined. */
export interface LeftAtZero {
  facts: Facts;
  left: readonly number[];
  zero: { watch: ZeroWatch; look: ZeroLook } | undefined;
}

/**
 * Runs the wait on those of the ordinals that no one scales away meanwhile. `open` opens a watch for those that are left;
 * `replaced`: those that it has given up, as another writer has replaced their pods.
 */
export async function waitForLeft(
  world: World,
  { set }: Facts,
  ordinals: readonly number[],
  {
    open,
    wait,
    replaced = () => [],
  }: {
    open: (left: readonly number[]) => ZeroWatch;
    wait: (watch: ZeroWatch) => Promise<ZeroLook>;
    replaced?: () => readonly number[];
  },
): Promise<LeftAtZero> {
  for (let left = ordinals; ; ) {
    const watch = open(left);
    const look = async () => {
      const seen = await watch.look();
      if (stillOf(seen.facts).length < left.length) throw new FewerLeft(seen.facts);
      return seen;
    };
    const stillOf = (now: Facts): readonly number[] => without(notScaledAway(now, left), replaced());
    try {
      const zero = { watch, look: await wait({ ...watch, look }) };
      return { facts: zero.look.facts, left, zero };
    } catch (error) {
      if (!(error instanceof FewerLeft)) throw error;
      const still = stillOf(error.now);
      if (still.length === 0) return { facts: error.now, left: still, zero: undefined };
      const away = without(left, notScaledAway(error.now, left));
      const others = without(without(left, still), away);
      const because = [...lostText(away, 'scaled away'), ...lostText(others, 'replaced by another writer')];
      world.report.progress(
        `statefulset/${set.name}: ${because.join(', ')}; the wait goes on for ${ordinalsText(still)}`,
      );
      left = still;
    }
  }
}

const lostText = (ordinals: readonly number[], how: string): string[] =>
  ordinals.length === 0 ? [] : [`${ordinalsText(ordinals)} ${ordinals.length === 1 ? 'was' : 'were'} ${how}`];
