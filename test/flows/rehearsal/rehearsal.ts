/** The guide's StatefulSet and Service in memory, with a load balancer that follows the annotation and a controller that replaces deleted pods. */

import { CloudError } from '../../../lib/core/errors.ts';
import { FIELD_MANAGER, readService } from '../../../lib/core/facts/service-facts.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type {
  AddressBinding,
  BackendHealth,
  BalancerRef,
  BalancerState,
  Cadence,
  ConnectionSource,
  CountedBackend,
  DeleteOptions,
  KubeObject,
  ListenerState,
  LoadBalancer,
  ObserveOptions,
  Resource,
  World,
} from '../../../lib/ports.ts';
import { balancerState, listenerState } from '../../balancer-builder.ts';
import { NEW_HASH, pod, service, statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { FakeReporter } from '../../fakes/reporter.ts';

const DIRECT = 'service.cloud.tencent.com/direct-access';
export const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';

/** Follows the annotation as TKE's service-controller would, read here by its own few lines, not by the code under test. */
export class FakeBalancer implements LoadBalancer {
  reads = 0;
  /** Keeps showing what it shows now. */
  asleep = false;
  failure: Error | undefined;
  /** Changes what a listener shows: flags, target type, … */
  listener: Partial<ListenerState> = {};
  readonly health = new Map<string, BackendHealth>();
  /** Pods that are not bound at all. */
  readonly unbound = new Set<string>();
  /** Services whose listeners bind every pod, whatever they select. */
  readonly bindsAll = new Set<string>();
  /** Weights that somebody set past the controller. */
  readonly override = new Map<string, number>();
  /** Pods are bound without the annotation. */
  serverless = false;
  readonly #kube: FakeKube;
  readonly #clock: FakeClock;
  #shown = new Map<string, BalancerState>();

  constructor(kube: FakeKube, clock: FakeClock) {
    this.#kube = kube;
    this.#clock = clock;
  }

  async observe(balancer: BalancerRef, { health = true }: ObserveOptions = {}): Promise<BalancerState> {
    this.reads++;
    if (this.failure !== undefined) throw this.failure;
    const known = this.#shown.get(balancer.id);
    const state = this.asleep && known !== undefined ? known : this.#state(balancer.id);
    this.#shown.set(balancer.id, state);
    return health ? state : withoutHealth(state);
  }

  /** Bindings on load balancers that no Service of the target names. */
  readonly foreign: AddressBinding[] = [];
  /** Looks addresses up on every balancer of every Service, and among the foreign ones. */
  async bindingsOf(_balancer: BalancerRef, addresses: readonly string[]): Promise<AddressBinding[]> {
    if (this.failure !== undefined) throw this.failure;
    const pods = this.#kube.view(PODS);
    const own = this.#kube.view(SERVICES).flatMap((each) => {
      const balancerId = each.metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
      const { ports, selector } = readService(each);
      if (balancerId === undefined) return [];
      const selected = selectedBy(selector, pods);
      return ports.flatMap((port) => {
        const { id, protocol, backends } = this.#listener(each, port, selected);
        return backends.map(({ address, port: backendPort, weight }): AddressBinding => {
          return { balancerId, listenerId: id, protocol, port: port.port, address, backendPort, weight };
        });
      });
    });
    return [...own, ...this.foreign].filter((binding) => addresses.includes(binding.address));
  }

  /** A controller reads a blank annotation as damaged, and leaves the weights as they were: those of the last look. */
  #keptWeight(listenerId: string, address: string): number {
    const shown = [...this.#shown.values()].flatMap(({ listeners }) => listeners);
    const backends = shown.find(({ id }) => id === listenerId)?.backends ?? [];
    return backends.find((backend) => backend.address === address)?.weight ?? 10;
  }

  #state(id: string): BalancerState {
    const services = this.#kube
      .view(SERVICES)
      .filter((each) => each.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] === id);
    const pods = this.#kube.view(PODS);
    return balancerState({
      id,
      name: id,
      vips: ['203.0.113.10'],
      numericVpcId: '5436123',
      observedAtMs: this.#clock.now(),
      listeners: [
        ...services.flatMap((each) => {
          const { name, ports, selector } = readService(each);
          const bound = this.bindsAll.has(name) ? pods : selectedBy(selector, pods);
          return ports.map((port) => this.#listener(each, port, bound));
        }),
        ...this.foreign.filter(({ balancerId }) => balancerId === id).map(foreignListener),
      ],
    });
  }

  #listener(
    object: KubeObject,
    port: { protocol: string; port: number; targetPort: number | string },
    pods: readonly KubeObject[],
  ): ListenerState {
    return listenerState({
      id: `lbl-${object.metadata.name}-${port.port}`,
      protocol: port.protocol,
      port: port.port,
      backends: pods
        .filter((each) => !this.unbound.has(each.metadata.name))
        .filter(() => this.serverless || object.metadata.annotations?.[DIRECT] === 'true')
        .map((each) => {
          const listenerId = `lbl-${object.metadata.name}-${port.port}`;
          const address = (each['status'] as { podIP?: string }).podIP ?? '';
          return {
            listenerId,
            address,
            port: typeof port.targetPort === 'number' ? port.targetPort : 80,
            weight:
              this.override.get(each.metadata.name) ??
              weightOf(object, port, each.metadata.name) ??
              this.#keptWeight(listenerId, address),
            health: this.health.get(each.metadata.name) ?? 'alive',
          };
        }),
      ...this.listener,
    });
  }
}

