/** The meaning of a confirmed drain, ordinal by ordinal: the weight that the load balancer shows, or why it shows none. */

import type { Facts } from '../facts/facts.ts';
import type { Observation } from '../facts/observation.ts';
import { selects } from '../facts/selection.ts';
import { ordinalsText, without } from '../target/ordinals.ts';
import { podsAt } from '../target/pod.ts';
import { isUnbound } from '../zero/never-bound.ts';

export interface DrainedText {
  message: string;
  /** Ordinals of pods that are not ready and that no load balancer binds. */
  unbound: number[];
}

/** One sentence for each kind of ordinal. */
export function drainedText(
  { set, pods, services }: Facts,
  observation: Observation,
  drainSet: readonly number[],
): DrainedText {
  const here = podsAt(pods, drainSet);
  const missing = without(
    drainSet,
    here.map(({ ordinal }) => ordinal),
  );
  const unbound = here.filter((pod) => isUnbound(observation, pod)).map(({ ordinal }) => ordinal);
  const unselected = here
    .filter((pod) => !services.some(({ service }) => selects(service, pod)))
    .map(({ ordinal }) => ordinal);
  const shown = without(drainSet, [...missing, ...unbound, ...unselected]);
  const which = (ordinals: readonly number[]) => ordinals.map((ordinal) => `${set.name}-${ordinal}`).join(', ');
  const lines = [
    ...(shown.length > 0
      ? [`the load balancer shows weight 0 for ${ordinalsText(shown)}: no new connections, existing ones go on`]
      : []),
    ...(unbound.length > 0
      ? [`no load balancer binds ${ordinalsText(unbound)}, not ready: no new connections, and weight 0 once bound`]
      : []),
    ...(unselected.length > 0
      ? [
          `no Service selects ${which(unselected)} now: no load balancer binds ${unselected.length === 1 ? 'it' : 'them'}, and weight 0 once one does`,
        ]
      : []),
    ...(missing.length > 0
      ? [
          `${which(missing)} ${missing.length === 1 ? 'does' : 'do'} not exist: the load balancer has nothing to show, and weight 0 once bound`,
        ]
      : []),
  ];
  return { message: lines.join('\n'), unbound };
}
