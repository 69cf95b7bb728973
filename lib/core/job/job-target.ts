/** From the facts of a plan to the target of its Job: which objects the upgrade may touch, and in which region. */

import type { Facts } from '../facts/facts.ts';
import type { Observation } from '../facts/observation.ts';
import type { PlanIntent } from '../intent/intent.ts';
import { union } from '../target/ordinals.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import type { JobTarget } from './job-manifest.ts';
import { pinOf } from './pin.ts';

/** `surplus`: ordinals of a surge, present or planned. `volumes`: those that the pods claim, for nodes to be emptied. An unknown load balancer leaves the region out. */
export function jobTarget(
  { set, services }: Facts,
  observation: Observation | undefined,
  intent: PlanIntent,
  { surplus, volumes }: { surplus: readonly number[]; volumes: readonly string[] },
): JobTarget {
  const regions = new Set(observation?.bound.map(({ balancer }) => balancer.region));
  const [region] = regions;
  const metrics = intent.job?.metrics;
  const counts = (source: string): boolean => intent.sources === undefined || intent.sources.includes(source);
  return {
    namespace: set.namespace,
    pin: pinOf(set, intent),
    restartedAt: intent.restartedAt,
    region: regions.size === 1 ? region : undefined,
    reach: {
      statefulSet: set.name,
      pods: union(ordinalsOf(set), surplus).map((ordinal) => `${set.name}-${ordinal}`),
      services: services.map(({ service }) => service.name),
      claims: set.claims.length > 0,
      exec: counts('pod'),
      ...(metrics !== undefined && counts('metrics')
        ? { metrics: { ports: metrics.port === undefined ? portsOf(services) : [metrics.port] } }
        : {}),
      debugContainers: intent.job?.debugContainers === true,
      evict: intent.job?.evict === true,
      ...(intent.nodes === undefined ? {} : { leaving: { nodes: intent.nodes, volumes } }),
    },
  };
}

/** The ports that the load balancer sends to; undefined where one is a name, which each pod may give to another number. */
function portsOf(services: Facts['services']): readonly number[] | undefined {
  const ports = services.flatMap(({ service }) => service.ports.map(({ targetPort }) => targetPort));
  return ports.every((port) => typeof port === 'number') ? [...new Set(ports)] : undefined;
}