const selectedBy = (selector: Readonly<Record<string, string>>, pods: readonly KubeObject[]): KubeObject[] =>
  pods.filter((one) => Object.entries(selector).every(([key, value]) => one.metadata.labels?.[key] === value));

/** One listener for each, which binds that one backend. */
const foreignListener = ({ listenerId, protocol, port, address, backendPort, weight }: AddressBinding): ListenerState =>
  listenerState({
    id: listenerId,
    protocol,
    port,
    backends: [{ listenerId, address, port: backendPort, weight, health: 'alive' }],
  });

const withoutHealth = (state: BalancerState): BalancerState => ({
  ...state,
  listeners: state.listeners.map((listener) => ({
    ...listener,
    backends: listener.backends.map((backend) => ({ ...backend, health: 'unknown' })),
  })),
});

let last: { text: string; document: ReturnType<typeof JSON.parse> } = { text: '{}', document: {} };

/** The same text is asked for pod by pod. */
function parsed(text: string): ReturnType<typeof JSON.parse> {
  if (last.text !== text) last = { text, document: JSON.parse(text) };
  return last.document;
}

function weightOf(object: KubeObject, port: { protocol: string; port: number }, podName: string): number | undefined {
  const text = object.metadata.annotations?.[RS_WEIGHT];
  if (text === undefined) return 10;
  if (text.trim() === '') return undefined;
  const document = parsed(text);
  const [, name, ordinal] = /^(.*)-(\d+)$/.exec(podName) ?? [];
  const group = document.groups?.find(
    (each: { key: { proto: string; port: number } }) => each.key.proto === port.protocol && each.key.port === port.port,
  );
  const entry = group?.statefulSets?.find((each: { name: string }) => each.name === name);
  return (
    entry?.weights?.find((each: { podIndexes: number[] }) => each.podIndexes.includes(Number(ordinal)))?.weight ??
    document.defaultWeight ??
    10
  );
}

/** Counts what the test says, as an instant source that is read at every look. */
export class FakeSource implements ConnectionSource {
  readonly name: string;
  readonly cadence: Cadence<'instant'> = { kind: 'instant', periodMs: 1000, settleMs: 0 };
  /** Connections by pod name; a function of the clock's time where they end some day. */
  readonly counts = new Map<string, number | null | ((nowMs: number) => number | null)>();
  countable = true;
  /** The time that a reading takes; it shows the number at its end. */
  tookMs = 0;
  reads = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, name = 'fake') {
    this.#clock = clock;
    this.name = name;
  }

  async prove(backends: readonly CountedBackend[]) {
    return backends.map((backend) => ({
      backend,
      countable: this.countable,
      because: this.countable ? 'counts' : 'cannot count here',
    }));
  }

  async read(backends: readonly CountedBackend[]) {
    this.reads++;
    const atMs = this.#clock.now();
    if (this.tookMs > 0) await this.#clock.sleep(this.tookMs);
    const untilMs = this.#clock.now();
    return backends.map((backend) => {
      const count = this.counts.has(backend.pod) ? (this.counts.get(backend.pod) ?? null) : 0;
      const value = typeof count === 'function' ? count(untilMs) : count;
      return { source: this.name, backend, cadence: this.cadence, points: [{ atMs, untilMs, value }] };
    });
  }
}

/** Replaces a deleted pod, two seconds later unless set otherwise, with one of the update revision, as the StatefulSet controller and the kubelet would. */
class ControlledKube extends FakeKube {
  clock: FakeClock | undefined;
  /** From a deletion until its replacement is there, in milliseconds. */
  startMs = 2000;
  /** How a replacement comes back: ready, in another state, or undefined: never. */
  replacement: ((name: string) => Parameters<typeof pod>[0] | undefined) | undefined = () => ({});

  /** Pods follow spec.replicas two seconds after it changed. */
  override async patch(...call: Parameters<FakeKube['patch']>): Promise<KubeObject> {
    const after = await super.patch(...call);
    const clock = this.clock;
    if (call[0].plural !== 'statefulsets' || call[3].dryRun === true || clock === undefined) return after;
    clock.at(clock.now() - clock.startMs + 2000, () => this.#scale());
    return after;
  }

  #scale(): void {
    const set = this.objects(STATEFUL_SETS)[0];
    if (set === undefined) return;
    const wanted = (set['spec'] as { replicas: number }).replicas;
    const revision = (set['status'] as { updateRevision: string }).updateRevision;
    const names = new Set(this.objects(PODS).map((each) => each.metadata.name));
    for (let ordinal = 0; ordinal < wanted; ordinal++) {
      if (!names.has(`nginx-${ordinal}`)) this.put(pod({ statefulSet: set, ordinal, revision }));
    }
    this.edit(STATEFUL_SETS, 'nginx', (object) => {
      object['status'] = { ...(object['status'] as object), observedGeneration: object.metadata.generation };
    });
    for (const name of names) if (Number(name.split('-').at(-1)) >= wanted) this.remove(PODS, name);
  }

