/** The StatefulSet controller on an API server in memory, with a kubelet that tests can hold back. */
import type { TestContext } from 'node:test';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Clock, KubeObject } from '../../../lib/ports.ts';
import { startInformer } from '../../../sandbox/common/informer.ts';
import type { Pod, StatefulSetStatus } from '../../../sandbox/controllers/controller-types.ts';
import { startStatefulSetController } from '../../../sandbox/controllers/stateful-set/stateful-set-controller.ts';
import { statefulSet } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';

/** Runs every pod and ends every terminating one at once, but for those held back. */
export class HeldKubelet {
  /** Names of pods that run but do not get ready; '*' for all. */
  readonly unready = new Set<string>();
  /** Names of pods that stay terminating. */
  readonly lingering = new Set<string>();
  readonly #kube: FakeKube;
  readonly #clock: Clock | undefined;

  constructor(kube: FakeKube, clock: Clock | undefined) {
    this.#kube = kube;
    this.#clock = clock;
  }

  /** Looks at one pod again after a hold was taken away. */
  visit(name: string): void {
    const pod = this.#kube.object(PODS, name) as Pod | undefined;
    if (pod === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!this.lingering.has(name)) this.#kube.remove(PODS, name);
      return;
    }
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return;
    const held = this.unready.has(name) || this.unready.has('*');
    const status = held ? 'False' : 'True';
    const was = pod.status?.conditions?.find((condition) => condition.type === 'Ready');
    if (was?.status === status) return;
    const at = new Date(this.#clock?.now() ?? 0).toISOString();
    this.#kube.edit(PODS, name, (object) => {
      object['spec'] = { ...(object['spec'] as object), nodeName: 'node-1' };
      object['status'] = { phase: 'Running', conditions: [{ type: 'Ready', status, lastTransitionTime: at }] };
    });
  }

  /** Lets a pod get ready after all. */
  ready(name: string): void {
    this.unready.delete(name);
    this.visit(name);
  }

  /** Lets a terminating pod end. */
  end(name: string): void {
    this.lingering.delete(name);
    this.visit(name);
  }
}

/** A StatefulSet as a user applies it: no status yet. */
export function appliedSet(options: Parameters<typeof statefulSet>[0]): KubeObject {
  const { status: _status, ...set } = statefulSet(options);
  return set;
}

/** Starts controller and kubelet; both stop with the test. */
export function startCluster(t: TestContext, objects: readonly KubeObject[], options: { clock?: Clock } = {}) {
  const { clock } = options;
  const kube = new FakeKube(objects, { gracefulPods: true, ...(clock ? { now: () => clock.now() } : {}) });
  const kubelet = new HeldKubelet(kube, clock);
  const visit = (pod: KubeObject): void => kubelet.visit(pod.metadata.name);
  const nodes = startInformer(kube, PODS, {}, { onUpsert: visit, onDelete: () => undefined });
  const log: string[] = [];
  const controller = startStatefulSetController(kube, { log: (line) => log.push(line), ...(clock ? { clock } : {}) });
  t.after(async () => {
    await Promise.all([controller.stop(), nodes.stop()]);
  });
  return { kube, kubelet, log };
}

/** The controller's writes to pods, in order: `create nginx-0`, `delete nginx-2`. */
export function podWrites(kube: FakeKube): string[] {
  return kube.writes.filter((call) => call.resource === 'pods').map((call) => `${call.verb} ${call.name}`);
}

export function statusOf(kube: FakeKube, name = 'nginx'): Partial<StatefulSetStatus> {
  return (kube.object(STATEFUL_SETS, name)?.['status'] ?? {}) as Partial<StatefulSetStatus>;
}

/** `kubectl set image`, on the only container. */
export function setImage(kube: FakeKube, image: string, name = 'nginx'): void {
  kube.edit(STATEFUL_SETS, name, (object) => {
    const spec = object['spec'] as { template: { spec: { containers: { image: string }[] } } };
    for (const container of spec.template.spec.containers) container.image = image;
  });
}

export function setSpec(kube: FakeKube, fields: Record<string, unknown>, name = 'nginx'): void {
  kube.edit(STATEFUL_SETS, name, (object) => {
    object['spec'] = { ...(object['spec'] as object), ...fields };
  });
}

export function imagesOf(kube: FakeKube): Record<string, string | undefined> {
  const pods = kube.objects(PODS) as Pod[];
  return Object.fromEntries(pods.map((pod) => [pod.metadata.name, pod.spec.containers[0]?.image]));
}
