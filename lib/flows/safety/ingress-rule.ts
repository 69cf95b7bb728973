/** The rule about Ingresses before the target's pods, asked of the cluster. */

import { type Refusal, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { ingressRefusals } from '../../core/facts/ingress.ts';
import { leadsTo } from '../../core/facts/selection.ts';
import { readService } from '../../core/facts/service-facts.ts';
import { INGRESSES, SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { notChecked } from './not-checked.ts';

/**
 * Refuses for every Ingress that has a backend Service, of any type, that selects the pods. Warns, and
 * refuses nothing, when the operator may not list them or the cluster does not serve them: the connections are counted before
 * every deletion anyway. With `ignoreIngress` it asks nothing.
 */
export async function ingressRule(
  world: World,
  { set, pods }: Pick<Facts, 'set' | 'pods'>,
  { ignoreIngress }: { ignoreIngress?: boolean },
): Promise<Refusal[]> {
  if (ignoreIngress === true) return [];
  try {
    const [ingresses, services] = await Promise.all([
      world.kube.list(INGRESSES, { signal: world.signal }),
      world.kube.list(SERVICES, { signal: world.signal }),
    ]);
    const selecting = services.items
      .map(readService)
      .filter((service) => leadsTo(service, set, pods))
      .map(({ name }) => name);
    return ingressRefusals(ingresses.items, selecting, set.name);
  } catch (error) {
    if (!(error instanceof StatusError) || (error.httpStatus !== 403 && error.httpStatus !== 404)) throw error;
    notChecked(world, `whether an Ingress leads to the pods of statefulset/${set.name} is unknown: ${error.message}`);
    return [];
  }
}
