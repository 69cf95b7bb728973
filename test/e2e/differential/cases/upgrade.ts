import { field, list, number, text } from '../../../../lib/core/values/read.ts';
import type { Recorder } from '../recorder.ts';
import { APPS, type Case, CORE, statefulSet } from './case.ts';
import { observed, settled } from './settled.ts';

const isReady = (pod: unknown) =>
  list(pod, 'status', 'conditions').some((each) => text(each, 'type') === 'Ready' && text(each, 'status') === 'True');

function template(name: string, image: string, graceSeconds: number) {
  const { spec } = statefulSet(name);
  const containers = [{ name: 'nginx', image, ports: [{ containerPort: 8080 }] }];
  return { ...spec.template, spec: { terminationGracePeriodSeconds: graceSeconds, containers } };
}

/** The set's status and its pods' revisions, once the controller has seen everything. */
async function state(api: Recorder, name: string, what: string, done: (set: unknown) => boolean): Promise<void> {
  const set = await settled(api, `${APPS}/${name}`, (body) => observed(body) && done(body));
  const pods = await api.ask({ method: 'GET', path: `${CORE}/pods?labelSelector=app%3D${name}` });
  api.note(what, {
    status: field(set, 'status'),
    generation: number(set, 'metadata', 'generation'),
    pods: list(pods.body, 'items').map((pod) => ({
      name: text(pod, 'metadata', 'name'),
      'controller-revision-hash': text(pod, 'metadata', 'labels', 'controller-revision-hash'),
    })),
  });
}

const counts = (ready: number, updated: number) => (set: unknown) =>
  number(set, 'status', 'readyReplicas') === ready &&
  number(set, 'status', 'availableReplicas') === ready &&
  (number(set, 'status', 'updatedReplicas') ?? 0) === updated;

