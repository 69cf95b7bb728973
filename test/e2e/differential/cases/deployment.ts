import { field, list, number, text } from '../../../../lib/core/values/read.ts';
import type { Recorder } from '../recorder.ts';
import { PATCH_TYPE } from '../recorder.ts';
import { type Case, CORE, statefulSet } from './case.ts';
import { observed, settled } from './settled.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/NAMESPACE/deployments';
const REPLICA_SETS = '/apis/apps/v1/namespaces/NAMESPACE/replicasets';
const REVISION = 'deployment.kubernetes.io/revision';

function deployment(name: string, spec: Record<string, unknown> = {}, image = 'nginx:1.25.3') {
  const { selector, template } = statefulSet(name).spec;
  const containers = [{ name: 'nginx', image, ports: [{ containerPort: 8080 }] }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name }, annotations: { 'kubernetes.io/change-cause': 'first' } },
    spec: {
      replicas: 0,
      selector,
      template: { ...template, spec: { terminationGracePeriodSeconds: 1, containers } },
      ...spec,
    },
  };
}

const rolling = (maxSurge: unknown, maxUnavailable: unknown) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

/** The Deployment, and its ReplicaSets in the order of their revisions; a template's hash is each server's own. */
async function state(api: Recorder, name: string, what: string, done: (body: unknown) => boolean): Promise<void> {
  const body = await settled(api, `${DEPLOYMENTS}/${name}`, (each) => observed(each) && done(each));
  const sets = await api.ask({ method: 'GET', path: `${REPLICA_SETS}?labelSelector=app%3D${name}` });
  const revision = (set: unknown) => Number(text(set, 'metadata', 'annotations', REVISION));
  const withoutHash = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value ?? null)
        .replaceAll(new RegExp(`${name}-[0-9a-z]{5,10}\\b`, 'g'), `${name}-HASH`)
        .replaceAll(/"pod-template-hash":"[0-9a-z]+"/g, '"pod-template-hash":"HASH"'),
    );
  const conditions = list(body, 'status', 'conditions').toSorted((a, b) =>
    String(text(a, 'type')).localeCompare(String(text(b, 'type'))),
  );
  api.note(what, {
    annotations: field(body, 'metadata', 'annotations'),
    status: withoutHash({ ...(field(body, 'status') as object), conditions }),
    sets: list(sets.body, 'items')
      .toSorted((a, b) => revision(a) - revision(b))
      .map((set) =>
        withoutHash({
          annotations: field(set, 'metadata', 'annotations'),
          labels: field(set, 'metadata', 'labels'),
          generateName: field(set, 'metadata', 'generateName'),
          spec: field(set, 'spec'),
          replicas: number(set, 'status', 'replicas'),
        }),
      ),
  });
}

/** Complete, and no old pod is left to count. */
const complete = (replicas: number) => (body: unknown) =>
  number(body, 'status', 'replicas') === replicas &&
  number(body, 'status', 'updatedReplicas') === replicas &&
  number(body, 'status', 'availableReplicas') === replicas &&
  list(body, 'status', 'conditions').some((each) => text(each, 'reason') === 'NewReplicaSetAvailable');

const patch = (api: Recorder, name: string, body: unknown) =>
  api.ask({ method: 'PATCH', path: `${DEPLOYMENTS}/${name}`, body, contentType: PATCH_TYPE.strategic });

const setImage = (api: Recorder, name: string, image: string, cause: string) =>
  patch(api, name, {
    metadata: { annotations: { 'kubernetes.io/change-cause': cause } },
    spec: { template: { spec: { containers: [{ name: 'nginx', image }] } } },
  });

