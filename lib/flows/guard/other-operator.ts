/** Another operator's verb, as its lease shows it: for those who only look, and for short verbs, which hold no lease themselves. */

import type { RunningVerb } from '../../core/status/status-view.ts';
import { agoText } from '../../core/values/duration.ts';
import { formatTime, parseTime } from '../../core/values/time.ts';
import { LEASES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { leaseState, shownHolder } from './lease-state.ts';
import { serverNowMs } from './server-time.ts';
import { softly } from './softly.ts';

/**
 * The verb that holds the lease of a StatefulSet; undefined where none does, and where the lease cannot be read. A lease that
 * has run out is shown too, with the time of its last renewal, unless its holder was a process of this machine that is gone.
 * Throws only on abort.
 */
export async function runningVerb(world: World, name: string): Promise<RunningVerb | undefined> {
  const lease = await softly(world, () => world.kube.get(LEASES, `kubectl-zeroloss-${name}`, { signal: world.signal }));
  if (!lease.known) return undefined;
  const { holder, sinceMs, lastMs, expired } = leaseState(world, lease.value);
  const me = world.leaseHolder;
  if (holder === '' || holder === me?.identity || me?.isGone(holder) === true) return undefined;
  const timeText = (ms: number) => (Number.isFinite(ms) ? formatTime(ms) : null);
  return {
    by: shownHolder(holder),
    verb: lease.value.metadata.annotations?.['kubectl-zeroloss/verb'] ?? null,
    begunAt: timeText(sinceMs),
    renewedAt: timeText(lastMs),
    expired,
  };
}

/**
 * `ann@laptop/4711 runs upgrade, begun 2m ago`; with `what`, `runs upgrade on statefulset/nginx, …`. Of a lease that has run out,
 * with the time of its last renewal.
 */
export function runningText(
  world: World,
  { by, verb, begunAt, renewedAt, expired }: RunningVerb,
  what?: string,
): string {
  const ago = (at: string | null): string | undefined =>
    at === null ? undefined : agoText(serverNowMs(world) - parseTime(at));
  const begun = ago(begunAt);
  const renewed = expired ? ago(renewedAt) : undefined;
  return [
    `${by} runs ${verb ?? 'a command'}${what === undefined ? '' : ` on ${what}`}`,
    ...(begun === undefined ? [] : [`begun ${begun}`]),
    ...(renewed === undefined ? [] : [`but last renewed its lease ${renewed}`]),
  ].join(', ');
}

/** Warns of it. Silent inside a verb that holds the lease itself. */
export async function warnOfRunningVerb(world: World, name: string): Promise<void> {
  if (world.leaseHolder === undefined) return;
  const running = await runningVerb(world, name);
  if (running !== undefined) world.report.warn(runningText(world, running, `statefulset/${name}`));
}
