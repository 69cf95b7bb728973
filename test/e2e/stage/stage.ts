/** One namespace of the cluster with the guide's StatefulSet and Service in it: a stage that tests play on without meeting each other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from '../../../lib/core/values/read.ts';
import { EVENTS, NAMESPACES, PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { Behaviour } from '../../../sandbox/common/pod-behaviour.ts';
import { isReady, isServed, until } from '../../../sandbox/start/await-ready.ts';
import { startTraffic, type TrafficRun } from '../../../sandbox/traffic/start-traffic.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { guideObjects, type ManifestOptions } from './manifest.ts';
import { type Env, PLUGIN, type Ran, type RunOptions, type Started, startProgram } from './plugin.ts';

export const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
export const NEW_IMAGE = 'nginx:1.25.4';
const NEVER = new AbortController().signal;

/** The sandbox counts every second, and three counts are the shortest window there is. */
export const FAST = ['--stable-for', '3s'] as const;

/** The annotations that are the user's or ours: without the ones that the service-controller writes of its own accord. */
export function chosenAnnotations(object: KubeObject): Record<string, string> {
  const all = Object.entries(object.metadata.annotations ?? {});
  return Object.fromEntries(all.filter(([key]) => !/\/(sync-(begin|end)-time|loadbalance-id)$/.test(key)));
}

export class Stage {
  readonly cluster: E2eCluster;
  readonly namespace: string;
  readonly home = mkdtempSync(join(tmpdir(), 'zeroloss-home-'));
  readonly #traffic: TrafficRun[] = [];

