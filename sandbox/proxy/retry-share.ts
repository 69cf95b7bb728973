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

/**
 * One client on one counter, in the long run: the counter goes on with each try, so that the starting points are not visited
 * equally often. 10 upstreams, 9 dead, 3 tries: 3/4; 4, 3 and 3: 1/2.
 */
export function cycleShare({ upstreams, dead, tries }: RetryFacts): number {
  if (upstreams === 0) return 1;
  const starts = new Map<number, number>();
  const lostAt: boolean[] = [];
  let at = 0;
  while (!starts.has(at)) {
    starts.set(at, lostAt.length);
    let used = 1;
    // The dead stand first in the list.
    while ((at + used - 1) % upstreams < dead && used < tries) used += 1;
    lostAt.push((at + used - 1) % upstreams < dead);
    at = (at + used) % upstreams;
  }
  const cycle = lostAt.slice(starts.get(at) ?? 0);
  return cycle.filter(Boolean).length / cycle.length;
}

/** Clients that take turns on one counter at random: each try meets any peer, whatever the one before it met. */
export const mixedShare = ({ upstreams, dead, tries }: RetryFacts): number => (dead / upstreams) ** tries;

/**
 * The range in which the share of lost requests lies, least to most. One client alone: by starting points, or in the long run.
 * Several on one counter interleave, so that a request's tries skip peers by chance.
 */
export function expectedShares(facts: RetryFacts, clients: number): { least: number; most: number } {
  const shares = [consecutiveShare(facts), cycleShare(facts), ...(clients > 1 ? [mixedShare(facts)] : [])];
  return { least: Math.min(...shares), most: Math.max(...shares) };
}

/** Whether so many of so many can come from a share within the range: three standard deviations on each side, and one request at each edge. */
export function isWithin(lost: number, of: number, { least, most }: { least: number; most: number }): boolean {
  const slack = (p: number): number => 3 * Math.sqrt((p * (1 - p)) / of) + 2 / of;
  const seen = lost / of;
  return seen >= least - slack(least) && seen <= most + slack(most);
}
