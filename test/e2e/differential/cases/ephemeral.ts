import { list } from '../../../../lib/core/values/read.ts';
import { type Ask, PATCH_TYPE, type Recorder } from '../recorder.ts';
import { type Case, CORE } from './case.ts';

/** On a node that does not exist: it is there, and no kubelet runs it. */
const idlePod = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    nodeName: 'no-such-node',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'nginx:1.25.3' }],
    ...spec,
  },
});

const looker = (name: string, more: object = {}) => ({ name, image: 'busybox:1.37', ...more });

const adder =
  (pod: string) =>
  (type: 'strategic' | 'merge', ...ephemeralContainers: object[]) => ({
    method: 'PATCH' as const,
    path: `${CORE}/pods/${pod}/ephemeralcontainers`,
    contentType: PATCH_TYPE[type],
    body: { metadata: { labels: { sneaked: 'in' } }, spec: { nodeName: 'elsewhere', ephemeralContainers } },
  });

/** Without owners: the real server reckons them before it drops what may not be written here. */
async function notePod(api: Recorder, ask: Ask): Promise<void> {
  const { status, body } = await api.ask(ask);
  const pod = body as { metadata?: Record<string, unknown> };
  const { managedFields: _owners, ...metadata } = pod.metadata ?? {};
  api.note(`${ask.method} ${ask.path}`, { status, ...pod, metadata });
}

/** The fields that are refused; the real server adds a picture of the difference in Go's words. */
async function noteRefusal(api: Recorder, what: string, ask: Ask): Promise<void> {
  const { status, body } = await api.ask(ask);
  const { reason, message = '' } = body as { reason?: string; message?: string };
  const fields = list(body, 'details', 'causes').map((cause) => [
    Reflect.get(Object(cause), 'field'),
    Reflect.get(Object(cause), 'reason'),
  ]);
  api.note(what, { status, reason, fields, message: message.split('\n')[0] });
}

export const ephemeral: Case[] = [
  {
    name: 'ephemeral containers are added by a path of their own, and by nothing else',
    run: async (api) => {
      await api.ask({ method: 'POST', path: `${CORE}/pods`, body: idlePod('looked-at') });
      const add = adder('looked-at');
      await notePod(api, add('strategic', looker('a', { command: ['sh'], securityContext: { runAsUser: 65534 } })));
      await notePod(api, add('strategic', looker('b', { targetContainerName: 'main', stdin: true, tty: true })));
      await notePod(api, { method: 'GET', path: `${CORE}/pods/looked-at/ephemeralcontainers` });
      await noteRefusal(api, 'one that is there is changed', add('strategic', looker('a', { image: 'alpine:3' })));
      await noteRefusal(api, 'one that is there is left out', add('merge', looker('c')));
      const { body } = await api.ask({ method: 'GET', path: `${CORE}/pods/looked-at` });
      await noteRefusal(api, 'the pod is put with another one', {
        method: 'PUT',
        path: `${CORE}/pods/looked-at`,
        body: withContainers(body, looker('c')),
      });
      await notePod(api, {
        method: 'PUT',
        path: `${CORE}/pods/looked-at/ephemeralcontainers`,
        body: withContainers(body, looker('c'), ...list(body, 'spec', 'ephemeralContainers')),
      });
      await notePod(api, {
        method: 'POST',
        path: `${CORE}/pods`,
        body: idlePod('early', { ephemeralContainers: [looker('a')] }),
      });
      await notePod(api, adder('none')('strategic', looker('a')));
    },
  },
  {
    name: 'ephemeral containers with names that are taken, targets that are not there, ports or probes are refused',
    run: async (api) => {
      await api.ask({ method: 'POST', path: `${CORE}/pods`, body: idlePod('strict') });
      const add = adder('strict');
      await api.record(add('strategic', looker('main')));
      await api.record(add('strategic', looker('a', { targetContainerName: 'nobody' })));
      await api.record(add('strategic', looker('a', { ports: [{ containerPort: 80 }] })));
      await api.record(add('strategic', looker('a', { readinessProbe: { tcpSocket: { port: 80 } } })));
      await api.record(add('strategic', looker('a', { resources: { limits: { cpu: '1' } } })));
      await api.record(add('strategic', { name: 'a' }));
    },
  },
];

const withContainers = (pod: unknown, ...ephemeralContainers: unknown[]): object => {
  const object = pod as { spec: object };
  return { ...object, spec: { ...object.spec, ephemeralContainers } };
};
