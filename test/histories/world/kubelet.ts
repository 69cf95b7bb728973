/** The kubelets of a history: pods start slowly, crash, never become ready, are lost with their node, and end in their own time. */
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { servedAs } from '../../../sandbox/apiserver/catalogue.ts';
import { asMap, asMaps, asText } from '../../../sandbox/semantics/json.ts';
import type { ApiServer } from './api-server.ts';
import type { Balancers } from './clb/balancer.ts';
import type { Dice } from './dice.ts';
import type { Nodes } from './nodes.ts';
import type { SimClock } from './sim-clock.ts';

const GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

/** Longer than the shortest time-out that operators give. */
const STUCK_MS = 70_000;

/** The behaviour of the next pods, instead of starting well. */
export type PodFate = 'slow' | 'stuck' | 'never' | 'crash';

export interface Kubelet {
  /** Fates of the pods that are made next, one each. */
  fates: PodFate[];
  /** The pod's container ends and starts again. */
  crash(podName: string): void;
  /** The node of this pod does not answer for so long: its pods are not ready, and none that is deleted goes. */
  loseNode(podName: string, forMs: number): void;
  /** Every pod that cannot start of itself is well from now on. */
  heal(): void;
}

interface Parts {
  api: ApiServer;
  balancers: Balancers;
  clock: SimClock;
  dice: Dice;
  /** The slowest ordinary start. */
  startMs: number;
  nodes: Nodes;
  /** Addresses of pods that are gone are given to new ones. */
  reusesAddresses: boolean;
}

