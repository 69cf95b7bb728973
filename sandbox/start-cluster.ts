/** Starts every part of a rehearsal cluster, in the order in which they need each other, and stops them in the opposite one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectedKube, connectKube } from '../lib/kube/connect.ts';
import type { Kube } from '../lib/ports.ts';
import { PODS } from '../lib/resources.ts';
import { issueKubeletCertificate } from './apiserver/pki/kubelet-certificate.ts';
import { type ApiServer, startApiServer } from './apiserver/start.ts';
import { type CloudApi, startCloudApi } from './clb/api/start.ts';
import { type Clb, startBalancers } from './clb/balancers.ts';
import { startDisruptionController } from './controllers/disruption.ts';
import { startEndpointsController } from './controllers/endpoints.ts';
import { startGarbageCollector } from './controllers/garbage-collector.ts';
import { startStatefulSetController } from './controllers/stateful-set.ts';
import { startKubelet } from './kubelet/start.ts';
import type { Running } from './running.ts';
import { injectReadinessGate } from './service-controller/readiness-gate.ts';
import { startServiceController } from './service-controller/start.ts';

export interface ClusterOptions {
  /** How long the load balancer takes to follow a change, ms. */
  lagMs?: number;
  /** Finest period of connection counts, seconds; the cloud's is 60. */
  monitorPeriodSeconds?: number;
  apiPort?: number;
  log?: (line: string) => void;
}

export interface Cluster extends Running {
  api: ApiServer;
  kube: Kube;
  clb: Clb;
  cloud: CloudApi;
  /** What kubectl and the plugin need in their environment. */
  environment: Readonly<Record<string, string>>;
}

export const REGION = 'ap-guangzhou';

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-sandbox-'));
  const parts: Running[] = [{ stop: () => rm(stateDir, { recursive: true, force: true }) }];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
  };
  const add = <T extends Running>(part: T): T => {
    parts.push(part);
    return part;
  };
  try {
    const api = add(
      await startApiServer({ stateDir, ...(options.apiPort === undefined ? {} : { port: options.apiPort }) }),
    );
    const connect = (manager: string) => connectTo(api, manager, add);
    const clb = add(
      startBalancers({
        lagMs: options.lagMs ?? 300,
        monitorPeriodSeconds: options.monitorPeriodSeconds ?? 1,
        healthIntervalMs: 250,
      }),
    );
    const cloud = add(await startCloudApi(clb, {}));
    const certificate = await issueKubeletCertificate(stateDir);
    add(startStatefulSetController(withReadinessGate(await connect('kube-controller-manager'))));
    const controllers = await connect('kube-controller-manager');
    add(startEndpointsController(controllers));
    add(startDisruptionController(controllers));
    add(startGarbageCollector(controllers));
    add(await startKubelet(await connect('kubelet'), { certificate }));
    add(startServiceController(await connect('service-controller'), clb, { region: REGION }));
    const kube = await connect('kubectl-zeroloss-sandbox');
    return { api, kube, clb, cloud, environment: environmentOf(api, cloud), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connectTo(api: ApiServer, fieldManager: string, add: (part: Running) => void): Promise<ConnectedKube> {
  const kube = await connectKube({
    flags: { kubeconfig: api.kubeconfigFile },
    env: {},
    fieldManager,
    userAgent: fieldManager,
  });
  add({ stop: () => kube.close() });
  return kube;
}

/** TKE injects the gate with an admission webhook when the pod is created; this API server has no webhooks. */
function withReadinessGate(kube: Kube): Kube {
  return new Proxy(kube, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      // Bound to the client itself: its private members are not the proxy's.
      if (property !== 'create') return typeof value === 'function' ? value.bind(target) : value;
      const create: Kube['create'] = (resource, object, options) => {
        const isPod = resource.plural === PODS.plural && options?.subresource === undefined;
        return target.create(resource, isPod ? injectReadinessGate(object) : object, options);
      };
      return create;
    },
  });
}

function environmentOf(api: ApiServer, cloud: CloudApi): Record<string, string> {
  return {
    KUBECONFIG: api.kubeconfigFile,
    TENCENTCLOUD_SECRET_ID: cloud.credentials.secretId,
    TENCENTCLOUD_SECRET_KEY: cloud.credentials.secretKey,
    TENCENTCLOUD_REGION: REGION,
    ZEROLOSS_CLOUD_ENDPOINT: cloud.url,
  };
}