  constructor(cluster: E2eCluster, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  /** The environment of the plugin and of kubectl. */
  get env(): Env {
    return {
      PATH: [dirname(PLUGIN), process.env['PATH']].join(delimiter),
      HOME: this.home,
      ...this.cluster.environment,
    };
  }

  /** The plugin with these words, in this namespace. */
  start(words: readonly string[], options: RunOptions = {}): Started {
    return startProgram(PLUGIN, [...words, '-n', this.namespace], { ...this.env, ...options.env }, options.timeoutMs);
  }

  run(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.start(words, options).ended;
  }

  /** Runs a verb that has to end with exit code 0. */
  async ok(...words: string[]): Promise<Ran> {
    const ran = await this.run(words);
    assert.equal(ran.code, 0, `${words.join(' ')} ended with ${ran.code}:\n${ran.stderr}`);
    return ran;
  }

  service(name = 'nginx'): Promise<KubeObject> {
    return this.cluster.kube.get(SERVICES, name, { namespace: this.namespace });
  }

  async services(): Promise<KubeObject[]> {
    return (await this.cluster.kube.list(SERVICES, { namespace: this.namespace })).items;
  }

  set(): Promise<KubeObject> {
    return this.cluster.kube.get(STATEFUL_SETS, 'nginx', { namespace: this.namespace });
  }

  async pods(): Promise<KubeObject[]> {
    return (await this.cluster.kube.list(PODS, { namespace: this.namespace })).items;
  }

  /** Pod names to UIDs. */
  async uids(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.pods()).map((pod) => [pod.metadata.name, pod.metadata.uid ?? '']));
  }

  /** Pod names to images. */
  async images(): Promise<Record<string, string | undefined>> {
    const pods = await this.pods();
    return Object.fromEntries(pods.map((pod) => [pod.metadata.name, text(pod, 'spec', 'containers', 0, 'image')]));
  }

  /** The text of the weight annotation. */
  async weights(service = 'nginx'): Promise<string | undefined> {
    return (await this.service(service)).metadata.annotations?.[RS_WEIGHT];
  }

  async annotations(service = 'nginx'): Promise<Record<string, string>> {
    return chosenAnnotations(await this.service(service));
  }

  /** Reasons and messages of our events on the StatefulSet, oldest first. */
  async events(): Promise<string[]> {
    const { items } = await this.cluster.kube.list(EVENTS, { namespace: this.namespace });
    return items
      .filter(
        (event) =>
          text(event, 'involvedObject', 'kind') === 'StatefulSet' && /^Zeroloss/.test(text(event, 'reason') ?? ''),
      )
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map((event) => `${text(event, 'reason')}: ${text(event, 'message')}`);
  }

  /** As `kubectl set image` does it. */
  async setImage(image: string = NEW_IMAGE): Promise<void> {
    const patch = { spec: { template: { spec: { containers: [{ name: 'nginx', image }] } } } };
    await this.cluster.kube.patch(STATEFUL_SETS, 'nginx', patch, { type: 'strategic', namespace: this.namespace });
    const generation = (await this.set()).metadata.generation;
    await this.until('the new revision is observed', async () => {
      const set = await this.set();
      return (set['status'] as { observedGeneration?: number } | undefined)?.observedGeneration === generation;
    });
  }

  /** Deletes one pod as somebody without this plugin would, and waits for its replacement. */
  async replace(name: string): Promise<void> {
    const before = await this.uids();
    await this.cluster.kube.delete(PODS, name, { namespace: this.namespace, uid: before[name] });
    await this.until(
      `${name} is another pod`,
      async () => ![undefined, before[name]].includes((await this.uids())[name]),
    );
    await this.settled(Object.keys(before).length);
  }

  patch(name: string, patch: object, resource = SERVICES): Promise<KubeObject> {
    return this.cluster.kube.patch(resource, name, patch, { type: 'merge', namespace: this.namespace });
  }

  until(what: string, done: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    return until(what, done, NEVER, withinMs);
  }

  async frontDoor(service = 'nginx', port = 80): Promise<{ host: string; port: number }> {
    const id = (await this.service(service)).metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
    const address = this.cluster.clb.addressOf(id ?? '', port);
    if (address === undefined) throw new Error(`service/${service} has no listener on port ${port}`);
    return address;
  }

  /** Short connections, keep-alive clients and streams of 0.8 to 1.8 seconds through the load balancer. */
  async traffic(): Promise<TrafficRun> {
    const door = await this.frontDoor();
    const traffic = startTraffic({
      ...door,
      shortPerSecond: 25,
      keepAliveClients: 2,
      streamClients: 3,
      streamMs: [800, 1800],
    });
    this.#traffic.push(traffic);
    return traffic;
  }

  /** Every pod ready, with its gates met, and bound and probed for every Service. */
  async settled(replicas: number): Promise<void> {
    await this.until(`${replicas} pods of ${this.namespace} at the load balancer`, async () => {
      const pods = await this.pods();
      const services = await this.services();
      return (
        pods.length === replicas &&
        pods.every(isReady) &&
        services.every((service) => isServed(this.cluster, service, pods))
      );
    });
  }

  /** Leaves nothing that works on: other tests have the same cluster after this one. */
  async close(): Promise<void> {
    await Promise.all(this.#traffic.map((traffic) => traffic.stop()));
    rmSync(this.home, { recursive: true, force: true });
    const { kube } = this.cluster;
    const place = { namespace: this.namespace };
    for (const resource of [STATEFUL_SETS, SERVICES, PODS]) {
      const { items } = await kube.list(resource, place);
      // A pod that goes meanwhile is gone as well.
      const remove = ({ metadata: { name, uid } }: KubeObject) => kube.delete(resource, name, { ...place, uid });
      await Promise.allSettled(items.map(remove));
    }
  }
}

let made = 0;

/** A stage of its own for one test; closed by that test's end. */
export async function openStage(
  t: { after(done: () => Promise<void>): void },
  cluster: E2eCluster,
  options: ManifestOptions = {},
): Promise<Stage> {
  made += 1;
  const stage = new Stage(cluster, `stage-${made}`);
  t.after(() => stage.close());
  await cluster.kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: stage.namespace } });
  const objects = await guideObjects({
    behaviour: { [Behaviour.onTerminate]: 'graceful', [Behaviour.readyAfter]: '100ms' },
    ...options,
  });
  for (const { resource, object } of objects)
    await cluster.kube.create(resource, object, { namespace: stage.namespace });
  await stage.settled(options.replicas ?? 3);
  return stage;
}
