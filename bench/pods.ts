/** A StatefulSet of any size on the sandbox's API server, its pods written as a kubelet would leave them: no process runs behind them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kube, KubeObject } from '../lib/ports.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../lib/resources.ts';
import { startApiServer } from '../sandbox/apiserver/start.ts';
import { connectAs } from '../sandbox/start-data-plane.ts';

export interface BenchServer {
  /** Of the administrator, with a client certificate. */
  kubeconfigFile: string;
  kube: Kube;
  stop(): Promise<void>;
}

export async function startBenchServer(): Promise<BenchServer> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-bench-'));
  const api = await startApiServer({ stateDir });
  const kube = await connectAs(api.kubeconfigFile, 'bench');
  return {
    kubeconfigFile: api.kubeconfigFile,
    kube,
    async stop() {
      await kube.close();
      await api.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

const REVISION = 'web-5d8f';

/** A StatefulSet `name`, its Service and `count` ready pods. */
export async function createPods(kube: Kube, name: string, count: number): Promise<void> {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'web', image: 'nginx:1.25.3', ports: [{ containerPort: 80 }] }] },
  };
  const set = await kube.create(STATEFUL_SETS, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas: count,
      serviceName: name,
      selector: { matchLabels: labels },
      updateStrategy: { type: 'OnDelete' },
      template,
    },
  });
  await kube.patch(
    STATEFUL_SETS,
    name,
    { status: { replicas: count, readyReplicas: count, updateRevision: REVISION, observedGeneration: 1 } },
    { type: 'merge', subresource: 'status' },
  );
  await kube.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, annotations: { 'service.cloud.tencent.com/direct-access': 'true' } },
    spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
  });
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let ordinal = lane; ordinal < count; ordinal += 8) await createPod(kube, set, ordinal, template);
  });
  await Promise.all(lanes);
}

async function createPod(
  kube: Kube,
  set: KubeObject,
  ordinal: number,
  { metadata, spec }: { metadata: { labels: object }; spec: object },
) {
  const name = `${set.metadata.name}-${ordinal}`;
  await kube.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { ...metadata.labels, 'controller-revision-hash': REVISION },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          name: set.metadata.name,
          uid: set.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: { ...spec, nodeName: 'node-1' },
  });
  const podIP = `10.${20 + (ordinal >> 16)}.${(ordinal >> 8) & 255}.${ordinal & 255}`;
  await kube.patch(
    PODS,
    name,
    {
      status: {
        phase: 'Running',
        podIP,
        podIPs: [{ ip: podIP }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
        containerStatuses: [
          { name: 'web', ready: true, restartCount: 0, image: 'nginx:1.25.3', imageID: '', state: { running: {} } },
        ],
      },
    },
    { type: 'merge', subresource: 'status' },
  );
}
