/** The Deployment and ReplicaSet controllers on an API server in memory, with a kubelet that tests can hold back. */
import type { TestContext } from 'node:test';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../../../lib/ports/resources.ts';
import type { Clock, KubeObject } from '../../../../lib/ports.ts';
import { startInformer } from '../../../../sandbox/common/informer.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../../sandbox/controllers/controller-types.ts';
import { startDeploymentController } from '../../../../sandbox/controllers/deployment/deployment-controller.ts';
import { startReplicaSetController } from '../../../../sandbox/controllers/replica-set/replica-set-controller.ts';
import { FakeKube } from '../../../fakes/api/kube.ts';
import { HeldKubelet } from '../cluster.ts';

export function deployment(
  spec: Partial<Deployment['spec']> = {},
  annotations: Record<string, string> = {},
): KubeObject {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'web:1' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', annotations },
    spec: {
      replicas: 3,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
      ...spec,
    },
  };
}

export function startCluster(t: TestContext, objects: readonly KubeObject[], { clock }: { clock?: Clock } = {}) {
  const kube = new FakeKube(objects, { gracefulPods: true, ...(clock ? { now: () => clock.now() } : {}) });
  const kubelet = new HeldKubelet(kube, clock);
  const visit = (pod: KubeObject): void => kubelet.visit(pod.metadata.name);
  const nodes = startInformer(kube, PODS, {}, { onUpsert: visit, onDelete: () => undefined });
  const options = clock ? { clock } : {};
  const parts = [startDeploymentController(kube, options), startReplicaSetController(kube, options), nodes];
  t.after(() => Promise.all(parts.map((part) => part.stop())));
  return { kube, kubelet };
}

export const deploymentOf = (kube: FakeKube): Deployment => kube.object(DEPLOYMENTS, 'web') as Deployment;
export const setsOf = (kube: FakeKube): ReplicaSet[] => kube.objects(REPLICA_SETS) as ReplicaSet[];

/** Sizes asked of the ReplicaSets, by image. */
export const sizes = (kube: FakeKube): Record<string, number> =>
  Object.fromEntries(
    setsOf(kube).map(({ spec }) => [spec.template.spec.containers[0]?.image ?? '', spec.replicas ?? 1]),
  );

/** Pods by image, terminating ones left out. */
export function podsByImage(kube: FakeKube): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pod of kube.objects(PODS) as Pod[]) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const image = pod.spec.containers[0]?.image ?? '';
    counts[image] = (counts[image] ?? 0) + 1;
  }
  return counts;
}

export function setSpec(kube: FakeKube, change: (spec: Deployment['spec']) => void): void {
  kube.edit(DEPLOYMENTS, 'web', (object) => change((object as Deployment).spec));
}

export const setImage = (kube: FakeKube, image: string): void =>
  setSpec(kube, (spec) => {
    for (const container of spec.template.spec.containers) container.image = image;
  });

export const progressing = (kube: FakeKube) =>
  deploymentOf(kube).status?.conditions?.find(({ type }) => type === 'Progressing');
