import type { Recorder } from '../recorder.ts';

/** A conversation with an API server, held word for word with both. */
export interface Case {
  name: string;
  /** Needs nodes that run pods at once: not asked of a user's own cluster. */
  needsPods?: boolean;
  run(api: Recorder): Promise<void>;
}

export const APPS = '/apis/apps/v1/namespaces/NAMESPACE/statefulsets';
export const CORE = '/api/v1/namespaces/NAMESPACE';

export function statefulSet(name: string, spec: Record<string, unknown> = {}) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels },
    spec: {
      replicas: 0,
      serviceName: name,
      selector: { matchLabels: labels },
      updateStrategy: { type: 'OnDelete' },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.3', ports: [{ containerPort: 80, name: 'http' }] }] },
      },
      ...spec,
    },
  };
}

export function configMap(name: string, data: Record<string, string> = { key: 'value' }) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { app: name } }, data };
}

export function service(name: string, spec: Record<string, unknown> = {}) {
  const ports = [{ port: 80, targetPort: 80 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports, ...spec } };
}
