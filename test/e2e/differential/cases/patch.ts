import { text } from '../../../../lib/core/values/read.ts';
import { PATCH_TYPE, type Recorder } from '../recorder.ts';
import { APPS, type Case, CORE, configMap, statefulSet } from './case.ts';
import { observed, settled } from './settled.ts';

type PatchType = keyof typeof PATCH_TYPE;

const patcher =
  (api: Recorder, path: string) =>
  (type: PatchType, body: unknown, query = '') =>
    api.record({ method: 'PATCH', path: `${path}${query}`, body, contentType: PATCH_TYPE[type] });

const APPLY = '?fieldManager=applier';

export const patches: Case[] = [
  {
    name: 'merge patches set and remove annotations, and keep to the resourceVersion that they name',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('patch-merge') });
      // The controller writes the status once; the version that is named has to be the one after that.
      const resourceVersion = text(await settled(api, `${APPS}/patch-merge`, observed), 'metadata', 'resourceVersion');
      const patch = patcher(api, `${APPS}/patch-merge`);
      await patch('merge', { metadata: { resourceVersion, annotations: { a: '1', b: '2' } } });
      await patch('merge', { metadata: { resourceVersion, annotations: { a: '3' } } });
      await patch('merge', { metadata: { annotations: { a: null } } });
      await patch('merge', { metadata: { annotations: { b: '2' } } });
      await patch('merge', { metadata: { annotations: { b: 2 } } });
      await patch('merge', { metadata: { uid: '00000000-0000-0000-0000-000000000000' } });
      await patch('merge', { metadata: { name: 'other' } });
      await patch('merge', { spec: { replicas: 3 } }, '?dryRun=All');
      await patch('merge', { spec: { serviceName: 'other' } });
      await patch('merge', { spec: { surprise: 1 } }, '?fieldValidation=Strict');
      await patch('merge', [1]);
      await patch('merge', '{');
    },
  },
  {
    name: 'strategic merge patches merge lists by their keys',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('patch-strategic') });
      const patch = patcher(api, `${APPS}/patch-strategic`);
      const template = (spec: unknown) => ({ spec: { template: { spec } } });
      await patch('strategic', template({ containers: [{ name: 'nginx', image: 'nginx:1.25.4' }] }));
      await patch('strategic', template({ containers: [{ name: 'sidecar', image: 'busybox:1.36' }] }));
      await patch('strategic', template({ containers: [{ name: 'sidecar', $patch: 'delete' }] }));
      await patch('strategic', template({ containers: [{ name: 'nginx', ports: [{ containerPort: 81 }] }] }));
      await patch(
        'strategic',
        template({
          containers: [
            {
              name: 'nginx',
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
              ],
            },
          ],
        }),
      );
      await patch('strategic', template({ containers: [{ name: 'nginx', env: [{ name: 'A', $patch: 'delete' }] }] }));
      await patch('strategic', {
        metadata: { annotations: { a: '1' } },
        spec: {
          template: {
            $patch: 'replace',
            metadata: { labels: { app: 'patch-strategic' } },
            spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.3' }] },
          },
        },
      });
      await patch('strategic', template({ containers: [{ image: 'nginx' }] }));
    },
  },
  {
    name: 'JSON patches apply as a whole or not at all',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('patch-json') });
      const patch = patcher(api, `${APPS}/patch-json`);
      await patch('json', [{ op: 'add', path: '/metadata/annotations', value: { a: '1' } }]);
      await patch('json', [
        { op: 'test', path: '/metadata/annotations/a', value: '1' },
        { op: 'replace', path: '/metadata/annotations/a', value: '2' },
      ]);
      await patch('json', [{ op: 'test', path: '/metadata/annotations/a', value: '1' }]);
      await patch('json', [{ op: 'remove', path: '/metadata/annotations/none' }]);
      for (const index of ['-1', '0', '-2', '01', '-']) {
        const path = `/spec/template/spec/containers/${index}/image`;
        await patch('json', [{ op: 'replace', path, value: `nginx:${index}` }]);
      }
      await patch('json', [{ op: 'replace', path: '/spec/replicas', value: 'two' }]);
      await patch('json', { op: 'add' });
    },
  },
  {
    name: 'server-side apply creates, owns, conflicts and is forced',
    run: async (api) => {
      const map = (data: Record<string, string>) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'patch-apply' },
        data,
      });
      const patch = patcher(api, `${CORE}/configmaps/patch-apply`);
      await patch('apply', map({ a: '1', b: '1' }), APPLY);
      await patch('apply', map({ a: '1', b: '1' }), APPLY);
      await patch('apply', map({ a: '2' }), APPLY);
      await patch('apply', map({ a: '3' }), '?fieldManager=other');
      await patch('apply', map({ a: '3' }), '?fieldManager=other&force=true');
      await patch('apply', map({ c: '3' }), '?fieldManager=third');
      await patch('merge', { data: { c: '4' } });
      await patch('apply', map({ c: '5' }), '?fieldManager=third');
      await patch('apply', map({ c: '5' }), '');
      const set = { ...statefulSet('patch-apply-sts') };
      await api.record({
        method: 'PATCH',
        path: `${APPS}/patch-apply-sts${APPLY}`,
        body: set,
        contentType: PATCH_TYPE.apply,
      });
    },
  },
  {
    name: 'the scale subresource reads and writes replicas only',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('patch-scale') });
      const path = `${APPS}/patch-scale/scale`;
      const read = await api.record({ method: 'GET', path });
      const patch = patcher(api, path);
      await patch('merge', { spec: { replicas: 0 } });
      await patch('merge', { spec: { replicas: -1 } });
      await patch('merge', { metadata: { resourceVersion: '1' }, spec: { replicas: 0 } });
      await api.record({ method: 'PUT', path, body: { ...(read.body as object), spec: { replicas: 0 } } });
      await api.record({ method: 'GET', path: `${CORE}/configmaps/none/scale` });
    },
  },
  {
    name: 'the status subresource writes the status only, and the object leaves the status alone',
    run: async (api) => {
      await api.ask({ method: 'POST', path: APPS, body: statefulSet('patch-status', { replicas: 0 }) });
      await patcher(api, `${APPS}/patch-status`)('merge', { status: { replicas: 7 } }, '?dryRun=All');
      await patcher(api, `${APPS}/patch-status/status`)(
        'merge',
        { metadata: { labels: { x: 'y' } }, spec: { replicas: 5 } },
        '?dryRun=All',
      );
    },
  },
  {
    name: 'what cannot be patched or replaced is refused alike',
    run: async (api) => {
      await api.ask({ method: 'POST', path: `${CORE}/configmaps`, body: configMap('patch-refused') });
      const path = `${CORE}/configmaps/patch-refused`;
      await api.record({ method: 'PATCH', path, body: {}, contentType: 'application/json' });
      await api.record({ method: 'PATCH', path: `${CORE}/configmaps/none`, body: {}, contentType: PATCH_TYPE.merge });
      const stale = configMap('patch-refused');
      await api.record({
        method: 'PUT',
        path,
        body: { ...stale, metadata: { ...stale.metadata, resourceVersion: '1' } },
      });
      await api.record({ method: 'PUT', path, body: configMap('patch-other') });
      await api.record({ method: 'PUT', path, body: configMap('patch-refused', { key: 'new' }) });
      await api.record({ method: 'PUT', path: `${CORE}/configmaps/patch-none`, body: configMap('patch-none') });
      await api.record({ method: 'POST', path, body: {} });
    },
  },
];
