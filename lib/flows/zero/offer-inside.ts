/** The ports to count past the load balancer: those that Services inside the cluster lead to, and ports that containers declare. */

import type { Facts } from '../../core/facts/facts.ts';
import { type InsidePort, insideBackend, insidePorts, isIgnored, portsBeforeReady } from '../../core/facts/inside.ts';
import type { ServiceFacts } from '../../core/facts/service-facts.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import type { CountedBackend } from '../../ports.ts';
import type { Offered } from './choose-sources.ts';

/** Of these pods, of those that were never bound, and of those `siblings` that a source proves itself on. */
export function offerInside(
  { pods: all, inside }: Pick<Facts, 'pods' | 'inside'>,
  { pods, neverBound }: { pods: readonly PodFacts[]; neverBound: readonly PodFacts[] },
  siblings: () => readonly CountedBackend[],
  ignored: readonly string[],
): NonNullable<Offered['inside']> {
  const services = inside.known ? inside.value : [];
  const of = (
    some: readonly PodFacts[],
    portsOf: (pod: PodFacts, services: readonly ServiceFacts[]) => InsidePort[] = insidePorts,
  ): CountedBackend[] =>
    some.flatMap((pod) =>
      portsOf(pod, services)
        .filter((port) => !isIgnored(port, ignored))
        .map((port) => insideBackend(pod, port)),
    );
  return {
    backends: [...of(pods), ...of(neverBound, portsBeforeReady)],
    // Of all other pods, and only asked for while a source proves itself.
    get siblings() {
      const others = new Set(siblings().map(({ podUid }) => podUid));
      return of(all.filter(({ uid }) => others.has(uid))).filter((backend) => backend.inside?.leads.length !== 0);
    },
  };
}
