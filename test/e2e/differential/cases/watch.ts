import { type Case, CORE, configMap } from './case.ts';

const MAPS = `${CORE}/configmaps`;
const ONE = 'fieldSelector=metadata.name%3Dwatch-map';

export const watches: Case[] = [
  {
    name: 'a watch tells what happened since the version it names',
    run: async (api) => {
      const created = await api.ask({ method: 'POST', path: MAPS, body: configMap('watch-map') });
      const { resourceVersion } = (created.body as { metadata: { resourceVersion: string } }).metadata;
      const contentType = 'application/merge-patch+json';
      await api.ask({ method: 'PATCH', path: `${MAPS}/watch-map`, body: { data: { key: 'new' } }, contentType });
      await api.ask({
        method: 'PATCH',
        path: `${MAPS}/watch-map`,
        body: { metadata: { labels: { app: 'other' } } },
        contentType,
      });
      const watch = (query: string, accept?: string) =>
        api.record({
          method: 'GET',
          path: `${MAPS}?watch=true&timeoutSeconds=1&${query}`,
          ...(accept === undefined ? {} : { accept }),
        });
      await watch(`${ONE}&resourceVersion=${resourceVersion}`);
      await watch(`labelSelector=app%3Dwatch-map&resourceVersion=${resourceVersion}`);
      await watch(ONE);
      await watch(`${ONE}&resourceVersion=0`);
      await watch(`${ONE}&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`);
      await watch(`${ONE}&sendInitialEvents=true`);
      await watch(`${ONE}&resourceVersion=x`);
      await watch(`${ONE}&resourceVersion=${resourceVersion}`, 'application/json;as=Table;v=v1;g=meta.k8s.io');
      await api.ask({ method: 'DELETE', path: `${MAPS}/watch-map` });
      await watch(`${ONE}&resourceVersion=${resourceVersion}`);
    },
  },
  {
    name: 'a watch from the beginning of time tells everything that is still known',
    run: async (api) => {
      await api.ask({ method: 'POST', path: MAPS, body: configMap('watch-first') });
      const query = 'watch=true&timeoutSeconds=1&resourceVersion=1&fieldSelector=metadata.name%3Dwatch-first';
      await api.record({ method: 'GET', path: `${MAPS}?${query}` });
    },
  },
];
