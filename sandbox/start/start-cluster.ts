/** Starts every part of a rehearsal cluster, in the order in which they need each other, and stops them in the opposite one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { texts } from '../../lib/core/values/read.ts';
import { PODS, SERVICES } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { issueKubeletCertificate } from '../apiserver/pki/kubelet-certificate.ts';
import { type ApiServer, startApiServer } from '../apiserver/start-apiserver.ts';
import type { Carrier } from '../clb/plane-world.ts';
import type { Running } from '../common/running.ts';
import { startDisruptionController } from '../controllers/budget/disruption.ts';
import { startDeploymentController } from '../controllers/deployment/deployment-controller.ts';
import { startEndpointsController } from '../controllers/endpoints/endpoints-controller.ts';
import { startGarbageCollector } from '../controllers/garbage-collector.ts';
import { startNodeLifecycle } from '../controllers/node-lifecycle.ts';
import { startReplicaSetController } from '../controllers/replica-set/replica-set-controller.ts';
import { startStatefulSetController } from '../controllers/stateful-set/stateful-set-controller.ts';
import { startVolumeController } from '../controllers/volume-controller.ts';
import { isLoadBalancer } from '../service-controller/listeners/plan-listeners.ts';
import { bindsPods } from '../service-controller/targets/direct-access.ts';
import { injectReadinessGate } from '../service-controller/targets/readiness-gate.ts';
import { closable, connectAs, type RunningDataPlane, startDataPlane } from './start-data-plane.ts';

export interface ClusterOptions {
  /** How long the load balancer takes to follow a change, ms. */
  lagMs?: number;
  /** How long a pod's change takes to show in its Endpoints, ms; default 0. */
  endpointLagMs?: number;
  /** Finest period of connection counts, seconds; the cloud's is 60. */
  monitorPeriodSeconds?: number;
  /** Another load balancer for layer 4 in the place of the sandbox's own proxy. */
  carrier?: Carrier;
  /** A serverless cluster: Services bind pods without the direct-access annotation. */
  serverless?: boolean;
  /** How many nodes the pods are spread over; default 1. */
  nodes?: number;
  apiPort?: number;
  log?: (line: string) => void;
}

/** A rehearsal cluster on whichever control plane. */
export interface RehearsalCluster extends Running, RunningDataPlane {}

export interface RunningCluster extends RehearsalCluster {
  api: ApiServer;
}

export async function startCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-sandbox-'));
  const { add, stop } = partsInOrder();
  add({ stop: () => rm(stateDir, { recursive: true, force: true }) });
  try {
    const api = add(
      await startApiServer({ stateDir, ...(options.apiPort === undefined ? {} : { port: options.apiPort }) }),
    );
    const connect = async () => add(closable(await connectAs(api.kubeconfigFile, 'kube-controller-manager'))).kube;
    const makers = withReadinessGate(await connect(), options.serverless ?? false);
    add(startStatefulSetController(makers));
    add(startReplicaSetController(makers));
    const controllers = await connect();
    add(startDeploymentController(controllers));
    add(startEndpointsController(controllers, { lagMs: options.endpointLagMs ?? 0 }));
    add(startDisruptionController(controllers));
    add(startGarbageCollector(controllers));
    add(startVolumeController(controllers));
    add(startNodeLifecycle(controllers));
    const certificate = await issueKubeletCertificate(stateDir);
    const dataPlane = await startDataPlane({ ...options, kubeconfigFile: api.kubeconfigFile, certificate }, add);
    return { api, ...dataPlane, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Parts that were added are stopped last first, each once. */
export function partsInOrder(): { add: <T extends Running>(part: T) => T; stop: () => Promise<void> } {
  const parts: Running[] = [];
  return {
    add: (part) => {
      parts.push(part);
      return part;
    },
    stop: async () => {
      for (const part of parts.splice(0).reverse()) await part.stop();
    },
  };
}

/** TKE injects the gate with an admission webhook when the pod is created; this API server has no webhooks. */
function withReadinessGate(kube: Kube, serverless: boolean): Kube {
  return new Proxy(kube, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      // Bound to the client itself: its private members are not the proxy's.
      if (property !== 'create') return typeof value === 'function' ? value.bind(target) : value;
      const create: Kube['create'] = async (resource, object, options) => {
        const isPod = resource.plural === PODS.plural && options?.subresource === undefined;
        const gated = isPod && (await isBoundDirectly(target, object, options?.namespace, serverless));
        return target.create(resource, gated ? injectReadinessGate(object) : object, options);
      };
      return create;
    },
  });
}

/** As the webhook does: the gate is for pods that a direct-access Service selects at the moment of their creation. */
export async function isBoundDirectly(
  kube: Kube,
  pod: object,
  namespace: string | undefined,
  serverless = false,
): Promise<boolean> {
  const labels = texts(pod, 'metadata', 'labels');
  const services = await kube.list(SERVICES, namespace === undefined ? {} : { namespace });
  return services.items.some((service) => {
    const selector = Object.entries(texts(service, 'spec', 'selector'));
    const direct = isLoadBalancer(service) && bindsPods(service, [pod as KubeObject], serverless);
    return direct && selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
}
