/** The cluster's part of the facts, beyond what every verb gathers. */
import type { CheckFacts } from '../../core/check/check-facts.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { leadsTo } from '../../core/facts/selection.ts';
import { readService } from '../../core/facts/service-facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { CONTROLLER_CONFIG } from '../../core/safety/required-access.ts';
import { type Known, known } from '../../core/values/known.ts';
import { texts } from '../../core/values/read.ts';
import { CONFIG_MAPS, INGRESSES, POD_DISRUPTION_BUDGETS, SERVICES, STATEFUL_SETS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';
import { listSoftly, softly } from '../guard/softly.ts';
import { knownScalers } from '../safety/autoscaler-rule.ts';
import { directServices } from '../safety/service-refusals.ts';
import { findStrangers } from '../safety/stranger-rule.ts';
import { describeGoing } from '../target/describe-going.ts';
import { budgetsOf } from '../target/read-budget.ts';
import { surplusVolumes } from '../target/surplus-volumes.ts';

/** Throws what reading the StatefulSet throws, for it was read before. */
export async function readCluster(world: World, facts: Facts, intent: CheckIntent): Promise<CheckFacts> {
  const { kube, signal } = world;
  const { set, pods } = facts;
  const [object, services, ingresses, autoscalers, budgets, controller] = await Promise.all([
    kube.get(STATEFUL_SETS, set.name, { signal }),
    listSoftly(world, SERVICES),
    listSoftly(world, INGRESSES),
    knownScalers(world, set),
    listSoftly(world, POD_DISRUPTION_BUDGETS),
    readControllerConfig(world),
  ]);
  return {
    set,
    object,
    pods,
    strangers: await findStrangers(world, facts),
    going: await describeGoing(world, pods),
    services: facts.services.map(({ service }) => service),
    direct: await directServices(world, facts),
    selecting: services.known
      ? known(services.value.map(readService).filter((service) => leadsTo(service, set, pods)))
      : services,
    surplusVolumes: await surplusVolumes(world, set, [set.start + set.replicas]),
    ingresses,
    autoscalers,
    budgets: chosen(budgets, (items) => budgetsOf(items, facts)),
    controller,
    wishes: { stableForMs: intent.stableForMs, narrowed: intent.services !== undefined },
  };
}

/** The service-controller's settings, as text. */
export const readControllerConfig = (world: World): Promise<Known<Readonly<Record<string, string>>>> =>
  softly(world, async () =>
    texts(
      await world.kube.get(CONFIG_MAPS, CONTROLLER_CONFIG, { namespace: 'kube-system', signal: world.signal }),
      'data',
    ),
  );

const chosen = (
  all: Known<readonly KubeObject[]>,
  choose: (items: readonly KubeObject[]) => readonly KubeObject[],
): Known<readonly KubeObject[]> => (all.known ? known(choose(all.value)) : all);
