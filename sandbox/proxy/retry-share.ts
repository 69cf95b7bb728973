/**
 * How many requests a retrying proxy loses while some of its upstreams are dead and still listed: the formula that the
 * experiments are compared with.
 */

/** n upstreams of which `dead` are dead, tried one after the other, at most `tries` of them a request. */
export interface RetryFacts {
  upstreams: number;
  dead: number;
  tries: number;
}

/**
 * One client on one counter: the share of starting points from which `tries` consecutive peers are all dead, the dead ones
 * standing side by side in the list. 10 upstreams, 9 dead, 3 tries: 7/10; 4, 3 and 3: 1/4; 3, 2 and 3: 0.
 */
export function consecutiveShare({ upstreams, dead, tries }: RetryFacts): number {
  if (upstreams === 0) return 1;
  const needed = Math.min(tries, upstreams);
  if (needed > dead) return 0;
  return dead === upstreams ? 1 : (dead - needed + 1) / upstreams;
}

/** Clients that take turns on one counter at random: each try meets any peer, whatever the one before it met. */
export const mixedShare = ({ upstreams, dead, tries }: RetryFacts): number => (dead / upstreams) ** tries;

/**
 * The share that is possible, from least to most. One client alone has no choice. Several interleave on one counter, so that
 * a request's tries skip peers, by chance: they lose nothing when each skip happens to lead to a live one, and at most what
 * falls on a dead peer first.
 */
export function possibleShares(
  facts: RetryFacts,
  clients: number,
): { least: number; expected: [number, number]; most: number } {
  const alone = consecutiveShare(facts);
  if (clients <= 1 || facts.tries <= 1) return { least: alone, expected: [alone, alone], most: alone };
  const mixed = mixedShare(facts);
  return { least: 0, expected: [Math.min(alone, mixed), Math.max(alone, mixed)], most: facts.dead / facts.upstreams };
}
