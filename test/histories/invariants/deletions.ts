/** Invariant 1: no pod is deleted, evicted or scaled away that had a connection at the last reading, or that a listener sends to. */
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asText } from '../../../sandbox/semantics/json.ts';
import type { Connection } from '../world/clb/open-connections.ts';
import { documentOf, RS_WEIGHT, weightOf } from '../world/service-controller.ts';
import { type Stage, TARGET } from '../world/stage.ts';

/** The objects that one run of the program has read, and when. */
export interface Readings {
  /** Of the load balancers' weights. */
  weightsAtMs: number | undefined;
  /** Of the Services. */
  servicesAtMs: number | undefined;
  /** Of connections: of the cloud's monitor, and of each pod. */
  monitorAtMs: number | undefined;
  podsAtMs: Map<string, number>;
}

export const noReadings = (): Readings => ({
  weightsAtMs: undefined,
  servicesAtMs: undefined,
  monitorAtMs: undefined,
  podsAtMs: new Map(),
});

/** Since when the annotations give a pod weight, by pod name; kept from the Services' changes. */
export class WantedWeights {
  readonly #sinceMs = new Map<string, number>();

  constructor({ api, clock }: Stage) {
    const note = (): void => {
      const services = api.list(SERVICES);
      for (const pod of api.list(PODS)) {
        const { metadata } = pod;
        const wants = services.some((service) => wantsTraffic(service, pod));
        if (!wants) this.#sinceMs.delete(metadata.name);
        else if (!this.#sinceMs.has(metadata.name)) this.#sinceMs.set(metadata.name, clock.now());
      }
    };
    note();
    api.store.table(SERVICES).subscribe(undefined, note);
  }

  sinceMs(podName: string): number | undefined {
    return this.#sinceMs.get(podName);
  }
}

/** Whether the Service leads to the pod. */
export const selects = (service: KubeObject, { metadata: { labels = {} } }: KubeObject): boolean =>
  Object.entries(asMap(asMap(service['spec'])['selector'])).every(([key, value]) => labels[key] === value);

function wantsTraffic(service: KubeObject, pod: KubeObject): boolean {
  if (!selects(service, pod)) return false;
  const document = documentOf(service.metadata.annotations?.[RS_WEIGHT]);
  const ports = asMap(service['spec'])['ports'] as { protocol?: string; port: number }[];
  return ports.some(({ protocol = 'TCP', port }) => weightOf(document, protocol, port, pod.metadata.name) > 0);
}

/** The pods that a write takes away, by its method, path and body; none for every other write. */
export function doomedBy({ api }: Stage, method: string, path: string, body: unknown): KubeObject[] {
  if (/[?&]dryRun=/.test(path)) return [];
  const [, name = '', eviction] = /\/pods\/([^/?]+)(\/eviction)?(?:\?|$)/.exec(path) ?? [];
  const isDeletion = name !== '' && (method === 'DELETE' || (method === 'POST' && eviction !== undefined));
  if (isDeletion) {
    const pod = api.get(PODS, name);
    const options = eviction === undefined ? body : asMap(body)['deleteOptions'];
    const uid = asMap(asMap(options)['preconditions'])['uid'];
    return pod === undefined || (uid !== undefined && uid !== pod.metadata.uid) ? [] : [pod];
  }
  const set = api.get(STATEFUL_SETS, TARGET);
  const isScaling = method === 'PATCH' && /\/statefulsets\/[^/]+(\/scale)?(?:\?|$)/.test(path);
  const replicas = asMap(asMap(body)['spec'])['replicas'];
  if (!isScaling || typeof replicas !== 'number' || set === undefined) return [];
  const version = asMap(asMap(body)['metadata'])['resourceVersion'];
  if (version !== undefined && version !== set.metadata.resourceVersion) return [];
  // Those beyond the replicas that stand there go by an earlier write.
  const present = Number(asMap(set['spec'])['replicas']);
  const ordinalOf = ({ metadata }: KubeObject): number => Number(metadata.name.split('-').at(-1));
  return api.list(PODS).filter((pod) => ordinalOf(pod) >= replicas && ordinalOf(pod) < present);
}

/** `raced`: it came after the last look, so that no one could have known. `inside`: the same of clients that no load balancer sends. */
export type Judgement = { wrong: string } | { raced: string } | { inside: string } | undefined;

/** The reasons against the deletion of this pod at this moment, given what the run has read. */
export function judgeDeletion(stage: Stage, pod: KubeObject, readings: Readings, wanted: WantedWeights): Judgement {
  const { name, uid = '', deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  const { weightsAtMs, servicesAtMs } = readings;
  const address = asText(asMap(pod['status'])['podIP']);
  const sending = address === '' ? [] : stage.balancers.sendingTo(address);
  const wantedSince = wanted.sinceMs(name);
  if (sending.length > 0 && wantedSince !== undefined && servicesAtMs !== undefined && wantedSince <= servicesAtMs)
    return { wrong: `${name} goes, although its Service gives it weight and that was read` };
  for (const { weight, sendingSinceMs = 0 } of sending) {
    if (weightsAtMs === undefined) return { wrong: `${name} goes at weight ${weight}, and no one has looked` };
    if (sendingSinceMs <= weightsAtMs)
      return { wrong: `${name} goes, although the load balancer shows weight ${weight}` };
  }
  const open = stage.balancers.connections.on(uid);
  const held = open.filter((connection) => isKnown(stage, connection, name, readings));
  if (held.length > 0)
    return { wrong: `${name} goes with ${held.length} connections, the oldest ${ageText(stage, held)} old` };
  if (sending.length > 0) return { raced: `${name}: weight came after the last look` };
  if (open.length === 0) return undefined;
  const isInside = open.every(({ listener }) => listener === undefined);
  const what = `${name}: ${open.length} connections came after the last reading`;
  return isInside ? { inside: what } : { raced: what };
}

/** Whether it was there at the last reading of a source that could see it. */
function isKnown({ setting }: Stage, connection: Connection, podName: string, readings: Readings): boolean {
  const { sources } = setting;
  const inPod = readings.podsAtMs.get(podName);
  if (sources !== 'clb') return inPod === undefined || connection.startMs <= inPod;
  // No load balancer knows of it.
  if (connection.listener === undefined) return false;
  // Between two points of the monitor no one sees what a weight past the controller, or a session, has sent.
  if (connection.isUnforeseen) return false;
  return readings.monitorAtMs === undefined || connection.startMs <= readings.monitorAtMs;
}

const ageText = ({ clock }: Stage, held: readonly Connection[]): string =>
  `${Math.round((clock.now() - Math.min(...held.map(({ startMs }) => startMs))) / 1000)}s`;
