/** The rules about Services, with the load balancers' word on which of them bind pods directly. */

import type { Refusal } from '../../core/errors.ts';
import { backendsAt } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { selects } from '../../core/facts/selection.ts';
import { TKE } from '../../core/facts/service-facts.ts';
import { serviceRules } from '../../core/safety/rules.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { observe } from '../target/observe.ts';

/**
 * A serverless cluster binds pods directly without the annotation (TKE: direct access): where it is missing, the load balancer
 * is asked what it binds. Where that cannot be asked the annotation alone counts.
 */
export async function serviceRefusals(world: World, facts: Facts): Promise<Refusal[]> {
  const services = facts.services.map(({ service }) => service);
  const direct = await directServices(world, facts);
  return serviceRules(services, facts.set, direct);
}

/**
 * The names of Services without the annotation whose load balancer binds a pod by its own address. One that says anything but
 * "true" is about to be bound to nodes, even if none is shown at this moment.
 */
export async function directServices(world: World, facts: Facts): Promise<ReadonlySet<string>> {
  const asked = facts.services.filter(({ service }) => service.annotations[TKE.directAccess] === undefined);
  if (asked.every(({ service }) => service.balancerId === undefined)) return new Set();
  const seen = await softly(world, () => observe(world, { ...facts, services: asked }, { health: false }));
  if (!seen.known) return new Set();
  return new Set(
    seen.value.bound
      .filter(({ service, balancer }) =>
        facts.pods.some(
          (pod) => selects(service, pod) && balancer.listeners.some((listener) => backendsAt(listener, pod).length > 0),
        ),
      )
      .map(({ service }) => service.name),
  );
}
