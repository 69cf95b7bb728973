/** TKE's service-controller as the documents describe it, faults included. */

import { NODES, PODS, SERVICES } from '../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';
import type { Clb } from '../clb/balancers/balancers.ts';
import { type InformerHandlers, keyOf, splitKey, startInformer } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import { systemClock } from '../common/system-clock.ts';
import { startWorker } from '../common/work-queue.ts';
import { eventRecorder } from '../controllers/recorder.ts';
import { Annotation } from './annotations.ts';
import { type ControllerFaults, noFaults } from './controller-faults.ts';
import { fingerprint } from './fingerprint.ts';
import { runTask } from './listeners/cloud-tasks.ts';
import { isLoadBalancer } from './listeners/plan-listeners.ts';
import { balancersOf, releaseService } from './listeners/release.ts';
import { listenersOwnedBy } from './listeners/sync-listeners.ts';
import { ServiceWriter } from './service-writer.ts';
import { SyncError } from './sync-error.ts';
import { type SyncContext, syncGates, syncService } from './sync-service.ts';
import { CustomWeights } from './targets/custom-weight.ts';
import { graceEndMs, selects } from './targets/plan-targets.ts';

export interface ServiceControllerOptions {
  /** Wait between a change in the cluster and the reaction to it, milliseconds; default 0. */
  lagMs?: number;
  /** How often every Service is compared with the load balancer, changed or not; default 10 s. */
  resyncMs?: number;
  /** Region of new balancers; default `ap-guangzhou`. */
  region?: string;
  /** A cluster without nodes of its own: every Service binds pods directly, annotated or not; default false. */
  serverless?: boolean;
  clock?: Clock;
  log?: (line: string) => void;
}

export interface ServiceController extends Running {
  /** Falls asleep for so long, or until `resume`: nothing is synced meanwhile. */
  pause(ms?: number): void;
  resume(): void;
  /** Someone gives every backend of every Service this weight at the load balancer; the next resync takes it back. */
  overwrite(weight: number): Promise<void>;
  /** In what it is wrong from its next sync on. */
  readonly faults: ControllerFaults;
}

const RETRY_DELAY_MS = 200;

/**
 * Starts the model of TKE's service-controller in direct-access mode: an API client that keeps the load balancer as the
 * Services of type LoadBalancer, their annotations and their pods say. Not modelled: TkeServiceConfig, security groups,
 * cross-VPC bindings, TargetGroup objects, grace deletion.
 */
export function startServiceController(
  kube: Kube,
  clb: Clb,
  {
    lagMs = 0,
    resyncMs = 10_000,
    region = 'ap-guangzhou',
    serverless = false,
    clock = systemClock,
    log = () => undefined,
  }: ServiceControllerOptions = {},
): ServiceController {
  const onError = (error: unknown, what = 'watch'): void =>
    log(`service-controller: ${what}: ${error instanceof Error ? error.message : String(error)}`);
  const writer = new ServiceWriter(kube, clock, eventRecorder(kube, 'service-controller', clock, log));
  /** The last state that was synced, or that failed for good, per Service. */
  const seen = new Map<string, string>();
  /** Uids of Services that are gone, by their former key. */
  const gone = new Map<string, Set<string>>();
  const faults = noFaults();
  const customWeights = new CustomWeights(faults.customWeight);
  let asleepUntilMs = 0;

  const process = async (key: string, signal: AbortSignal): Promise<void> => {
    await Promise.all([services.synced, pods.synced, nodes.synced]);
    const asleepMs = asleepUntilMs - clock.now();
    if (asleepMs > 0) {
      if (Number.isFinite(asleepMs)) worker.enqueue(key, asleepMs);
      return;
    }
    const context: SyncContext = { kube, clb, clock, writer, region, serverless, faults, customWeights, signal };
    for (const uid of gone.get(key) ?? []) await releaseService(context, uid);
    gone.delete(key);
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
      seen.delete(key);
      return;
    }
    await reconcile(context, key, service);
  };

  const reconcile = async (context: SyncContext, key: string, service: KubeObject): Promise<void> => {
    const { annotations = {}, uid = '' } = service.metadata;
    if (annotations[Annotation.mode] === 'skip') return;
    if (!isLoadBalancer(service)) {
      if (balancersOf(clb, uid).length === 0) return;
      await releaseService(context, uid);
      await writer.released(service);
      return;
    }
    const selected = pods.list().filter((pod) => selects(service, pod));
    const mark = fingerprint(service);
    const input = { service, pods: selected, nodes: nodes.list(), changed: seen.get(key) !== mark };
    try {
      await syncService(context, input);
    } catch (error) {
      // Only a change of the Service can mend it: said once, and not tried again before.
      if (!(error instanceof SyncError)) throw error;
      if (input.changed) await writer.failed(service, error.code, error.message);
      log(`service-controller: ${key}: ${error.message}`);
      seen.set(key, mark);
      return;
    }
    seen.set(key, mark);
    await syncGates(context, input);
    for (const pod of selected) {
      const leftMs = (graceEndMs(pod) ?? 0) - clock.now();
      if (leftMs > 0) worker.enqueue(key, leftMs + 1);
    }
  };

  const worker = startWorker(process, { retryDelayMs: RETRY_DELAY_MS, onError, clock });
  const enqueueAll = (): void => {
    for (const service of services.list()) worker.enqueue(keyOf(service));
  };
  const copy = (resource: typeof PODS, handlers: InformerHandlers) =>
    startInformer(kube, resource, { namespace: '*' }, handlers, { onError, clock });

  const services = copy(SERVICES, {
    onUpsert: (service) => worker.enqueue(keyOf(service), lagMs),
    onDelete: (service) => {
      const key = keyOf(service);
      gone.set(key, (gone.get(key) ?? new Set()).add(service.metadata.uid ?? ''));
      worker.enqueue(key, lagMs);
    },
  });
  const onPod = (pod: KubeObject): void => {
    for (const service of services.list()) if (selects(service, pod)) worker.enqueue(keyOf(service), lagMs);
  };
  const pods = copy(PODS, { onUpsert: onPod, onDelete: onPod });
  const nodes = copy(NODES, { onUpsert: enqueueAll, onDelete: enqueueAll });

  const stopWatchingHealth = clb.onHealthChange((balancerId) => {
    const owners = new Set([...(clb.balancer(balancerId)?.listeners.values() ?? [])].map(({ owner }) => owner));
    for (const service of services.list()) if (owners.has(service.metadata.uid)) worker.enqueue(keyOf(service));
  });
  const resync = setInterval(enqueueAll, resyncMs);

  return {
    faults,
    pause(ms = Number.POSITIVE_INFINITY) {
      asleepUntilMs = clock.now() + ms;
    },
    resume() {
      asleepUntilMs = 0;
      for (const key of gone.keys()) worker.enqueue(key);
      enqueueAll();
    },
    async overwrite(weight) {
      const uids = services.list().map(({ metadata }) => metadata.uid ?? '');
      for (const balancer of clb.balancers) {
        const listeners = uids.flatMap((uid) => listenersOwnedBy(balancer, uid));
        const changes = listeners.flatMap(({ id: listenerId, targets }) =>
          targets.map(({ address, port, ruleId }) => ({ listenerId, address, port, ruleId, weight })),
        );
        if (changes.length === 0) continue;
        await runTask(() => clb.modifyWeights(balancer.id, changes), clock, new AbortController().signal);
      }
    },
    async stop() {
      clearInterval(resync);
      stopWatchingHealth();
      await Promise.all([services, pods, nodes, worker].map((part) => part.stop()));
    },
  };
}
