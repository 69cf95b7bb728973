/**
 * A kubelet for rehearsals: one Node, and a real server process for each pod that lands on it.
 * It knows the cluster through the API only, so any control plane will do.
 */
import { randomInt } from 'node:crypto';
import { field, text } from '../../lib/core/values/read.ts';
import { NODES, PODS } from '../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../lib/ports.ts';
import { startInformer } from '../common/informer.ts';
import { NODE_FAULT_ANNOTATION } from '../common/pod-behaviour.ts';
import type { Running } from '../common/running.ts';
import { systemClock } from '../common/system-clock.ts';
import { AddressPool } from './address/address-pool.ts';
import type { Launch } from './container/container-process.ts';
import { sleepUnlessAborted } from './container/sleep-unless-aborted.ts';
import type { ExecUpgrade } from './exec/exec-stream.ts';
import { type KubeletCertificate, startEndpoint } from './kubelet-endpoint.ts';
import { postNode } from './node-object.ts';
import { bindPod, isUnscheduled } from './pod/bind.ts';
import { type NodeContext, PodWorker } from './pod/pod-worker.ts';
import { untilDone } from './pod/status-writer.ts';

export interface KubeletOptions {
  certificate: KubeletCertificate;
  /** Default sandbox-node. */
  nodeName?: string;
  /** First half of the pods' loopback addresses; default '127.77.'. */
  addressPrefix?: string;
  /**
   * First half of the addresses that the API gets, for example '10.77.': a real API server refuses loopback addresses in
   * Endpoints. There is no listener there; the host-ports annotation names the real place. Default: the addresses as they are.
   */
  publicPrefix?: string;
  /** Which of the pods that no one scheduled it takes; default all. */
  takes?: (pod: KubeObject) => boolean;
  /** Another way to open an exec than the WebSocket: what real API servers speak to their kubelets. */
  execUpgrade?: ExecUpgrade;
  /** Runs the processes of images that are real ones. */
  launch?: Launch;
  now?: () => number;
  sleep?: Clock['sleep'];
  /** Diagnostics, a line at a time; default: none. */
  log?: (line: string) => void;
}

export interface Kubelet extends Running {
  readonly nodeName: string;
  /** Port of the HTTPS endpoint on 127.0.0.1. */
  readonly port: number;
  /** The node was annotated as lost: nothing on it runs or answers. */
  isLost(): boolean;
  /** The node is cordoned: it takes no more pods. */
  isCordoned(): boolean;
  /** Established connections of a pod, `namespace/name`; 0 for one that does not run here. */
  openConnections(podKey: string): number;
}

/** Kubernetes has 10 s; a node that is lost is to be noticed within a rehearsal. */
const HEARTBEAT_MS = 5_000;

/**
 * Resolves when the Node is registered and the first pods are known. `stop` is a power cut: every socket is closed
 * and the API server does not hear of it. Throws RangeError on an addressPrefix that is not `127.N.`.
 */
