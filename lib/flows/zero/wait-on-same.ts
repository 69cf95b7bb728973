/**
 * A wait for zero within an upgrade: it ends with the target that it was begun on. Other writers may leave nothing to wait for
 * meanwhile, and the wait would last until --timeout, or for ever.
 */

import type { Facts } from '../../core/facts/facts.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { givenBack, givenBackError, unevenOf } from '../../core/weights/given-back.ts';
import { isOvertaken } from '../../core/zero/overtaken.ts';
import type { ZeroWatch } from './zero-watch.ts';

class Overtaken extends Error {}

/**
 * Runs the wait. Returns false once the target has to be judged anew: it was overtaken, or its zeros do not reach every Service and port. Throws ConflictError where another writer has
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
