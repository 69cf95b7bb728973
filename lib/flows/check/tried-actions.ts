import type { ServiceFacts } from '../../core/facts/service-facts.ts';
import type { TriedAction, World } from '../../ports.ts';

/** Tries the cloud's actions on the first load balancer there is. Throws where there is none, or a cloud that cannot be tried. */
export async function triedActions(world: World, services: readonly ServiceFacts[]): Promise<readonly TriedAction[]> {
  const service = services.find(({ balancerId }) => balancerId !== undefined);
  if (service?.balancerId === undefined) throw new Error('there is no load balancer to try them on');
  if (world.balancer.tryActions === undefined) throw new Error('this cloud cannot be tried');
  const ref = { id: service.balancerId, ...(service.region === undefined ? {} : { region: service.region }) };
  return await world.balancer.tryActions(ref, { signal: world.signal });
}
