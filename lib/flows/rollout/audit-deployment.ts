/** check of a Deployment: what its next rolling update would do to the connections of its clients. It reads only. */

import { accessFindings, actionFindings, withKey } from '../../core/check/check-access.ts';
import type { AskedAccess } from '../../core/check/check-facts.ts';
import { lifecycleOf } from '../../core/check/check-lifecycle.ts';
import { platformFindings } from '../../core/check/check-platform.ts';
import { type CheckDetails, type Finding, warn } from '../../core/check/findings.ts';
import { StatusError } from '../../core/errors.ts';
import { bindingsOf, type PodBinding } from '../../core/facts/backends.ts';
import type { KubeObject } from '../../core/facts/kube-object.ts';
import { selects } from '../../core/facts/selection.ts';
import { readService, type ServiceFacts } from '../../core/facts/service-facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { lagOfPods } from '../../core/lifecycle/measured-lag.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { balancerFindingsOf, type Led, podFindingsOf, serviceFindingsOf } from '../../core/rollout/audit-balancer.ts';
import { lagFinding } from '../../core/rollout/lag-finding.ts';
import { rolloutFindings } from '../../core/rollout/rollout-findings.ts';
import { readWorkload, type WorkloadFacts, workloadText } from '../../core/rollout/workload.ts';
import { AUDIT_ACCESS } from '../../core/safety/required-access.ts';
import { type PodFacts, readPod } from '../../core/target/pod.ts';
import { kubectl, own } from '../../core/values/command.ts';
import { known, unknown } from '../../core/values/known.ts';
import { DEPLOYMENTS, PODS, SERVICES, STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { askAccess } from '../check/ask-access.ts';
import { balancersOf } from '../check/blind.ts';
import { checkOutcome } from '../check/check-outcome.ts';
import { provenSources } from '../check/proven-sources.ts';
import { readControllerConfig } from '../check/read-cluster.ts';
import { triedActions } from '../check/tried-actions.ts';
import { softly } from '../guard/softly.ts';
import { countOpen, watchOf } from './count-open.ts';
import { readRollout } from './read-rollout.ts';

/** Exit code 0 without a FAIL, else 4. Throws only when the Deployment is not there or may not be read, or on abort. */
export async function auditDeployment(
  world: World,
  intent: CheckIntent,
  asking: Promise<AskedAccess[]> = askAccess(world, AUDIT_ACCESS),
): Promise<Outcome<CheckDetails>> {
  asking.catch(() => undefined);
  const { kube, signal } = world;
  const workload = readWorkload('deployment', await getDeployment(world, intent.name));
  const objects = await softly(world, async () =>
    (await kube.list(PODS, { labelSelector: workload.selectorText, signal })).items.filter((pod) =>
      isOf(workload, pod),
    ),
  );
  const found = objects.known ? objects.value : [];
  const pods = found.map((pod) => readPod(pod, NO_ORDINAL));
  const listed = await softly(world, async () => (await kube.list(SERVICES, { signal })).items.map(readService));
  const services = listed.known ? chosen(listed.value, workload, pods, intent.services) : [];
  world.foundBalancers?.(services.flatMap(({ balancerId }) => balancerId ?? []));
  const balanced = services.filter(({ balancerId }) => balancerId !== undefined);
  const [read, actions] = await Promise.all([
    softly(world, async () => {
      if (!listed.known) throw new Error(listed.because);
      return balancersOf(world, balanced);
    }),
    softly(world, () => triedActions(world, services)),
  ]);
  const balancers = withKey(read, actions);
  const led: Led = { workload, pods, services, balancers };
  const bindings = bindingsIn(led);
  const [rollout, controller, access, connections] = await Promise.all([
    readRollout(world, workload, found),
    readControllerConfig(world),
    asking,
    openConnections(world, led, bindings, intent),
  ]);
  const platform = { access, actions, clockAheadMs: kube.clockAheadMs?.(), strays: intent.strays };
  return report(world, workload, [
    ...lifecycleOf(
      {
        ...workload,
        gated: pods.length > 0 && pods.every(({ gates }) => gates.length > 0),
        whenEnding: 'when a rolling update ends a pod',
        onChange: 'a change of the template starts a rolling update',
      },
      { balancers: balancers.known ? balancers.value.map(({ balancer }) => balancer) : [], services },
    ),
    ...rolloutFindings({ ...rollout, bound: bindings.some((each) => each.bindings.length > 0), connections }),
    ...(intent.measure === undefined ? [] : [lagFinding({ ...workload, lag: lagOfPods(found) })]),
    ...(listed.known
      ? serviceFindingsOf(led)
      : [warn('services', 'not-checked', `which Services lead to the pods is unknown: ${listed.because}`)]),
    ...(objects.known ? podFindingsOf(led) : [warn('pods', 'not-checked', `the pods are unknown: ${objects.because}`)]),
    ...balancerFindingsOf(led),
    ...[
      ...platformFindings({ controller, services }, platform, { rolling: true }),
      ...accessFindings(access, kube.namespace),
      ...actionFindings(actions),
    ].map(asWarning),
  ]);
}

/** A missing permission makes the answer poorer, and the rolling update no worse. */
const asWarning = (finding: Finding): Finding => (finding.level === 'FAIL' ? { ...finding, level: 'WARN' } : finding);

async function getDeployment({ kube, signal }: World, name: string): Promise<KubeObject> {
  try {
    return await kube.get(DEPLOYMENTS, name, { signal });
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 404) throw error;
    const isSet = await kube.get(STATEFUL_SETS, name, { signal }).then(
      () => true,
      () => false,
    );
    const hint = isSet
      ? own('check', name).note(`"${name}" is a StatefulSet`)
      : kubectl('get', 'deployments').note(`those of namespace ${kube.namespace}; another one: -n NAMESPACE`);
    throw new StatusError(error.httpStatus, error.reason, error.serverMessage, { message: error.message, hint });
  }
}