  override async delete(resource: Resource, name: string, options: DeleteOptions): Promise<void> {
    await super.delete(resource, name, options);
    const clock = this.clock;
    const set = this.objects(STATEFUL_SETS)[0];
    if (resource.plural !== 'pods' || options.dryRun === true || clock === undefined || set === undefined) return;
    const ordinal = Number(name.split('-').at(-1));
    const revision = (set['status'] as { updateRevision: string }).updateRevision;
    clock.at(clock.now() - clock.startMs + this.startMs, () => {
      const options = this.replacement?.(name);
      if (options !== undefined)
        this.put(pod({ statefulSet: set, ordinal, revision, ip: `10.0.1.${10 + ordinal}`, ...options }));
    });
  }
}

export interface RehearsalOptions {
  replicas?: number;
  set?: Parameters<typeof statefulSet>[0];
  service?: Parameters<typeof service>[0];
  /** More Services, or none at all with `services: []`. */
  services?: KubeObject[];
  /** Ordinals that are already at the update revision. */
  updated?: readonly number[];
  /** From a deletion until its replacement is there, in milliseconds; default: two seconds. */
  startMs?: number;
  /** Sleeps after which a run counts as endless; default: 5,000. */
  maxSleeps?: number;
  /** No upgrade has begun: every pod is at the current revision, and that is the update revision. */
  settled?: boolean;
}

/** Ten pods of nginx at the old revision with a new image set, unless asked otherwise. */
export function rehearse(options: RehearsalOptions = {}) {
  const clock = new FakeClock({ maxSleeps: options.maxSleeps ?? 5000 });
  const replicas = options.replicas ?? 10;
  const updateRevision = `nginx-${NEW_HASH}`;
  const set = statefulSet({
    replicas,
    image: 'nginx:1.25.4',
    ...(options.settled ? {} : { updateRevision }),
    ...options.set,
  });
  const pods = Array.from({ length: replicas }, (_, ordinal) =>
    pod({
      statefulSet: set,
      ordinal,
      ...(options.updated?.includes(ordinal)
        ? { revision: updateRevision }
        : options.settled
          ? {}
          : { image: 'nginx:1.25.3' }),
    }),
  );
  const kube = new ControlledKube([set, ...pods, ...(options.services ?? [service(options.service)])], {
    now: () => clock.now(),
  });
  kube.clock = clock;
  kube.startMs = options.startMs ?? kube.startMs;
  const balancer = new FakeBalancer(kube, clock);
  const source = new FakeSource(clock);
  const report = new FakeReporter();
  const world: World = { kube, balancer, sources: [source], clock, report, signal: new AbortController().signal };
  return { kube, balancer, source, clock, report, world };
}

export type Rehearsal = ReturnType<typeof rehearse>;

export const common = { name: 'nginx', dryRun: 'none' as const, timeoutMs: 60_000 };
export const zero = { stableForMs: 10_000, maxConnections: 0 };

/** An upgrade of nginx, pod by pod, without questions; `more` replaces what a test is about. */
export const upgradeIntent = (more: Partial<UpgradeIntent> = {}): UpgradeIntent => ({
  ...{ ...common, ...zero, images: {}, batch: 1, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false },
  ...more,
});

/** Somebody else replaces a pod under its name. */
export function replacePod({ kube }: Rehearsal, name: string, uid: string): void {
  const before = kube.object(PODS, name) as KubeObject;
  kube.remove(PODS, name);
  kube.put({ ...before, metadata: { ...before.metadata, uid } });
}

export const annotation = ({ kube }: Rehearsal, name = 'nginx', key = RS_WEIGHT): string | undefined =>
  kube.object(SERVICES, name)?.metadata.annotations?.[key];

/** As an API server that keeps managedFields: this program alone has written the weights of the Service. */
export function showWriters({ kube, clock }: Pick<Rehearsal, 'kube' | 'clock'>, name = 'nginx'): void {
  const fieldsV1 = { 'f:metadata': { 'f:annotations': { [`f:${RS_WEIGHT}`]: {} } } };
  const time = new Date(clock.now()).toISOString();
  kube.edit(SERVICES, name, ({ metadata }) => {
    metadata['managedFields'] = [{ manager: FIELD_MANAGER, operation: 'Update', time, fieldsV1 }];
  });
}

/** The pods' names and UIDs, to see which were replaced. */
export function podUids({ kube }: Rehearsal): Map<string, string> {
  const set = readStatefulSet(kube.objects(STATEFUL_SETS)[0] as KubeObject);
  return new Map(readPods(kube.objects(PODS), set).map((each) => [each.name, each.uid]));
}

export const deletions = ({ kube }: Rehearsal): string[] =>
  kube.writes.filter((call) => call.verb === 'delete').map((call) => call.name ?? '');

export const cloudDown = new CloudError('InternalError', 'the cloud is down', { requestId: 'r-1' });
