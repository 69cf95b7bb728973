/** The ports to count past the load balancer: those that Services inside the cluster lead to, and ports that containers declare. */

import type { Facts } from '../../core/facts/facts.ts';
import { insideBackend, insidePorts, isIgnored } from '../../core/facts/inside.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import type { CountedBackend } from '../../ports.ts';
import type { Offered } from './choose-sources.ts';

/** Of these pods, and of those `siblings` that a source proves itself on. */
export function offerInside(
  { pods: all, inside }: Pick<Facts, 'pods' | 'inside'>,
  pods: readonly PodFacts[],
  siblings: () => readonly CountedBackend[],
  ignored: readonly string[],
): NonNullable<Offered['inside']> {
  const services = inside.known ? inside.value : [];
  const of = (some: readonly PodFacts[]): CountedBackend[] =>
    some.flatMap((pod) =>
      insidePorts(pod, services)
        .filter((port) => !isIgnored(port, ignored))
        .map((port) => insideBackend(pod, port)),
    );
  return {
    backends: of(pods),
    // Of all other pods, and only asked for while a source proves itself.
    get siblings() {
      const others = new Set(siblings().map(({ podUid }) => podUid));
      return of(all.filter(({ uid }) => others.has(uid))).filter((backend) => backend.inside?.leads.length !== 0);
    },
  };
}
