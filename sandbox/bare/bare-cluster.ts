/**
 * A cluster with its cloud and no workload, in a process of its own: API server, load balancers, cloud API and
 * service-controller, and pods behind which nothing runs. 5,000 of them fit on any machine; the bench and the build's own
 * runs need no more.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from '../../lib/core/values/read.ts';
import { NAMESPACES, SERVICES } from '../../lib/ports/resources.ts';
import { startApiServer } from '../apiserver/start-apiserver.ts';
import { startCloudApi } from '../clb/api/start-cloud-api.ts';
import { startBalancers } from '../clb/balancers/balancers.ts';
import { startServiceController } from '../service-controller/start-service-controller.ts';
import { until } from '../start/await-ready.ts';
import { connectAs, REGION } from '../start/start-data-plane.ts';
import { createPods } from './bare-pods.ts';
import { offer } from './child.ts';

const HOUR_MS = 3_600_000;

const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-bench-'));
const api = await startApiServer({ stateDir });
const kube = await connectAs(api.kubeconfigFile, 'bench');
const controllerKube = await connectAs(api.kubeconfigFile, 'service-controller');
// Changes show at once: how long the cloud takes is not what is measured here. One probe makes a backend healthy, and
// the next ones would disturb.
const clb = startBalancers({ lagMs: 0, monitorPeriodSeconds: 60, healthIntervalMs: HOUR_MS, healthyThreshold: 1 });
// No count appears while it runs, so that a read gets the same answer in whichever minute it falls.
const cloud = await startCloudApi(clb, { monitorDelayMs: HOUR_MS });
const controller = startServiceController(controllerKube, clb, { region: REGION, resyncMs: HOUR_MS });
// All backends are probed at the same moment: more than one socket's queue holds.
const probed = await Promise.all(Array.from({ length: 16 }, listen));

export interface BareSet {
  namespace: string;
  name: string;
  /** `0-9`: updated already, the rest is outdated. */
  updated: string;
}

async function listen(): Promise<{ server: Server; hostPort: string }> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, hostPort: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function createSet(size: number): Promise<BareSet> {
  const namespace = `pods-${size}`;
  const name = 'web';
  const updated = Math.max(1, Math.floor(size / 10));
  await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await createPods(kube, { namespace, name, count: size, updated, hostPorts: probed.map(({ hostPort }) => hostPort) });
  const bound = async () => {
    const service = await kube.get(SERVICES, name, { namespace });
    const balancer = clb.balancer(service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '');
    const targets = [...(balancer?.listeners.values() ?? [])].flatMap((listener) => listener.targets);
    const isServed = text(service, 'status', 'loadBalancer', 'ingress', 0, 'ip') !== undefined;
    return isServed && targets.length === size && targets.every(({ health }) => health === 'alive');
  };
  await until(`${size} pods bound`, bound, new AbortController().signal, 120_000);
  return { namespace, name, updated: updated === 1 ? '0' : `0-${updated - 1}` };
}

const sets = new Map<number, Promise<BareSet>>();

const functions = {
  /** The environment variables for kubectl and the plugin. */
  environment: async (): Promise<Readonly<Record<string, string>>> => ({
    KUBECONFIG: api.kubeconfigFile,
    TENCENTCLOUD_SECRET_ID: cloud.credentials.secretId,
    TENCENTCLOUD_SECRET_KEY: cloud.credentials.secretKey,
    TENCENTCLOUD_REGION: REGION,
    ZEROLOSS_CLOUD_ENDPOINT: cloud.url,
  }),
  /** A StatefulSet of so many pods in a namespace of its own, bound to a load balancer; a tenth of them is updated. */
  createSet: async (size: number): Promise<BareSet> => {
    const set = sets.get(size) ?? createSet(size);
    sets.set(size, set);
    return set;
  },
};

export type BareCluster = typeof functions;

offer(functions, async () => {
  for (const { server } of probed) server.close();
  await controller.stop();
  await cloud.stop();
  await clb.stop();
  await controllerKube.close();
  await kube.close();
  await api.stop();
  await rm(stateDir, { recursive: true, force: true });
});
