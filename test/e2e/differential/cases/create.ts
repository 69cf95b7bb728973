import { APPS, type Case, CORE, configMap, service, statefulSet } from './case.ts';

const POLICY = '/apis/policy/v1/namespaces/NAMESPACE/poddisruptionbudgets';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/NAMESPACE/leases';

export const creation: Case[] = [
  {
    name: 'a created StatefulSet comes back with every default',
    run: async (api) => {
      await api.record({ method: 'POST', path: `${APPS}?fieldValidation=Strict`, body: statefulSet('create-sts') });
      await api.record({ method: 'POST', path: APPS, body: statefulSet('create-sts') });
      await api.record({ method: 'POST', path: `${APPS}?dryRun=All`, body: statefulSet('create-dry') });
      await api.record({ method: 'GET', path: `${APPS}/create-dry` });
    },
  },
  {
    name: 'a created Service gets its addresses, ports and defaults',
    run: async (api) => {
      const path = `${CORE}/services`;
      await api.record({ method: 'POST', path, body: service('create-svc', { type: 'LoadBalancer' }) });
      await api.record({ method: 'POST', path, body: service('create-headless', { clusterIP: 'None' }) });
      await api.record({
        method: 'POST',
        path,
        body: service('create-udp', { ports: [{ port: 53, protocol: 'UDP' }] }),
      });
    },
  },
  {
    name: 'budgets, leases, events and config maps are created as they are',
    run: async (api) => {
      const spec = { minAvailable: 1, selector: { matchLabels: { app: 'none' } } };
      const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'create-pdb' }, spec };
      await api.record({ method: 'POST', path: POLICY, body: budget });
      const renewTime = '2026-01-02T03:04:05.678901Z';
      const held = { holderIdentity: 'me', leaseDurationSeconds: 15, acquireTime: renewTime, renewTime };
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'create-lease' },
        spec: held,
      };
      await api.record({ method: 'POST', path: LEASES, body: lease });
      const event = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'create-event' },
        involvedObject: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', namespace: api.namespace },
        reason: 'ZerolossDrained',
        message: 'drained 0',
        type: 'Normal',
        source: { component: 'kubectl-zeroloss' },
        firstTimestamp: '2026-01-02T03:04:05Z',
        lastTimestamp: '2026-01-02T03:04:05Z',
        count: 1,
      };
      await api.record({ method: 'POST', path: `${CORE}/events`, body: event });
      await api.record({ method: 'POST', path: `${CORE}/configmaps`, body: configMap('create-map') });
    },
  },
  {
    name: 'what cannot be created is refused with the same status, reason and causes',
    run: async (api) => {
      const post = (body: unknown, query = '') => api.record({ method: 'POST', path: `${APPS}${query}`, body });
      await post(statefulSet('invalid-replicas', { replicas: -1 }));
      await post(statefulSet('invalid-selector', { selector: { matchLabels: { app: 'other' } } }));
      await post(statefulSet('Invalid_Name'));
      await post(statefulSet('invalid-no-selector', { selector: null }));
      await post(statefulSet('invalid-strategy', { updateStrategy: { type: 'Sometimes' } }));
      await post({ ...statefulSet('invalid-strict'), surprise: 1 }, '?fieldValidation=Strict');
      await post({ ...statefulSet('invalid-warn'), surprise: 1 }, '?fieldValidation=Warn&dryRun=All');
      await post({ ...statefulSet('invalid-ignore'), surprise: 1 }, '?fieldValidation=Ignore&dryRun=All');
      await post({ ...statefulSet('invalid-kind'), kind: 'Deployment' });
      await post({ ...statefulSet('x'), metadata: { labels: { app: 'x' } } });
      await post({ ...statefulSet('x'), metadata: { name: 'x', namespace: 'elsewhere' } });
      await post('{"kind":');
      await post([]);
      await api.record({ method: 'POST', path: APPS, body: 'kind: StatefulSet', contentType: 'text/plain' });
      await api.record({ method: 'POST', path: `${CORE}/services`, body: service('invalid-svc', { ports: [] }) });
      await api.record({
        method: 'POST',
        path: `${CORE}/services`,
        body: service('invalid-port', { ports: [{ port: 0 }] }),
      });
      await api.record({
        method: 'POST',
        path: `${CORE}/pods`,
        body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } },
      });
    },
  },
];
