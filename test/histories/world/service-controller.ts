/** TKE's service-controller as a history has it: it follows the annotation with a lag, sleeps, fails, and writes over what others wrote. */
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asList, asMap, asMaps, asText } from '../../../sandbox/semantics/json.ts';
import type { ApiServer } from './api-server.ts';
import type { Listener } from './clb/backend.ts';
import type { Balancers } from './clb/balancer.ts';
import type { Dice } from './dice.ts';
import type { SimClock } from './sim-clock.ts';

export const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const DIRECT = 'service.cloud.tencent.com/direct-access';
const BALANCER = 'service.kubernetes.io/loadbalance-id';
const RESYNC_MS = 5 * 60_000;

export interface ServiceController {
  /** It notices nothing until then (of the history's clock). */
  asleepUntilMs: number;
  /** So many of its next tasks fail. */
  failing: number;
  /** An address that is new is bound so long after it was first seen. */
  bindsLateMs: number;
  /** Every listener as the annotations want it, now. */
  resync(): void;
}

interface Parts {
  api: ApiServer;
  balancers: Balancers;
  clock: SimClock;
  dice: Dice;
  /** How long it takes to notice a change, at most. */
  lagMs: number;
}

export function startServiceController({ api, balancers, clock, dice, lagMs }: Parts): ServiceController {
  const due = new Map<string, () => void>();
  /** `Service address`: when it was first seen. */
  const seenMs = new Map<string, number>();
  /** When the last task of each Service is through: the cloud works on them in their order. */
  const throughMs = new Map<string, number>();
  const state: ServiceController = { asleepUntilMs: 0, failing: 0, bindsLateMs: 0, resync };

  function soon(name: string, ms = dice.between('controller lag', 50, lagMs)): void {
    due.get(name)?.();
    due.set(
      name,
      clock.after(ms, () => sync(name), true),
    );
  }

  function sync(name: string): void {
    due.delete(name);
    const asleepMs = state.asleepUntilMs - clock.now();
    if (asleepMs > 0) {
      soon(name, asleepMs + 100);
      return;
    }
    if (state.failing > 0) {
      state.failing -= 1;
      soon(name, 3_000);
      return;
    }
    const service = api.get(SERVICES, name);
    if (service === undefined) return;
    const wanted = boundInTime(name, targetsOf(service, api.list(PODS)));
    // The task that the cloud works on has what was wanted when it was made.
    const atMs = Math.max(throughMs.get(name) ?? 0, clock.now() + dice.between('cloud task', 30, 400));
    throughMs.set(name, atMs);
    clock.after(atMs - clock.now(), () => apply(balancers, service, wanted), true);
  }

  /** Without the addresses that it is too early for. */
  function boundInTime(name: string, wanted: readonly Wanted[]): readonly Wanted[] {
    if (state.bindsLateMs === 0) return wanted;
    const known = new Set(
      balancers.listeners
        .filter(({ service }) => service === name)
        .flatMap(({ backends }) => [...backends.values()].map(({ address }) => address)),
    );
    const isDue = ({ address }: { address: string }): boolean => {
      if (known.has(address)) return true;
      const key = `${name} ${address}`;
      const firstMs = seenMs.get(key) ?? clock.now();
      seenMs.set(key, firstMs);
      const restMs = firstMs + state.bindsLateMs - clock.now();
      if (restMs > 0) soon(name, restMs + 50);
      return restMs <= 0;
    };
    return wanted.map((each) => ({ ...each, targets: each.targets.filter(isDue) }));
  }

  function resync(): void {
    for (const { metadata } of api.list(SERVICES)) soon(metadata.name, 100);
  }

  api.store.table(SERVICES).subscribe(undefined, ({ object }) => soon(object.metadata.name));
  api.store.table(PODS).subscribe(undefined, ({ object, previous, type }) => {
    if (type === 'MODIFIED' && previous !== undefined && shapeOf(previous) === shapeOf(object)) return;
    for (const { metadata } of api.list(SERVICES)) soon(metadata.name);
  });
  const again = (): void => {
    resync();
    clock.after(RESYNC_MS, again, true);
  };
  clock.after(RESYNC_MS, again, true);
  return state;
}

const shapeOf = (pod: KubeObject): string =>
  JSON.stringify([pod.metadata.labels, pod.metadata.deletionTimestamp, addressOf(pod), isRunning(pod)]);

const addressOf = (pod: KubeObject): string => asText(asMap(pod['status'])['podIP']);
const isRunning = (pod: KubeObject): boolean =>
  asMaps(asMap(pod['status'])['conditions']).some(
    ({ type, status }) => type === 'ContainersReady' && status === 'True',
  );

interface Wanted {
  proto: string;
  port: number;
  targets: { address: string; port: number; weight: number }[];
}

function targetsOf(service: KubeObject, pods: readonly KubeObject[]): Wanted[] {
  const { annotations = {} } = service.metadata;
  const spec = asMap(service['spec']);
  const selector = Object.entries(asMap(spec['selector']));
  const isDirect = annotations[DIRECT] === 'true' && asText(annotations[BALANCER]) !== '';
  const bound = pods.filter(
    (pod) =>
      isDirect &&
      selector.length > 0 &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      addressOf(pod) !== '' &&
      isRunning(pod) &&
      pod.metadata.deletionTimestamp === undefined,
  );
  const document = documentOf(annotations[RS_WEIGHT]);
  return asMaps(spec['ports']).map((each) => {
    const [proto, port] = [asText(each['protocol']) || 'TCP', Number(each['port'])];
    return {
      proto,
      port,
      targets: bound.map((pod) => ({
        address: addressOf(pod),
        port: Number(each['targetPort'] ?? port),
        weight: weightOf(document, proto, port, pod.metadata.name),
      })),
    };
  });
}

/** An annotation that cannot be read changes nothing that the load balancer shows. */
export function documentOf(text: string | undefined): Record<string, unknown> | undefined {
  try {
    return text === undefined || text.trim() === '' ? {} : asMap(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function weightOf(
  document: Record<string, unknown> | undefined,
  proto: string,
  port: number,
  podName: string,
): number {
  const [, name = '', ordinal = ''] = /^(.*)-(\d+)$/.exec(podName) ?? [];
  const group = asMaps(document?.['groups']).find((each) => {
    const key = asMap(each['key']);
    return key['proto'] === proto && key['port'] === port;
  });
  const entry = asMaps(group?.['statefulSets']).find((each) => each['name'] === name);
  const own = asMaps(entry?.['weights']).find((each) => asList(each['podIndexes']).includes(Number(ordinal)));
  return Number(own?.['weight'] ?? document?.['defaultWeight'] ?? 10);
}

function apply(balancers: Balancers, service: KubeObject, wanted: readonly Wanted[]): void {
  if (documentOf(service.metadata.annotations?.[RS_WEIGHT]) === undefined) return;
  for (const listener of balancers.listeners.filter((each) => each.service === service.metadata.name)) {
    const { targets } = wanted.find(({ proto, port }) => isOf(listener, proto, port)) ?? { targets: [] };
    for (const { address, port } of [...listener.backends.values()])
      if (!targets.some((target) => target.address === address && target.port === port))
        balancers.unbind(listener, address, port);
    for (const { address, port, weight } of targets) balancers.bind(listener, address, port, weight);
  }
}

const isOf = ({ carrier, port }: Listener, proto: string, wanted: number): boolean =>
  carrier === proto && port === wanted;
