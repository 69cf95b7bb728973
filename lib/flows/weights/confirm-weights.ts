/** Waits until the load balancers themselves show the weights that the annotations ask for. */

import { DisagreesError } from '../../core/errors.ts';
import { disagreement } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { kubectl, lines } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { isUnbound } from '../../core/zero/never-bound.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';

export interface Confirmed {
  facts: Facts;
  observation: Observation;
}

/**
 * Polls until every binding of these ordinals shows the wanted weight, or throws DisagreesError (exit 7) at the time-out,
 * naming what is shown instead. A pod that does not exist has nothing to show and is passed over; so is one that is bound nowhere
 * where weight 0 is wanted: it gets no connection, and when it is bound later, then with that weight.
 */
export function confirmWeights(
  world: World,
  intent: TargetIntent,
  ordinals: readonly number[],
  deadlineMs: number,
): Promise<Confirmed> {
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      const observation = await observe(world, facts);
      const open = disagreements(observation, ordinals);
      if (open.length === 0) return { done: { facts, observation } };
      const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
      return { waiting: `waiting for the load balancer: ${open[0]}${more}`, timeOut: () => notShown(facts, open) };
    },
  });
}

const notShown = ({ services }: Facts, open: readonly string[]): DisagreesError =>
  new DisagreesError(
    `the weights are written, but the load balancer does not show them: ${open.join('; ')}`,
    lines(
      kubectl('describe', 'service', ...services.map((each) => each.service.name)).note(
        'the service-controller’s events show why',
      ),
      way('on', 'running the same command again goes on waiting'),
    ),
  );

function disagreements(observation: Observation, ordinals: readonly number[]): string[] {
  return (
    observation.bindings
      .filter(({ pod, wanted }) => ordinals.includes(pod.ordinal) && !(wanted === 0 && isUnbound(observation, pod)))
      // One that is going is unbound for that, at any weight.
      .filter(({ pod, bindings }) => !(pod.terminating && bindings.length === 0))
      .flatMap((binding) => disagreement(binding) ?? [])
  );
}