export function startKubelet({ api, balancers, clock, dice, nodes, startMs, reusesAddresses }: Parts): Kubelet {
  const free: string[] = [];
  const lost = new Map<string, number>();
  const sick = new Set<string>();
  const going = new Set<string>();
  let addresses = 0;
  const kubelet: Kubelet = { fates: [], crash, loseNode, heal };

  const podOf = (uid: string): KubeObject | undefined => api.list(PODS).find((pod) => pod.metadata.uid === uid);
  const nextAddress = (): string => {
    const again = reusesAddresses ? free.shift() : undefined;
    addresses += 1;
    return again ?? `10.1.${Math.floor(addresses / 200)}.${(addresses % 200) + 10}`;
  };
  const timestamp = (): string => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');

  /** Straight to the store, and without managedFields, which no one reads of pods and every list would carry. */
  function put(pod: KubeObject, status: object, spec: object = asMap(pod['spec'])): void {
    const { managedFields: _none, ...metadata } = pod.metadata;
    api.store.put(servedAs(PODS), { ...pod, metadata, spec, status } as KubeObject);
  }

  /** Sets the pod's status; nothing when it is gone, or another of its name. */
  function report(uid: string, state: { ready: boolean; restarts?: number; waiting?: string }): void {
    const pod = podOf(uid);
    if (pod === undefined) return;
    const address = asText(asMap(pod['status'])['podIP']) || nextAddress();
    const at = timestamp();
    const before = asMap(pod['status']);
    const known = asMaps(before['conditions']);
    const spec = asMap(pod['spec']);
    const gated = asMaps(spec['readinessGates']).length > 0;
    const restarts = state.restarts ?? Number(asMaps(before['containerStatuses'])[0]?.['restartCount'] ?? 0);
    const condition = (type: string, isTrue: boolean) => {
      const status = isTrue ? 'True' : 'False';
      const same = known.find((each) => each['type'] === type && each['status'] === status);
      return same ?? { type, status, lastTransitionTime: at };
    };
    put(pod, {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP: '10.0.9.1',
      startTime: before['startTime'] ?? at,
      conditions: [
        condition('PodScheduled', true),
        condition('Initialized', true),
        condition('ContainersReady', state.ready),
        ...(gated ? [condition(GATE, state.ready && isBoundWell(address))] : []),
        condition('Ready', state.ready && (!gated || isBoundWell(address))),
      ],
      containerStatuses: asMaps(spec['containers']).map(({ name, image }) => ({
        name,
        image,
        imageID: `docker.io/library/${image}`,
        ready: state.ready,
        started: state.waiting === undefined,
        restartCount: restarts,
        state: state.waiting === undefined ? { running: { startedAt: at } } : { waiting: { reason: state.waiting } },
      })),
    });
  }

  /** As the service-controller finds it, who sets the readiness gate. */
  const isBoundWell = (address: string): boolean => {
    const bound = balancers.listeners.map((each) => [...each.backends.values()].find((one) => one.address === address));
    return bound.every((backend) => backend !== undefined && balancers.healthOf(backend) === 'alive');
  };

  /** A ready pod whose gate is not met yet is looked at again. */
  function awaitGate(uid: string): void {
    const pod = podOf(uid);
    if (pod === undefined || asMaps(asMap(pod['spec'])['readinessGates']).length === 0 || sick.has(uid)) return;
    const conditions = asMaps(asMap(pod['status'])['conditions']);
    const isTrue = (type: string) => conditions.some((each) => each['type'] === type && each['status'] === 'True');
    if (!isTrue('ContainersReady') || isTrue('Ready')) return;
    if (isBoundWell(asText(asMap(pod['status'])['podIP']))) report(uid, { ready: true });
    else clock.after(1_000, () => awaitGate(uid), true);
  }

  function begin(pod: KubeObject): void {
    const { uid = '' } = pod.metadata;
    const fate = kubelet.fates.shift();
    put(pod, asMap(pod['status']), { ...asMap(pod['spec']), nodeName: nodes.place() });
    const upMs = dice.between('pod start', 300, startMs) * (fate === 'slow' ? 10 : 1);
    clock.after(upMs / 2, () => report(uid, { ready: false }), true);
    if (fate !== undefined && fate !== 'slow') sick.add(uid);
    if (fate === 'stuck') clock.after(STUCK_MS, () => cure(uid));
    clock.after(upMs, () => {
      if (!sick.has(uid)) {
        report(uid, { ready: true });
        awaitGate(uid);
      } else if (fate === 'crash') report(uid, { ready: false, restarts: 3, waiting: 'CrashLoopBackOff' });
      else report(uid, { ready: false });
    });
  }

  function end(pod: KubeObject): void {
    const { uid = '', name } = pod.metadata;
    if (going.has(uid)) return;
    going.add(uid);
    const graceMs = Number(pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
    const leave = (): void => {
      const backMs = (lost.get(uid) ?? 0) - clock.now();
      if (backMs > 0) {
        clock.after(backMs + 500, leave);
        return;
      }
      balancers.connections.cut(uid);
      if (podOf(uid) === undefined) return;
      const address = asText(asMap(podOf(uid)?.['status'])['podIP']);
      if (address !== '') free.push(address);
      api.remove(PODS, name);
    };
    clock.after(Math.min(graceMs, dice.between('pod end', 100, 1_000)), leave);
  }

  function crash(podName: string): void {
    const pod = api.get(PODS, podName);
    const uid = pod?.metadata.uid;
    if (pod === undefined || uid === undefined) return;
    balancers.connections.cut(uid);
    const restarts = Number(asMaps(asMap(pod['status'])['containerStatuses'])[0]?.['restartCount'] ?? 0) + 1;
    report(uid, { ready: false, restarts });
    clock.after(3_000, () => {
      if (sick.has(uid)) return;
      report(uid, { ready: true, restarts });
      awaitGate(uid);
    });
  }

  function loseNode(podName: string, forMs: number): void {
    const node = nodes.of(podName);
    for (const pod of api.list(PODS))
      if (asMap(pod['spec'])['nodeName'] === node) losePod(pod.metadata.uid ?? '', forMs);
  }

  function losePod(uid: string, forMs: number): void {
    lost.set(uid, clock.now() + forMs);
    balancers.connections.cut(uid);
    report(uid, { ready: false });
    clock.after(forMs, () => {
      lost.delete(uid);
      if (sick.has(uid)) return;
      report(uid, { ready: true });
      awaitGate(uid);
    });
  }

  function heal(): void {
    kubelet.fates.length = 0;
    lost.clear();
    for (const uid of [...sick]) clock.after(2_000, () => cure(uid));
  }

  function cure(uid: string): void {
    if (!sick.delete(uid)) return;
    report(uid, { ready: true, restarts: 0 });
    awaitGate(uid);
  }

  api.store.table(PODS).subscribe(undefined, ({ type, object }) => {
    if (type === 'ADDED')
      clock.after(20, () => podOf(object.metadata.uid ?? '') && begin(podOf(object.metadata.uid ?? '') as KubeObject));
    if (type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined) end(object);
    if (type === 'DELETED') balancers.connections.cut(object.metadata.uid ?? '');
  });
  return kubelet;
}
