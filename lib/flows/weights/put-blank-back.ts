/** The last step of going back where the weight annotation was blank before the first drain: the blank text, once no weight depends on it. */

import { DisagreesError } from '../../core/errors.ts';
import { disagreement } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import { ownAnnotations } from '../../core/facts/service-facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { kubectl, lines } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { owedBlank } from '../../core/weights/kept-blank.ts';
import { RS_WEIGHT_ANNOTATION } from '../../core/weights/rs-weight.ts';
import { SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { withResults } from '../guard/with-results.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';

interface Owed {
  service: string;
  resourceVersion: string;
  text: string;
}

/** The Services whose blank annotation is still to be put back; their weights are given back already. */
export const owedBlanks = ({ set, services }: Facts): Owed[] =>
  services.flatMap(({ service: { name, resourceVersion, annotations } }) => {
    const text = owedBlank(annotations, ownAnnotations(set.name).blank);
    return text === undefined ? [] : [{ service: name, resourceVersion, text }];
  });

/**
 * Waits until the load balancers of these Services show no weight that the blank text could freeze, then writes the text, and
 * removes its bookkeeping in the same patch. Throws DisagreesError at the deadline, and what the ports throw; the same command
 * goes on. Writes nothing where no blank text is owed. An error carries the texts that are back.
 */
export async function putBlankBack(world: World, intent: TargetIntent, deadlineMs: number): Promise<ObjectResult[]> {
  const put: ObjectResult[] = [];
  await withResults(
    () => put,
    () => putEach(world, intent, deadlineMs, put),
  );
  return put;
}

const putEach = (world: World, intent: TargetIntent, deadlineMs: number, put: ObjectResult[]): Promise<void> =>
  retryConflict(world, `statefulset/${intent.name}: a Service`, async () => {
    const owed = owedBlanks(await gather(world, intent));
    if (owed.length === 0) return;
    for (const { service, resourceVersion, text } of await awaitWeights(world, intent, deadlineMs)) {
      const annotations = { [RS_WEIGHT_ANNOTATION]: text, [ownAnnotations(intent.name).blank]: null };
      await world.kube.patch(
        SERVICES,
        service,
        { metadata: { resourceVersion, annotations } },
        { type: 'merge', dryRun: intent.dryRun === 'server', signal: world.signal },
      );
      put.push({
        object: `service/${service}`,
        action: 'restored',
        changed: true,
        note: 'the blank annotation is back',
      });
    }
  });

/** The owed texts as of a look at which every weight was back: a patch with those versions meets nothing newer. */
function awaitWeights(world: World, intent: TargetIntent, deadlineMs: number): Promise<Owed[]> {
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      const owed = owedBlanks(facts);
      const names = owed.map(({ service }) => service);
      const open = heldBack(await observe(world, facts), names);
      if (open.length === 0) return { done: owed };
      const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
      return {
        waiting: `waiting for the load balancer: ${open[0]}${more}`,
        timeOut: () =>
          new DisagreesError(
            `the weights are given back, but the load balancer does not show them, so the blank annotation of ${names.map((name) => `service/${name}`).join(', ')} is not put back: ${open.join('; ')}`,
            lines(
              kubectl('describe', 'service', ...names).note('the service-controller’s events show why'),
              way('on', 'running the same command again goes on waiting'),
            ),
          ),
      };
    },
  });
}

/** Weights that the blank text could freeze: of the target's pods that are bound, and every weight 0 of other pods of the Service. */
function heldBack({ bound, bindings }: Observation, services: readonly string[]): string[] {
  const own = bindings.filter(({ service, bindings: shown }) => services.includes(service.name) && shown.length > 0);
  const known = new Set(own.flatMap((binding) => binding.bindings));
  const others = bound
    .filter(({ service }) => services.includes(service.name))
    .flatMap(({ service, balancer }) =>
      balancer.listeners
        .filter((listener) => service.ports.some(({ port }) => port === listener.port))
        .flatMap((listener) =>
          listener.backends
            .filter((backend) => backend.weight === 0 && !known.has(backend))
            .map(
              ({ address, port }) =>
                `${balancer.id} shows ${address}:${port} at weight 0 on ${listener.protocol}/${listener.port}`,
            ),
        ),
    );
  return [...own.flatMap((binding) => disagreement(binding) ?? []), ...others];
}
