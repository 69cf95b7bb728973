import { APPS, type Case, CORE } from './case.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export const access: Case[] = [
  {
    name: 'access reviews answer the administrator alike',
    run: async (api) => {
      const review = (spec: object) => ({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec,
      });
      const resourceAttributes = { namespace: api.namespace, verb: 'delete', resource: 'pods' };
      const answer = await api.ask({ method: 'POST', path: REVIEWS, body: review({ resourceAttributes }) });
      api.note('allowed', [answer.status, (answer.body as { status: { allowed: boolean } }).status.allowed]);
      await api.record({ method: 'POST', path: REVIEWS, body: review({}) });
    },
  },
  {
    name: 'pods that do not exist have neither logs nor exec',
    run: async (api) => {
      await api.record({ method: 'GET', path: `${CORE}/pods/none/log` });
      await api.record({ method: 'GET', path: `${CORE}/pods/none/exec?command=ls&container=c&stdout=true` });
      await api.record({ method: 'GET', path: `${CORE}/pods/none/proxy/metrics` });
    },
  },
  {
    name: 'discovery describes the resources alike',
    run: async (api) => {
      for (const path of [
        '/api/v1',
        '/apis/apps/v1',
        '/apis/policy/v1',
        '/apis/coordination.k8s.io/v1',
        '/apis/discovery.k8s.io/v1',
      ]) {
        const { body } = await api.ask({ method: 'GET', path });
        const { resources } = body as { resources: { name: string; storageVersionHash?: string }[] };
        const known = resources.filter(({ name }) => KNOWN.has(name));
        api.note(
          path,
          known.map(({ storageVersionHash: _hash, ...rest }) => rest).sort((a, b) => (a.name < b.name ? -1 : 1)),
        );
      }
    },
  },
  {
    name: 'methods that a path has not got are refused alike',
    run: async (api) => {
      await api.record({ method: 'PUT', path: APPS, body: {} });
      await api.record({ method: 'POST', path: `${CORE}/pods/none/log`, body: {} });
      await api.record({ method: 'PATCH', path: APPS, body: {}, contentType: 'application/merge-patch+json' });
    },
  },
];

const KNOWN = new Set([
  'statefulsets',
  'statefulsets/scale',
  'statefulsets/status',
  'controllerrevisions',
  'pods',
  'pods/status',
  'pods/log',
  'pods/exec',
  'pods/ephemeralcontainers',
  'pods/eviction',
  'pods/proxy',
  'pods/binding',
  'services',
  'services/status',
  'configmaps',
  'events',
  'nodes',
  'nodes/status',
  'namespaces',
  'endpoints',
  'leases',
  'poddisruptionbudgets',
  'poddisruptionbudgets/status',
  'endpointslices',
]);
