/** The connections that a rolling update would cut now: those that outlast the grace period of the pod that holds them. */
import { type Finding, figures, warn } from '../check/findings.ts';
import { graceSecondsOf, preStopOf } from '../lifecycle/pre-stop.ts';
import { onDeletePatch } from '../safety/rules.ts';
import { type Advice, advice } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import { list } from '../values/read.ts';
import type { OpenConnections, RolloutFacts } from './rollout-facts.ts';
import { workloadText } from './workload.ts';

export function connectionsFinding({ connections, workload }: RolloutFacts): Finding {
  if (!connections.known) {
    const message = `how many connections are open now is unknown: ${connections.because}`;
    return warn('rolling update', 'open-connections', message);
  }
  const { open, counted, pods, watched } = connections.value;
  const missing = counted === pods ? '' : ` (counted on ${counted} of ${pods} pods)`;
  if (open === 0 && counted === pods) return figures('rolling update', 'open-connections', 'no connection is open now');
  return warn(
    'rolling update',
    'open-connections',
    `about ${open} ${open === 1 ? 'connection is' : 'connections are'} open now${missing}; ${ageText(watched)}: a rolling update would cut what is open after ${cutText(workload)}`,
    waitingCure(workload),
  );
}

function ageText(watched: OpenConnections['watched']): string {
  if (watched === undefined)
    return 'how long they have been there is unknown (--measure looks twice; source pod can tell)';
  const time = formatDuration(watched.forMs);
  return watched.stayed
    ? `the longest-lived have been there for ${time} or more`
    : `none of them was still there ${time} later`;
}

function waitingCure({ kind, name }: RolloutFacts['workload']): Advice {
  if (kind === 'deployment')
    return advice`run it as a StatefulSet with updateStrategy OnDelete: this program then waits for the last connection of each pod`;
  return onDeletePatch(name).note('this program then waits for the last connection of each pod');
}

/** SIGTERM follows the hook, SIGKILL the grace period; what the program does in between is its own. */
function cutText(workload: RolloutFacts['workload']): string {
  const graceSeconds = graceSecondsOf(workload.template);
  const hooks = list(workload.template, 'spec', 'containers').map(preStopOf);
  const sleeps = hooks.map((hook) => (hook.kind === 'sleep' ? hook.seconds : 0));
  const first = Math.min(graceSeconds, ...sleeps);
  const grace = `${graceSeconds}s (terminationGracePeriodSeconds of ${workloadText(workload)})`;
  if (first >= graceSeconds) return grace;
  return `${grace}, or ${first === 0 ? 'at once' : `after ${first}s`} where the program ends at SIGTERM`;
}
