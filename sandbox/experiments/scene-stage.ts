/** The actions of a scene on its workload, by kubectl's words and by the plugin's. */
import { list, number, text } from '../../lib/core/values/read.ts';
import { DEPLOYMENTS, PODS, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { runPlugin, type VerbOptions } from '../rehearsal/run-plugin.ts';
import type { Stage } from '../rehearsal/stage.ts';
import { isReady, until } from '../start/await-ready.ts';
import type { SceneStage, Workload } from './experiment.ts';
import { CONTAINER } from './manifest.ts';

const PATIENCE_MS = 120_000;

export function sceneStage(stage: Stage, app: string, { kind }: Workload, options: VerbOptions): SceneStage {
  const { kube } = stage.cluster;
  const resource = kind === 'Deployment' ? DEPLOYMENTS : STATEFUL_SETS;
  const shown = `${kind.toLowerCase()}/${app}`;
  const podList = async (): Promise<KubeObject[]> => (await kube.list(PODS, { labelSelector: `app=${app}` })).items;
  const wait = (what: string, done: () => Promise<boolean>) => until(what, done, stage.signal, PATIENCE_MS);
  const whole = async (replicas: number): Promise<boolean> => {
    const pods = await podList();
    return pods.length === replicas && pods.every(isReady);
  };
  return {
    ...stage,
    app,
    verb: (words, accepts) => runPlugin(stage, options, words, accepts),
    pods: async () => (await podList()).map(({ metadata }) => metadata.name),
    scale: (replicas) =>
      stage.step(`kubectl scale ${shown} --replicas=${replicas}`, async () => {
        await kube.patch(resource, app, { spec: { replicas } }, { type: 'merge', subresource: 'scale' });
        await wait(`${app} has ${replicas} pods`, () => whole(replicas));
      }),
    roll: (image) =>
      stage.step(`kubectl set image ${shown} ${CONTAINER}=${image}`, async () => {
        const containers = [{ name: CONTAINER, image }];
        await kube.patch(resource, app, { spec: { template: { spec: { containers } } } }, { type: 'strategic' });
        if (text(await kube.get(resource, app), 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
        await wait(`${app} is rolled out`, async () => {
          const replicas = number(await kube.get(resource, app), 'spec', 'replicas') ?? 1;
          const images = (await podList()).map((pod) => text(list(pod, 'spec', 'containers')[0], 'image'));
          return images.every((each) => each === image) && (await whole(replicas));
        });
      }),
    deletePods: (names) =>
      stage.step(`kubectl delete pod ${names.join(' ')}`, async () => {
        const before = (await podList()).length;
        const uids = await Promise.all(
          names.map(async (name) => {
            const { uid } = (await kube.get(PODS, name)).metadata;
            await kube.delete(PODS, name, { uid });
            return uid;
          }),
        );
        await wait(`${names.join(', ')} replaced`, async () => {
          const pods = await podList();
          return pods.length === before && pods.every((pod) => isReady(pod) && !uids.includes(pod.metadata.uid));
        });
      }),
  };
}
