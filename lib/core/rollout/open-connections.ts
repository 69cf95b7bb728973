/** The connections that a rolling update would cut now: those that outlast the grace period of the pod that holds them. */
import { type Finding, figures, warn } from '../check/findings.ts';
import { preStopOf } from '../lifecycle/pre-stop.ts';
import { type Advice, advice, kubectl } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import { list, number } from '../values/read.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { workloadText } from './workload.ts';

export function connectionsFinding({ connections, workload }: RolloutFacts): Finding {
  if (!connections.known) {
    const message = `how many connections are open now is unknown: ${connections.because}`;
    return warn('rolling update', 'open-connections', message);
  }
  const { open, counted, pods, oldestForMs } = connections.value;
  const missing = counted === pods ? '' : ` (counted on ${counted} of ${pods} pods)`;
  if (open === 0 && counted === pods) return figures('rolling update', 'open-connections', 'no connection is open now');
  const oldest =
    oldestForMs === undefined
      ? 'one look does not show how long'
      : `the longest-lived have been there for ${formatDuration(Math.floor(oldestForMs / 1000) * 1000)} or more`;
  return warn(
    'rolling update',
    'open-connections',
    `about ${open} ${open === 1 ? 'connection is' : 'connections are'} open now${missing}; ${oldest}: a rolling update would cut what is open after ${cutText(workload)}`,
    waitingCure(workload),
  );
}

function waitingCure({ kind, name }: RolloutFacts['workload']): Advice {
  if (kind === 'deployment')
    return advice`run it as a StatefulSet with updateStrategy OnDelete: this program then waits for the last connection of each pod`;
  const strategy = '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}';
  return kubectl('patch', kind, name, '--type', 'merge', '-p', strategy).note(
    'this program then waits for the last connection of each pod',
  );
}

/** SIGTERM follows the hook, SIGKILL the grace period; what the program does in between is its own. */
function cutText(workload: RolloutFacts['workload']): string {
  const graceSeconds = number(workload.template, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  const hooks = list(workload.template, 'spec', 'containers').map(preStopOf);
  const sleeps = hooks.map((hook) => (hook.kind === 'sleep' ? hook.seconds : 0));
  const first = Math.min(graceSeconds, ...sleeps);
  const grace = `${graceSeconds}s (terminationGracePeriodSeconds of ${workloadText(workload)})`;
  return first >= graceSeconds ? grace : `${grace}, or after ${first}s where the program ends at SIGTERM`;
}
