/** The three ways to upgrade that the demo compares. */
import { text } from '../../lib/core/values/read.ts';
import { PODS, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import { runPlugin, type VerbOptions } from '../rehearsal/run-plugin.ts';
import type { Stage } from '../rehearsal/stage.ts';
import { isReady, until } from '../start/await-ready.ts';
import { NEW_IMAGE, REPLICAS, type Strategy } from './rehearse-strategy.ts';

/** The StatefulSet controller deletes and replaces the pods by itself. */
export const rollingUpdate: Strategy = {
  name: 'rolling-update',
  updateStrategy: 'RollingUpdate',
  async upgrade(stage) {
    await setImage(stage);
    await stage.step('kubectl rollout status statefulset/nginx', () =>
      until('every pod replaced', () => allUpdated(stage, REPLICAS), stage.signal, 180_000),
    );
  },
};

/** OnDelete, and the operator deletes the next pod as soon as the last one is ready. */
export const plainDelete: Strategy = {
  name: 'plain-delete',
  updateStrategy: 'OnDelete',
  async upgrade(stage) {
    await setImage(stage);
    for (let ordinal = 0; ordinal < REPLICAS; ordinal++) {
      await stage.step(`kubectl delete pod nginx-${ordinal}`, () => deleteAndWait(stage, `nginx-${ordinal}`));
    }
  },
};

/** The verbs of this project, with one batch of surplus pods while it lasts: added before the image is set, they keep the old one. */
export function zeroloss(batch: number, options: VerbOptions): Strategy {
  const surge = Math.min(batch, REPLICAS);
  const first = batch === 1 ? '0' : `0-${Math.min(batch, REPLICAS) - 1}`;
  return {
    name: 'zeroloss',
    updateStrategy: 'OnDelete',
    async upgrade(stage) {
      const verb = (...words: string[]) => runPlugin(stage, options, words);
      await verb('surge', 'nginx', `${surge}`);
      await setImage(stage);
      await verb('drain', 'nginx', first);
      for (let code = 0; code === 0; code = await verb('advance', 'nginx')) {
        await verb('wait-zero', 'nginx');
        await verb('recreate', 'nginx');
      }
      await verb('restore', 'nginx');
    },
  };
}

function setImage(stage: Stage): Promise<void> {
  const containers = [{ name: 'nginx', image: NEW_IMAGE }];
  return stage.step(`kubectl set image statefulset/nginx nginx=${NEW_IMAGE}`, async () => {
    await stage.cluster.kube.patch(
      STATEFUL_SETS,
      'nginx',
      { spec: { template: { spec: { containers } } } },
      { type: 'strategic' },
    );
  });
}

async function allUpdated(stage: Stage, replicas: number): Promise<boolean> {
  const [set, pods] = await Promise.all([
    stage.cluster.kube.get(STATEFUL_SETS, 'nginx'),
    stage.cluster.kube.list(PODS),
  ]);
  const revision = text(set, 'status', 'updateRevision');
  const images = pods.items.map((pod) => text(pod, 'spec', 'containers', 0, 'image'));
  const updated = pods.items.filter(
    (pod) => pod.metadata.labels?.['controller-revision-hash'] === revision && isReady(pod),
  );
  return updated.length === replicas && images.every((image) => image === NEW_IMAGE);
}

async function deleteAndWait(stage: Stage, name: string): Promise<void> {
  const { kube } = stage.cluster;
  const before = await kube.get(PODS, name);
  await kube.delete(PODS, name, { uid: before.metadata.uid });
  await until(
    `${name} replaced and ready`,
    async () => {
      const pods = await kube.list(PODS);
      const pod = pods.items.find((each) => each.metadata.name === name);
      return pod !== undefined && pod.metadata.uid !== before.metadata.uid && isReady(pod);
    },
    stage.signal,
  );
}
