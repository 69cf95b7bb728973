import { APPS, type Case, CORE, configMap, statefulSet } from './case.ts';

const deletion = (more: object) => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...more });

export const deletions: Case[] = [
  {
    name: 'a deletion keeps to its preconditions',
    run: async (api) => {
      const path = `${CORE}/configmaps/delete-map`;
      const created = await api.ask({ method: 'POST', path: `${CORE}/configmaps`, body: configMap('delete-map') });
      const { uid } = (created.body as { metadata: { uid: string } }).metadata;
      const wrong = '00000000-0000-0000-0000-000000000000';
      await api.record({ method: 'DELETE', path, body: deletion({ preconditions: { uid: wrong } }) });
      await api.record({ method: 'DELETE', path, body: deletion({ preconditions: { uid, resourceVersion: '1' } }) });
      await api.record({ method: 'DELETE', path, body: deletion({ preconditions: { uid }, dryRun: ['All'] }) });
      await api.record({ method: 'DELETE', path, body: { preconditions: { uid } } });
      await api.record({ method: 'DELETE', path, body: deletion({ preconditions: { uid } }) });
      await api.record({ method: 'DELETE', path });
    },
  },
  {
    name: 'a StatefulSet is deleted with the propagation that was asked for',
    run: async (api) => {
      const path = `${APPS}/delete-sts`;
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('delete-sts') });
      await api.record({ method: 'DELETE', path, body: deletion({ propagationPolicy: 'Sometimes' }) });
      await api.record({
        method: 'DELETE',
        path,
        body: deletion({ gracePeriodSeconds: -1, propagationPolicy: 'Background', dryRun: ['Some'] }),
      });
      await api.record({ method: 'DELETE', path, body: deletion({ propagationPolicy: 'Background' }) });
    },
  },
  {
    name: 'an object with a finalizer stays until the finalizer goes',
    run: async (api) => {
      const map = configMap('delete-finalizer');
      const path = `${CORE}/configmaps/delete-finalizer`;
      const held = { ...map, metadata: { ...map.metadata, finalizers: ['example.com/hold'] } };
      await api.record({ method: 'POST', path: `${CORE}/configmaps`, body: held });
      await api.record({ method: 'DELETE', path });
      await api.record({ method: 'DELETE', path });
      const contentType = 'application/merge-patch+json';
      await api.record({
        method: 'PATCH',
        path,
        body: { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } },
        contentType,
      });
      await api.record({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType });
      await api.record({ method: 'GET', path });
    },
  },
  {
    name: 'a collection is deleted by its labels',
    run: async (api) => {
      await api.ask({ method: 'POST', path: `${CORE}/configmaps`, body: configMap('delete-a') });
      await api.ask({ method: 'POST', path: `${CORE}/configmaps`, body: configMap('delete-b') });
      await api.record({ method: 'DELETE', path: `${CORE}/configmaps?labelSelector=app%3Ddelete-a` });
      await api.record({ method: 'GET', path: `${CORE}/configmaps/delete-a` });
      await api.record({ method: 'GET', path: `${CORE}/configmaps/delete-b` });
    },
  },
];
