/** A whole rehearsal cluster with the sample workload, and a record of when what happened to its pods. */
import { list, text } from '../lib/core/values/read.ts';
import { PODS, SERVICES } from '../lib/ports/resources.ts';
import type { KubeObject } from '../lib/ports.ts';
import { offer } from '../sandbox/bare/child.ts';
import { startInformer } from '../sandbox/common/informer.ts';
import { Behaviour } from '../sandbox/common/pod-behaviour.ts';
import { applyManifest, readManifest } from '../sandbox/start/apply-manifest.ts';
import { awaitSettled, isReady, until } from '../sandbox/start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../sandbox/start/sample-manifest.ts';
import { startCluster } from '../sandbox/start/start-cluster.ts';
import type { PodTimes } from './parts/physical-limit.ts';

export interface RehearsalOptions {
  replicas: number;
  /** How long a pod takes until its probe answers: `2s`. */
  readyAfter: string;
}

export interface Rehearsal {
  environment: Readonly<Record<string, string>>;
  /** Where clients reach the Service. */
  door: { host: string; port: number };
}

const WEIGHTS = 'service.cloud.tencent.com/lb-rs-weight';
const LOOK_EVERY_MS = 20;

const cluster = await startCluster();
const never = new AbortController().signal;
let looking: NodeJS.Timeout | undefined;
/** By uid of the pod. */
const times = new Map<string, PodTimes>();
/** When the weights of the Service were written. */
const writtenMs: number[] = [];
let weights: string | undefined;

const informers = [
  startInformer(cluster.kube, PODS, {}, { onUpsert: (pod) => seen(pod, false), onDelete: (pod) => seen(pod, true) }),
  startInformer(
    cluster.kube,
    SERVICES,
    {},
    {
      onUpsert: ({ metadata }) => {
        if (metadata.annotations?.[WEIGHTS] === weights) return;
        weights = metadata.annotations?.[WEIGHTS];
        writtenMs.push(Date.now());
      },
      onDelete: () => undefined,
    },
  ),
];

function seen(pod: KubeObject, isGone: boolean): void {
  const { uid = '', name, deletionTimestamp } = pod.metadata;
  const known = times.get(uid) ?? { ordinal: Number(name.split('-').at(-1)), createdMs: Date.now() };
  times.set(uid, known);
  if (isReady(pod)) known.readyMs ??= Date.now();
  if (isGone || deletionTimestamp !== undefined) known.deletedMs ??= Date.now();
}

/** The connections of the load balancer, as seen from inside. */
function look(): void {
  const nowMs = Date.now();
  for (const target of cluster.clb.balancers
    .flatMap((each) => [...each.listeners.values()])
    .flatMap((each) => each.targets)) {
    const known = times.get(target.tag ?? '');
    if (known === undefined || target.weight > 0) continue;
    if (known.zeroMs === undefined) {
      known.zeroMs = nowMs;
      known.writtenMs = writtenMs.findLast((atMs) => atMs <= nowMs) ?? nowMs;
      known.lastBusyMs = nowMs;
    }
    if (target.openConnections > 0) known.lastBusyMs = nowMs;
  }
}

const functions = {
  start: async ({ replicas, readyAfter }: RehearsalOptions): Promise<Rehearsal> => {
    const objects = await readManifest(SAMPLE_MANIFEST, 'the sample');
    for (const object of objects.filter((each) => each.kind === 'StatefulSet')) {
      const spec = object['spec'] as {
        replicas: number;
        template: { metadata: { annotations: Record<string, string> }; spec: Record<string, unknown> };
      };
      spec.replicas = replicas;
      spec.template.spec['terminationGracePeriodSeconds'] = 2;
      Object.assign(spec.template.metadata.annotations, {
        [Behaviour.onTerminate]: 'graceful',
        [Behaviour.readyAfter]: readyAfter,
      });
    }
    await applyManifest(cluster.kube, objects);
    await awaitSettled(cluster, never);
    await until('every backend healthy', async () => (await backendsAlive()) === replicas, never, 120_000);
    const service = await cluster.kube.get(SERVICES, 'nginx');
    const door = cluster.clb.addressOf(
      service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '',
      80,
    );
    if (door === undefined) throw new Error('the load balancer has no listener on port 80');
    looking = setInterval(look, LOOK_EVERY_MS);
    return { environment: cluster.environment, door };
  },
  /** Of every pod that there was, in the order of their creation. */
  times: async (): Promise<readonly PodTimes[]> => [...times.values()].sort((a, b) => a.createdMs - b.createdMs),
};

async function backendsAlive(): Promise<number> {
  const pods = (await cluster.kube.list(PODS)).items.filter(
    (pod) =>
      isReady(pod) && list(pod, 'spec', 'readinessGates').every((gate) => gateMet(pod, text(gate, 'conditionType'))),
  );
  return pods.length;
}

const gateMet = (pod: KubeObject, type: string | undefined): boolean =>
  list(pod, 'status', 'conditions').some((one) => text(one, 'type') === type && text(one, 'status') === 'True');

export type RehearsalCluster = typeof functions;

offer(functions, async () => {
  clearInterval(looking);
  await Promise.all(informers.map((informer) => informer.stop()));
  await cluster.stop();
});
