/** The pods as the cluster sees them. */

import { goingCures } from '../target/going.ts';
import { isOutdated, notReadyBecause } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { type Advice, kubectl, lines, own } from '../values/command.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, ok, some, warn } from './findings.ts';

/** Injected by TKE into pods that are bound directly (TKE: readiness gate of direct access). */
export const READINESS_GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

export function podFindings({ set, pods, going }: CheckFacts): Finding[] {
  // With no replicas nothing of this is so, nor not so.
  if (set.replicas === 0 && pods.length === 0) return [];
  const have = new Set(pods.map((pod) => pod.ordinal));
  const missing = ordinalsOf(set)
    .filter((ordinal) => !have.has(ordinal))
    .map((ordinal) => `${set.name}-${ordinal}`);
  const unready = pods.filter((pod) => !pod.terminating && notReadyBecause(pod) !== undefined).map(({ name }) => name);
  const ungated = pods.filter((pod) => !pod.gates.some(({ type }) => type === READINESS_GATE)).map(({ name }) => name);
  const outdated = pods.filter((pod) => isOutdated(pod, set)).length;
  return [
    missing.length === 0
      ? ok('pods', 'pods-exist', `all ${set.replicas} pods exist`)
      : warn('pods', 'pods-exist', `${some(missing)} ${verb(missing, 'does', 'do')} not exist`, describeSet(set.name)),
    ...pods
      .filter((pod) => pod.terminating)
      .map((pod) =>
        warn('pods', 'not-terminating', going.get(pod.name) ?? `${pod.name} is terminating`, lines(...goingCures(pod))),
      ),
    unready.length === 0
      ? ok('pods', 'pods-ready', 'every pod is ready')
      : warn(
          'pods',
          'pods-ready',
          `${some(unready)} ${verb(unready, 'is', 'are')} not ready: less capacity than there seems to be`,
          describe(unready),
        ),
    ungated.length === 0
      ? ok('pods', 'readiness-gate', 'every pod has the readiness gate of the load balancer')
      : warn(
          'pods',
          'readiness-gate',
          `${some(ungated)} ${verb(ungated, 'has', 'have')} no readiness gate (${READINESS_GATE}): their readiness does not depend on the load balancer; this program asks the load balancer itself`,
          own('upgrade', set.name, '--restart').note('pods get the gate when they are recreated under direct access'),
        ),
    ok('pods', 'revisions', outdated === 0 ? 'every pod runs the update revision' : `${outdated} pods are outdated`),
  ];
}

const verb = (names: readonly string[], one: string, many: string): string => (names.length === 1 ? one : many);

/** A pod that does not exist has no events: those of its StatefulSet show why it is not made. */
const describeSet = (name: string): Advice =>
  kubectl('describe', 'statefulset', name).note('its events show why they are not made');

const describe = (names: readonly string[]): Advice => kubectl('describe', 'pod', names[0] ?? '');