export const deployments: Case[] = [
  {
    name: 'a Deployment and a ReplicaSet are defaulted, and refused, alike',
    run: async (api) => {
      const post = (body: unknown) => api.record({ method: 'POST', path: `${DEPLOYMENTS}?dryRun=All`, body });
      await post(deployment('deploy-defaults'));
      await post(deployment('deploy-zero', rolling(0, 0)));
      await post(deployment('deploy-share', rolling('25', '25%')));
      await post(deployment('deploy-much', rolling('150%', '101%')));
      await post(deployment('deploy-negative', rolling(-1, 1)));
      await post(deployment('deploy-deadline', { minReadySeconds: 10, progressDeadlineSeconds: 10 }));
      await post(deployment('deploy-recreate', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }));
      await post(deployment('deploy-selector', { selector: { matchLabels: { app: 'other' } } }));
      const { metadata, spec } = deployment('plain-set');
      const { replicas, selector, template } = spec;
      const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas, selector, template } };
      await api.record({ method: 'POST', path: REPLICA_SETS, body: set });
      await api.record({
        method: 'PATCH',
        path: `${REPLICA_SETS}/plain-set`,
        body: { spec: { selector: { matchLabels: { more: 'labels' } } } },
        contentType: PATCH_TYPE.merge,
      });
    },
  },
  {
    name: 'a rollout, a way back, a pause and a new size leave the same ReplicaSets, revisions and conditions',
    needsPods: true,
    run: async (api) => {
      const name = 'rollout-deploy';
      await api.ask({ method: 'POST', path: DEPLOYMENTS, body: deployment(name, { replicas: 4 }) });
      await state(api, name, 'all pods of the first revision', complete(4));
      await setImage(api, name, 'nginx:1.25.4', 'second');
      await state(api, name, 'the second revision', complete(4));
      await setImage(api, name, 'nginx:1.25.3', 'back');
      await state(api, name, 'back to the first template', complete(4));
      await patch(api, name, { spec: { replicas: 6 } });
      await state(api, name, 'two more', complete(6));
      await patch(api, name, { spec: { paused: true } });
      const paused = (body: unknown) =>
        list(body, 'status', 'conditions').some((each) => text(each, 'reason') === 'DeploymentPaused');
      await state(api, name, 'paused', paused);
      await setImage(api, name, 'nginx:1.25.5', 'third');
      await state(
        api,
        name,
        'paused with a new template',
        (body) => number(body, 'status', 'updatedReplicas') === undefined,
      );
      await patch(api, name, { spec: { paused: null } });
      await state(api, name, 'resumed', complete(6));
      await patch(api, name, { spec: { replicas: 0 } });
      await state(api, name, 'none', (body) => number(body, 'status', 'replicas') === undefined);
    },
  },
  {
    name: 'a rollout that cannot move stands at the same sizes, and shares a new size out alike',
    needsPods: true,
    run: async (api) => {
      const name = 'stuck-deploy';
      await api.ask({
        method: 'POST',
        path: DEPLOYMENTS,
        body: deployment(name, { replicas: 10, ...rolling(3, 2) }),
      });
      await settled(api, `${DEPLOYMENTS}/${name}`, complete(10));
      await setImage(api, name, 'nginx:never-ready', 'stuck');
      const sizes = async () => {
        const sets = await api.ask({ method: 'GET', path: `${REPLICA_SETS}?labelSelector=app%3D${name}` });
        return list(sets.body, 'items').map((set) => number(set, 'spec', 'replicas') ?? 0);
      };
      const total = (replicas: number, updated: number) => (body: unknown) =>
        number(body, 'status', 'replicas') === replicas && number(body, 'status', 'updatedReplicas') === updated;
      await state(api, name, 'stuck', total(13, 5));
      await patch(api, name, { spec: { replicas: 15 } });
      await settled(api, `${DEPLOYMENTS}/${name}`, total(18, 7));
      api.note(
        'sizes',
        (await sizes()).toSorted((a, b) => a - b),
      );
      await patch(api, name, { spec: { replicas: 4 } });
      // Down to the floor of two available ones, beside four that never get ready.
      await settled(api, `${DEPLOYMENTS}/${name}`, total(6, 4));
      api.note(
        'sizes after a smaller one',
        (await sizes()).toSorted((a, b) => a - b),
      );
    },
  },
  {
    name: 'Recreate ends with the same state, and the cheaper pod of a ReplicaSet goes first',
    needsPods: true,
    run: async (api) => {
      const name = 'recreate-deploy';
      const body = deployment(name, { replicas: 2, strategy: { type: 'Recreate' } });
      await api.ask({ method: 'POST', path: DEPLOYMENTS, body });
      await state(api, name, 'two pods', complete(2));
      await setImage(api, name, 'nginx:1.25.4', 'second');
      await state(api, name, 'recreated', complete(2));
      const podsPath = `${CORE}/pods?labelSelector=app%3D${name}`;
      const pods = await api.ask({ method: 'GET', path: podsPath });
      const [cheap, dear] = list(pods.body, 'items').map((pod) => text(pod, 'metadata', 'name'));
      for (const [pod, cost] of [
        [cheap, '-10'],
        [dear, '10'],
      ])
        await api.ask({
          method: 'PATCH',
          path: `${CORE}/pods/${pod}`,
          body: { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } },
          contentType: PATCH_TYPE.merge,
        });
      await patch(api, name, { spec: { replicas: 1 } });
      const left = await settled(api, podsPath, (each) => list(each, 'items').length === 1);
      api.note('the one that stays is the dear one', text(list(left, 'items')[0], 'metadata', 'name') === dear);
    },
  },
];