export const upgrades: Case[] = [
  {
    name: 'the status over a whole OnDelete upgrade goes through the same states',
    needsPods: true,
    run: async (api) => {
      const name = 'upgrade-sts';
      const spec = { replicas: 3, podManagementPolicy: 'Parallel', template: template(name, 'nginx:1.25.3', 1) };
      await api.ask({ method: 'POST', path: APPS, body: statefulSet(name, spec) });
      await state(api, name, 'all pods of the first revision', counts(3, 3));
      const pod = await api.ask({ method: 'GET', path: `${CORE}/pods/${name}-0` });
      const metadata = { ...(field(pod.body, 'metadata') as object), managedFields: undefined };
      api.note('metadata and spec of a pod', { metadata, spec: field(pod.body, 'spec') });
      const patch = { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.4' }] } } } };
      await api.ask({
        method: 'PATCH',
        path: `${APPS}/${name}`,
        body: patch,
        contentType: 'application/strategic-merge-patch+json',
      });
      await state(
        api,
        name,
        'a new template',
        (set) => text(set, 'status', 'currentRevision') !== text(set, 'status', 'updateRevision'),
      );
      for (const ordinal of [0, 1, 2]) {
        const path = `${CORE}/pods/${name}-${ordinal}`;
        const before = await api.ask({ method: 'GET', path });
        const uid = text(before.body, 'metadata', 'uid');
        await api.ask({ method: 'DELETE', path, body: { preconditions: { uid } } });
        await settled(
          api,
          path,
          (each) =>
            text(each, 'metadata', 'uid') !== undefined && text(each, 'metadata', 'uid') !== uid && isReady(each),
        );
        await state(api, name, `pod ${ordinal} replaced`, counts(3, ordinal + 1));
      }
      const revisions = await api.ask({
        method: 'GET',
        path: `/apis/apps/v1/namespaces/NAMESPACE/controllerrevisions?labelSelector=app%3D${name}`,
      });
      const inOrder = list(revisions.body, 'items').toSorted(
        (a, b) => (number(a, 'revision') ?? 0) - (number(b, 'revision') ?? 0),
      );
      api.note(
        'revisions',
        inOrder.map((each) => ({ revision: field(each, 'revision'), data: field(each, 'data') })),
      );
      const contentType = 'application/merge-patch+json';
      await api.ask({ method: 'PATCH', path: `${APPS}/${name}`, body: { spec: { replicas: 4 } }, contentType });
      await state(api, name, 'one more', counts(4, 4));
      await api.ask({ method: 'PATCH', path: `${APPS}/${name}`, body: { spec: { replicas: 3 } }, contentType });
      await state(api, name, 'one less', (set) => counts(3, 3)(set) && number(set, 'status', 'replicas') === 3);
    },
  },
  {
    name: 'a terminating pod is shown alike, and refused and accepted alike',
    needsPods: true,
    run: async (api) => {
      const name = 'terminating-sts';
      const held = template(name, 'nginx:1.25.3', 20);
      const path = `${CORE}/pods/${name}-0`;
      const slow = { ...held, metadata: { ...held.metadata, finalizers: ['example.com/hold'] } };
      await api.ask({ method: 'POST', path: APPS, body: statefulSet(name, { replicas: 1, template: slow }) });
      await settled(api, path, isReady);
      const wrong = '00000000-0000-0000-0000-000000000000';
      await api.record({ method: 'DELETE', path, body: { preconditions: { uid: wrong } } });
      const deleted = await api.ask({ method: 'DELETE', path, body: { gracePeriodSeconds: 1 } });
      api.note('answer to the deletion', {
        status: deleted.status,
        grace: field(deleted.body, 'metadata', 'deletionGracePeriodSeconds'),
        generation: field(deleted.body, 'metadata', 'generation'),
        terminating: text(deleted.body, 'metadata', 'deletionTimestamp') !== undefined,
      });
      await settled(
        api,
        `${APPS}/${name}`,
        (set) => number(set, 'status', 'readyReplicas') === 0 || number(set, 'status', 'readyReplicas') === undefined,
      );
      const pod = await api.ask({ method: 'GET', path });
      api.note('the pod whose containers have ended', {
        phase: text(pod.body, 'status', 'phase'),
        grace: field(pod.body, 'metadata', 'deletionGracePeriodSeconds'),
      });
      await state(api, name, 'held by its finalizer', () => true);
      await api.ask({
        method: 'PATCH',
        path: `${APPS}/${name}`,
        body: { spec: { template: { metadata: { finalizers: null } } } },
        contentType: 'application/merge-patch+json',
      });
      await api.ask({
        method: 'PATCH',
        path,
        body: { metadata: { finalizers: null } },
        contentType: 'application/merge-patch+json',
      });
      await settled(api, path, (each) => isReady(each) && text(each, 'metadata', 'deletionTimestamp') === undefined);
    },
  },
  {
    name: 'evictions heed budgets, preconditions and dry runs',
    needsPods: true,
    run: async (api) => {
      const name = 'evict-sts';
      await api.ask({
        method: 'POST',
        path: APPS,
        body: statefulSet(name, {
          replicas: 2,
          podManagementPolicy: 'Parallel',
          template: template(name, 'nginx:1.25.3', 0),
        }),
      });
      const budgets = '/apis/policy/v1/namespaces/NAMESPACE/poddisruptionbudgets';
      const spec = { minAvailable: 2, selector: { matchLabels: { app: name } } };
      await api.ask({
        method: 'POST',
        path: budgets,
        body: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec },
      });
      const budget = await settled(api, `${budgets}/${name}`, (each) => number(each, 'status', 'currentHealthy') === 2);
      api.note('status of the budget', field(budget, 'status'));
      const evict = (pod: string, more: object = {}, query = '') =>
        api.record({
          method: 'POST',
          path: `${CORE}/pods/${pod}/eviction${query}`,
          body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod }, ...more },
        });
      await evict(`${name}-0`);
      await evict(`${name}-9`);
      await api.ask({
        method: 'PATCH',
        path: `${budgets}/${name}`,
        body: { spec: { minAvailable: 1 } },
        contentType: 'application/merge-patch+json',
      });
      await settled(api, `${budgets}/${name}`, (each) => number(each, 'status', 'disruptionsAllowed') === 1);
      await evict(`${name}-0`, { deleteOptions: { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } } });
      // The controller counts the pod as disrupted, although it was not.
      await settled(api, `${budgets}/${name}`, (each) => number(each, 'status', 'currentHealthy') === 1);
      await evict(`${name}-0`, {}, '?dryRun=All');
      await evict(`${name}-0`);
    },
  },
];