/** Its pods have none. */
const NO_ORDINAL = -1;

/** A Deployment's ReplicaSets are named after it and the hash that their pods are labelled with (Kubernetes: pod-template-hash). */
function isOf({ name }: WorkloadFacts, { metadata }: KubeObject): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.kind === 'ReplicaSet' && owner.name === `${name}-${metadata.labels?.['pod-template-hash']}`;
}

const chosen = (
  all: readonly ServiceFacts[],
  { templateLabels }: WorkloadFacts,
  pods: readonly PodFacts[],
  named: readonly string[] | undefined,
): ServiceFacts[] =>
  all.filter(
    (service) =>
      service.type === 'LoadBalancer' &&
      (named === undefined || named.includes(service.name)) &&
      [{ labels: templateLabels }, ...pods].some((each) => selects(service, each)),
  );

/** The pods at the load balancers, which hold no weight for one of them. */
const bindingsIn = ({ workload, pods, balancers }: Led): PodBinding[] =>
  balancers.known
    ? balancers.value.flatMap((bound) => bindingsOf({ ...bound, document: undefined }, workload.name, pods))
    : [];

async function openConnections(
  world: World,
  led: Led,
  bindings: readonly PodBinding[],
  intent: CheckIntent,
): ReturnType<typeof countOpen> {
  const { workload, pods, services, balancers } = led;
  if (!balancers.known) return unknown(balancers.because);
  if (services.length === 0) return unknown('no Service of type LoadBalancer leads to the pods');
  const proven = await provenSources(world, { pods, inside: known([]) }, bindings, intent);
  return countOpen(world, bindings, proven.answers, watchOf(intent.measure, workload.template));
}

const report = (world: World, workload: WorkloadFacts, findings: readonly Finding[]): Outcome<CheckDetails> =>
  checkOutcome(world, {
    name: workload.name,
    findings,
    more: { kind: 'deployment' },
    price: `a rolling update of ${workloadText(workload)} would lose requests`,
  });
