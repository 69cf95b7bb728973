import { APPS, type Case, CORE, configMap, service, statefulSet } from './case.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const MAPS = `${CORE}/configmaps`;

export const reads: Case[] = [
  {
    name: 'lists are selected by labels and fields, and paged',
    run: async (api) => {
      for (const name of ['read-a', 'read-b', 'read-c']) {
        const map = configMap(name);
        await api.ask({
          method: 'POST',
          path: MAPS,
          body: { ...map, metadata: { name, labels: { app: name, suite: 'read' } } },
        });
      }
      const get = (query: string) => api.record({ method: 'GET', path: `${MAPS}?labelSelector=suite%3Dread&${query}` });
      await get('');
      await get('limit=2');
      await get('fieldSelector=metadata.name%3Dread-b');
      await get('fieldSelector=data.key%3Dvalue');
      await get('limit=x');
      await get('continue=nonsense');
      await get('resourceVersion=0');
      await get('resourceVersion=x');
      await get('resourceVersion=1&resourceVersionMatch=Exact');
      await get('resourceVersionMatch=Exact');
      await api.record({ method: 'GET', path: `${MAPS}?labelSelector=app+in+(read-a,read-c),suite` });
      await api.record({ method: 'GET', path: `${MAPS}?labelSelector=suite%3Dread,app!%3Dread-a` });
      await api.record({ method: 'GET', path: `${MAPS}?labelSelector=a%20b` });
      await api.record({ method: 'GET', path: `${MAPS}?labelSelector=app+in+read` });
    },
  },
  {
    name: 'tables have the columns that kubectl prints',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('read-table') });
      await api.ask({ method: 'POST', path: `${CORE}/services`, body: service('read-table') });
      const get = (path: string, accept = TABLE) => api.record({ method: 'GET', path, accept });
      await get(`${APPS}?fieldSelector=metadata.name%3Dread-table`);
      await get(`${APPS}/read-table`);
      await get(`${CORE}/services/read-table`);
      await get(`${CORE}/pods`);
      await get(`${APPS}?fieldSelector=metadata.name%3Dread-table`, PARTIAL);
      await get(`${APPS}/none`);
    },
  },
  {
    name: 'what is not there is said alike',
    run: async (api) => {
      await api.record({ method: 'GET', path: `${APPS}/none` });
      await api.record({ method: 'GET', path: '/apis/apps/v1/nonsense' });
      await api.record({ method: 'GET', path: '/apis/apps/v9/statefulsets' });
      await api.record({ method: 'GET', path: '/nonsense' });
      await api.record({ method: 'GET', path: '/api/v1/namespaces/no-such-namespace/configmaps' });
      await api.record({
        method: 'POST',
        path: '/api/v1/namespaces/no-such-namespace/configmaps',
        body: configMap('x'),
      });
      await api.record({ method: 'GET', path: `${APPS}/none`, accept: 'text/html' });
      await api.record({ method: 'GET', path: '/healthz', accept: '*/*' });
    },
  },
];
