/** Sets a stage as a scene of the table names it. */
import { LEASES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import type { Scene } from './row.ts';

type Test = { after(done: () => void | Promise<void>): void };

/** Two pods behind one load balancer, unless the scene has a Service more. */
export async function setScene(t: Test, cluster: E2eCluster, scene: Scene): Promise<Stage> {
  const stage = await openStage(t as Parameters<typeof openStage>[0], cluster, { replicas: 2, ...optionsOf(scene) });
  await PREPARE[scene](stage, t);
  return stage;
}

/** A second Service that selects the pod of ordinal 0 by its name. */
const optionsOf = (scene: Scene) =>
  scene === 'a Service leads to 0 alone'
    ? {
        second: { name: 'first', port: 8080 },
        edit: (object: KubeObject) => {
          if (object.metadata.name === 'first')
            Object.assign((object['spec'] as { selector: object }).selector, {
              'statefulset.kubernetes.io/pod-name': 'nginx-0',
            });
          return object;
        },
      }
    : {};

const drain = (stage: Stage) => stage.ok('drain', 'nginx', '0');

async function held(stage: Stage, t: Test): Promise<void> {
  await holdConnection(t, stage, 'nginx-0');
}

/** A holder of another machine, who renews for as long as any test takes. */
async function leased(stage: Stage): Promise<void> {
  const now = new Date().toISOString().replace('Z', '000Z');
  await stage.cluster.kube.create(
    LEASES,
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'kubectl-zeroloss-nginx', annotations: { 'kubectl-zeroloss/verb': 'upgrade' } },
      spec: { holderIdentity: 'ada@elsewhere', leaseDurationSeconds: 3600, acquireTime: now, renewTime: now },
    },
    { namespace: stage.namespace },
  );
}

const PREPARE: Record<Scene, (stage: Stage, t: Test) => Promise<unknown>> = {
  'nothing begun': async () => undefined,
  'image set': (stage) => stage.setImage(),
  'rolling update': (stage) =>
    stage.patch('nginx', { spec: { updateStrategy: { type: 'RollingUpdate' } } }, STATEFUL_SETS),
  '0 drained': async (stage) => {
    await stage.setImage();
    await drain(stage);
  },
  '0 drained, held by a connection': async (stage, t) => {
    await stage.setImage();
    await held(stage, t);
    await drain(stage);
  },
  'held by a connection': held,
  '0 drained and updated': async (stage) => {
    await stage.setImage();
    await stage.replace('nginx-0');
    await drain(stage);
  },
  '0 and 1 updated, 1 drained': async (stage) => {
    await stage.setImage();
    await stage.replace('nginx-0');
    await stage.replace('nginx-1');
    await stage.ok('drain', 'nginx', '1');
  },
  'unready image, 0 drained': async (stage) => {
    await stage.setImage('nginx:never-ready');
    await drain(stage);
  },
  'broken image, 0 drained': async (stage) => {
    await stage.setImage('nginx:image-pull-error');
    await drain(stage);
  },
  'surged by 1': (stage) => stage.ok('surge', 'nginx', '1'),
  paused: (stage) => stage.ok('pause', 'nginx'),
  'a Service leads to 0 alone': async () => undefined,
  'another operator holds the lease': leased,
  '0 drained, another operator holds the lease': async (stage) => {
    await stage.setImage();
    await drain(stage);
    await leased(stage);
  },
};
