/** One incarnation of a pod on this node, from its first sight to the DELETE that ends it. */
import { list, number, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../../lib/ports.ts';
import type { AddressPool } from '../address/address-pool.ts';
import { claimAddress } from '../address/claim-address.ts';
import { HostPorts } from '../address/host-ports.ts';
import type { ContainerProcess, Launch } from '../container/container-process.ts';
import { GRACE_OVER } from '../container/grace.ts';
import type { PodHost } from '../container/pod-host.ts';
import type { SocketRow } from '../container/proc-net.ts';
import { Container } from '../container/run-container.ts';
import { sleepUnlessAborted } from '../container/sleep-unless-aborted.ts';
import { judgeConditions, type KubeletCondition, stampConditions } from './conditions.ts';
import { beginNext, endAll } from './container-order.ts';
import { recordEvent } from './kubelet-events.ts';
import { renderPodStatus, timestamp } from './kubelet-status.ts';
import { type PodPlan, planPod, serves } from './pod-plan.ts';
import { type PodRef, type StatusWriter, startStatusWriter, untilDone } from './status-writer.ts';

/** The parts that all pods of a node share. */
export interface NodeContext {
  kube: Kube;
  nodeName: string;
  addresses: AddressPool;
  /** The address that the API gets for one that a pod really listens on. */
  publicAddress: (address: string) => string;
  launch?: Launch | undefined;
  now: () => number;
  sleep: Clock['sleep'];
  log: (line: string) => void;
}

const DEFAULT_GRACE_SECONDS = 30;

export class PodWorker {
  readonly ref: PodRef;
  readonly #context: NodeContext;
  readonly #containers: Container[] = [];
  readonly #hostPorts: HostPorts;
  /** Ends all talk with the API server. */
  readonly #silence = new AbortController();
  /** Cuts what the grace period was for. */
  readonly #kill = new AbortController();
  readonly #status: StatusWriter;
  readonly #startedAtMs: number;
  #pod: KubeObject;
  #plan: PodPlan;
  #address = '';
  #former: readonly KubeletCondition[];
  #ended = false;
  #graceSeconds = Number.POSITIVE_INFINITY;
  #started: Promise<void>;
  #ending: Promise<void> | undefined;

  constructor(pod: KubeObject, context: NodeContext) {
    const { name, namespace = '', uid = '' } = pod.metadata;
    this.ref = { namespace, name, uid };
    this.#context = context;
    this.#pod = pod;
    this.#plan = planPod(pod, (problem) => this.#log(problem));
    this.#hostPorts = new HostPorts(pod);
    this.#startedAtMs = context.now();
    this.#former = list(pod, 'status', 'conditions') as readonly KubeletCondition[];
    this.#status = startStatusWriter(context.kube, this.ref, () => this.#render(), context.log, this.#silence.signal);
    this.#started = this.#start();
    this.#heedDeletion();
  }

  get hostname(): string {
    return this.#plan.hostname;
  }

  container(name: string): Container | undefined {
    return this.#containers.find((container) => container.plan.name === name);
  }

  /** Every socket of the pod's containers, which share one network. */
  sockets(): SocketRow[] {
    const rows = this.#containers.flatMap((container) => container.server?.sockets() ?? []);
    return rows.map((row) => ({ ...row, localAddress: this.#context.publicAddress(row.localAddress) }));
  }

  openConnections(): number {
    return this.#containers.reduce((sum, container) => sum + (container.server?.connections() ?? 0), 0);
  }

  /** A newer version of the same pod. */
  update(pod: KubeObject): void {
    this.#pod = pod;
    this.#plan = planPod(pod, () => {});
    for (const plan of this.#plan.containers) {
      const container = this.container(plan.name);
      if (container !== undefined) container.setPlan(plan);
      else if (this.#address !== '' && this.#ending === undefined) this.#add(plan).start();
    }
    this.#heedDeletion();
    if (this.#address !== '') this.#status.request();
  }

  /** The object has vanished, or the kubelet stops: everything is cut at once, and nothing more is written. */
  async cut(): Promise<void> {
    this.#silence.abort();
    this.#kill.abort();
    this.#ending ??= this.#end();
    await this.#ending;
  }

  async #start(): Promise<void> {
    // A pod that was already on its way out has nothing running here any more.
    if (this.#pod.metadata.deletionTimestamp !== undefined) return;
    const ports = this.#plan.containers.flatMap((container) => container.ports);
    try {
      this.#address = await claimAddress(this.#context.addresses, [...new Set(ports)]);
    } catch (error) {
      this.#log(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    for (const plan of this.#plan.containers) this.#add(plan);
    if (this.#kill.signal.aborted) return;
    beginNext(this.#containers);
    this.#status.request();
  }

  #add(plan: PodPlan['containers'][number]): Container {
    const former = ['initContainerStatuses', 'containerStatuses']
      .flatMap((path) => list(this.#pod, 'status', path))
      .find((each) => text(each, 'name') === plan.name);
    // It ran before this kubelet did: that life is over, as after a restart of the node.
    const restarts = former === undefined ? 0 : (number(former, 'restartCount') ?? 0) + 1;
    const container = new Container(plan, this.#host(), restarts);
    this.#containers.push(container);
    return container;
  }

  #host(): PodHost {
    const worker = this;
    const { now, sleep, kube } = this.#context;
    return {
      name: this.ref.name,
      revision: this.#pod.metadata.labels?.['controller-revision-hash'] ?? '',
      address: this.#address,
      get readyAfterMs() {
        return worker.#plan.readyAfterMs;
      },
      get listenAfterMs() {
        return worker.#plan.listenAfterMs;
      },
      get onTerminate() {
        return worker.#plan.onTerminate;
      },
      get restarts() {
        return worker.#plan.restarts;
      },
      get graceMs() {
        return 1_000 * (number(worker.#pod, 'spec', 'terminationGracePeriodSeconds') ?? DEFAULT_GRACE_SECONDS);
      },
      launch: (container, write) => this.#launch(container, write),
      now,
      sleep,
      changed: () => {
        if (this.#ending === undefined) beginNext(this.#containers);
        this.#status.request();
      },
      publish: (container, hostPorts, signal) =>
        this.#hostPorts.publish(
          kube,
          this.ref,
          container,
          { ...this.#portsElsewhere(container), ...hostPorts },
          (line) => this.#log(line),
          signal,
        ),
      event: (type, reason, message) => this.#event(type, reason, message),
    };
  }

  #launch(name: string, write: (line: string) => void): ContainerProcess | undefined {
    const all = ['initContainers', 'containers'].flatMap((path) => list(this.#pod, 'spec', path));
    const container = all.find((each) => text(each, 'name') === name);
    return this.#context.launch?.(this.#pod, container, write);
  }

  /** A public address without a listener names where each port really is. */
  #portsElsewhere(container: string): Record<string, string> {
    const address = this.#address;
    if (this.#context.publicAddress(address) === address) return {};
    const ports = this.container(container)?.plan.ports ?? [];
    return Object.fromEntries(ports.map((port) => [String(port), `${address}:${port}`]));
  }

  /** Begins the end when the object asks for it, and shortens the grace period when it asks for less. */
  #heedDeletion(): void {
    const { deletionTimestamp, deletionGracePeriodSeconds = DEFAULT_GRACE_SECONDS } = this.#pod.metadata;
    if (deletionTimestamp === undefined || deletionGracePeriodSeconds >= this.#graceSeconds) return;
    this.#graceSeconds = deletionGracePeriodSeconds;
    void sleepUnlessAborted(this.#context.sleep, 1_000 * this.#graceSeconds, this.#kill.signal).then(() =>
      this.#kill.abort(this.#graceSeconds > 0 ? GRACE_OVER : undefined),
    );
    this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    await this.#started;
    if (this.#containers.length > 0) {
      for (const { plan } of this.#containers)
        if (serves(plan)) this.#event('Normal', 'Killing', `Stopping container ${plan.name}`);
      await endAll(this.#containers, this.#kill.signal);
      this.#ended = true;
      await this.#status.flush();
    }
    const { namespace, name, uid } = this.ref;
    const { signal } = this.#silence;
    const remove = () => this.#context.kube.delete(PODS, name, { namespace, uid, gracePeriodSeconds: 0, signal });
    await untilDone(remove, (line) => this.#log(line), signal);
    this.#kill.abort();
    this.#silence.abort();
    if (this.#address !== '') this.#context.addresses.release(this.#address);
  }

  #render(): Record<string, unknown> {
    const containers = this.#containers;
    const { gates, restarts } = this.#plan;
    const verdicts = judgeConditions(this.#pod, containers, gates, this.#ended);
    const conditions = stampConditions(verdicts, this.#former, timestamp(this.#context.now()));
    this.#former = conditions;
    return renderPodStatus({
      pod: this.#pod,
      containers,
      conditions,
      address: this.#context.publicAddress(this.#address),
      startedAtMs: this.#startedAtMs,
      restarts,
      ended: this.#ended,
    });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#silence.signal.aborted) return;
    const { kube, nodeName, now, log } = this.#context;
    const options = { type, reason, message, component: 'kubelet' as const, nodeName, nowMs: now() };
    void recordEvent(kube, this.ref, options, (line) => {
      if (!this.#silence.signal.aborted) log(line);
    });
  }

  #log(line: string): void {
    this.#context.log(`pod ${this.ref.namespace}/${this.ref.name}: ${line}`);
  }
}
