/** One Service made true at the load balancer. */
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';
import type { Clb } from '../clb/balancers/balancers.ts';
import type { Balancer } from '../clb/balancers/cloud-balancer.ts';
import { Annotation } from './annotations.ts';
import { type ControllerFaults, forgetGone, misread } from './controller-faults.ts';
import { runTask } from './listeners/cloud-tasks.ts';
import { balancerOptions, findBalancer } from './listeners/ensure-balancer.ts';
import { planListeners, type WantedListener } from './listeners/plan-listeners.ts';
import { applyListenerChanges, listenersOwnedBy, planListenerChanges } from './listeners/sync-listeners.ts';
import type { ServiceWriter } from './service-writer.ts';
import type { CustomWeights } from './targets/custom-weight.ts';
import { bindsPods } from './targets/direct-access.ts';
import { mergeChanges, planChanges, type TargetChanges } from './targets/plan-changes.ts';
import { planNodeTargets, planPodTargets, type WantedTarget } from './targets/plan-targets.ts';
import { awaitsGate, isHealthyOn, openGate } from './targets/readiness-gate.ts';
import { parseWeights } from './targets/weights.ts';

export interface SyncContext {
  kube: Kube;
  clb: Clb;
  clock: Clock;
  writer: ServiceWriter;
  region: string;
  /** A cluster without nodes of its own: every Service binds pods. */
  serverless: boolean;
  faults: ControllerFaults;
  customWeights: CustomWeights;
  signal: AbortSignal;
}

/** Everything that one sync looks at. */
export interface SyncInput {
  service: KubeObject;
  /** The pods that its selector matches. */
  pods: readonly KubeObject[];
  nodes: readonly KubeObject[];
  /** Whether the Service itself changed since its last sync: then the sync times are written even if nothing is to do. */
  changed: boolean;
}

interface PlannedListener {
  wanted: WantedListener;
  targets: readonly WantedTarget[];
}

/** Makes listeners, backends and weights as the Service and its pods say. Throws SyncError when the Service must change first; then nothing was changed. */
export async function syncService(context: SyncContext, input: SyncInput): Promise<void> {
  const { clb, writer, region, clock, faults, signal } = context;
  const { service } = input;
  const owner = service.metadata.uid ?? '';
  const plan = planService(context, input);
  const found = findBalancer(clb, service);
  const listenerChanges = planListenerChanges(
    found,
    owner,
    plan.map(({ wanted }) => wanted),
  );
  for (const { address, port, dial } of plan.flatMap(({ targets }) => targets)) clb.route(address, port, dial);
  const inSync = found !== undefined && isEmpty(listenerChanges) && isEmpty(planTargetChanges(found, plan, faults));
  if (inSync && !input.changed) return;
  await writer.begin(service);
  const balancer = found ?? (await createBalancer(context, service, region));
  await applyListenerChanges(clb, balancer.id, owner, listenerChanges, { clock, signal });
  await applyTargetChanges(context, balancer.id, planTargetChanges(balancer, plan, faults));
  await writer.end(service, balancer);
}

/** Opens the readiness gate of every pod that the Service's load balancer has, on each listener, and finds healthy. */
export async function syncGates(
  { kube, clb, clock, serverless }: SyncContext,
  { service, pods }: SyncInput,
): Promise<void> {
  if (!bindsPods(service, pods, serverless)) return;
  const balancer = findBalancer(clb, service);
  const listeners = balancer === undefined ? [] : listenersOwnedBy(balancer, service.metadata.uid ?? '');
  if (listeners.length === 0) return;
  for (const pod of pods) {
    const healthy = awaitsGate(pod) && listeners.every((listener) => isHealthyOn(listener, pod));
    if (healthy) await openGate(kube, pod, clock.now());
  }
}

function planService(
  { faults, serverless, clock, customWeights }: SyncContext,
  { service, pods, nodes }: SyncInput,
): PlannedListener[] {
  const direct = bindsPods(service, pods, serverless);
  const weights = misread(parseWeights(service.metadata.annotations?.[Annotation.weights]), faults);
  return planListeners(service).map((wanted) => {
    const { servicePort, targetType } = wanted;
    // A target group's members are the group's business, not the listener's.
    if (targetType !== 'NODE') return { wanted, targets: [] };
    const targets = direct
      ? planPodTargets(pods, wanted, weights, clock.now(), customWeights)
      : planNodeTargets(nodes, servicePort);
    return { wanted, targets };
  });
}

function planTargetChanges(
  balancer: Balancer,
  plan: readonly PlannedListener[],
  faults: ControllerFaults,
): TargetChanges {
  const changes = mergeChanges(
    plan.flatMap(({ wanted, targets }) => {
      const listener = balancer.listenerAt(wanted.port, wanted.protocol);
      return listener === undefined ? [] : [planChanges(listener, targets)];
    }),
  );
  return forgetGone(changes, faults);
}

const isEmpty = (changes: object): boolean => Object.values(changes).every((list) => list.length === 0);

async function createBalancer(
  { clb, clock, signal }: SyncContext,
  service: KubeObject,
  region: string,
): Promise<Balancer> {
  const options = balancerOptions(service, region);
  const { balancerId } = await runTask(() => clb.createBalancer(options), clock, signal);
  const balancer = clb.balancer(balancerId);
  if (balancer === undefined) throw new Error(`the load balancer ${balancerId} is gone`);
  return balancer;
}

async function applyTargetChanges(
  { clb, clock, signal }: SyncContext,
  balancerId: string,
  { weights, unbind, bind }: TargetChanges,
): Promise<void> {
  if (weights.length > 0) await runTask(() => clb.modifyWeights(balancerId, weights), clock, signal);
  if (unbind.length > 0) await runTask(() => clb.unbindTargets(balancerId, unbind), clock, signal);
  if (bind.length > 0) await runTask(() => clb.bindTargets(balancerId, bind), clock, signal);
}