export async function startKubelet(kube: Kube, options: KubeletOptions): Promise<Kubelet> {
  const { nodeName = 'sandbox-node', takes = () => true, now = Date.now } = options;
  const { sleep = systemClock.sleep, log = () => {} } = options;
  // Begun at random, so that two sandboxes on one system seldom meet, and a stale address is unused.
  const addressPrefix = options.addressPrefix ?? '127.77.';
  const publicPrefix = options.publicPrefix ?? addressPrefix;
  const addresses = new AddressPool(addressPrefix, randomInt(254 * 254));
  const publicAddress = (address: string) =>
    address.startsWith(addressPrefix) ? publicPrefix + address.slice(addressPrefix.length) : address;
  const { launch } = options;
  const context: NodeContext = { kube, nodeName, addresses, publicAddress, launch, now, sleep, log };
  const stopping = new AbortController();
  const { signal } = stopping;
  const workers = new Map<string, PodWorker>();
  const binding = new Set<string>();
  let lost = false;
  let cordoned = false;

  const endpoint = await startEndpoint({
    certificate: options.certificate,
    answers: () => !lost,
    execUpgrade: options.execUpgrade,
    find: (namespace, pod) => workerOf(workers, `${namespace}/${pod}`),
    now,
    log,
  });
  const heartbeat = () => postNode(kube, { name: nodeName, port: endpoint.port, nowMs: now() });
  await untilDone(heartbeat, (line) => log(`node ${nodeName}: ${line}`), signal);

  const take = (pod: KubeObject) => {
    const { uid = '' } = pod.metadata;
    if (lost || cordoned || binding.has(uid) || !takes(pod)) return;
    binding.add(uid);
    void bindPod(pod, context, signal).finally(() => binding.delete(uid));
  };
  const onUpsert = (pod: KubeObject) => {
    if (lost) return;
    const { uid = '' } = pod.metadata;
    const worker = workers.get(uid);
    if (worker !== undefined) worker.update(pod);
    else if (isUnscheduled(pod)) take(pod);
    else if (text(pod, 'spec', 'nodeName') === nodeName && !isOver(pod)) workers.set(uid, new PodWorker(pod, context));
  };
  const onDelete = (pod: KubeObject) => {
    const { uid = '' } = pod.metadata;
    void workers.get(uid)?.cut();
    workers.delete(uid);
  };
  const onError = (error: unknown) => log(`watch: ${error instanceof Error ? error.message : String(error)}`);
  const informer = startInformer(kube, PODS, { namespace: '*' }, { onUpsert, onDelete }, { onError });
  await informer.synced;

  const look = async () => {
    if (lost) return;
    await heartbeat();
    // A node that is lost now would have taken these.
    for (const pod of informer.list().filter(isUnscheduled)) take(pod);
  };
  void beat(look, sleep, log, signal);
  const onNode = (node: KubeObject) => {
    cordoned = field(node, 'spec', 'unschedulable') === true;
    const isLost = node.metadata.annotations?.[NODE_FAULT_ANNOTATION] === 'lost';
    if (isLost === lost) return;
    lost = isLost;
    log(`node ${nodeName}: ${isLost ? 'lost' : 'back'}`);
    if (isLost) {
      for (const worker of workers.values()) void worker.cut();
      workers.clear();
    } else for (const pod of informer.list()) onUpsert(pod);
  };
  const own = { fieldSelector: `metadata.name=${nodeName}` };
  const node = startInformer(kube, NODES, own, { onUpsert: onNode, onDelete: () => undefined }, { onError });
  await node.synced;

  return {
    nodeName,
    port: endpoint.port,
    isLost: () => lost,
    isCordoned: () => cordoned,
    openConnections: (podKey) => workerOf(workers, podKey)?.openConnections() ?? 0,
    stop: async () => {
      stopping.abort();
      await Promise.all([informer.stop(), node.stop()]);
      await Promise.all([...workers.values()].map((worker) => worker.cut()));
      workers.clear();
      await endpoint.stop();
    },
  };
}

/** A pod that has ended and is not being deleted has nothing left to run. */
function isOver(pod: KubeObject): boolean {
  const phase = text(pod, 'status', 'phase');
  return pod.metadata.deletionTimestamp === undefined && (phase === 'Succeeded' || phase === 'Failed');
}

/** The latest incarnation of a name. */
function workerOf(workers: ReadonlyMap<string, PodWorker>, podKey: string): PodWorker | undefined {
  return [...workers.values()].findLast(({ ref }) => `${ref.namespace}/${ref.name}` === podKey);
}

async function beat(
  heartbeat: () => Promise<void>,
  sleep: Clock['sleep'],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (await sleepUnlessAborted(sleep, HEARTBEAT_MS, signal)) {
    try {
      await heartbeat();
    } catch (error) {
      if (!signal.aborted) log(`heartbeat: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
