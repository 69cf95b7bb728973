/** The runs that a build makes to learn what the plugin needs at its start: of help, of a verb that asks a cluster. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PODS, SERVICES, STATEFUL_SETS } from '../lib/resources.ts';
import { startApiServer } from '../sandbox/apiserver/start.ts';
import { connectAs } from '../sandbox/start-data-plane.ts';
import type { Run } from './compiled-code.ts';

/** Without a cluster. */
export const OFFLINE: readonly Run[] = [
  { words: ['version', '--client'] },
  { words: ['--help'] },
  { words: ['drain', '--help'] },
];

const ONLINE = [
  ['status', 'web', '--no-cloud'],
  ['status', 'web', '--no-cloud', '-o', 'json'],
] as const;

/** Starts a cluster with one StatefulSet, and hands over the runs that ask it; they hold as long as `use` does. */
export async function withOnlineRuns<T>(use: (runs: readonly Run[]) => Promise<T>): Promise<T> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-start-'));
  const api = await startApiServer({ stateDir });
  const kube = await connectAs(api.kubeconfigFile, 'build');
  try {
    const labels = { app: 'web' };
    const containers = [{ name: 'web', image: 'web:1' }];
    const set = await kube.create(STATEFUL_SETS, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        serviceName: 'web',
        selector: { matchLabels: labels },
        updateStrategy: { type: 'OnDelete' },
        template: { metadata: { labels }, spec: { containers } },
      },
    });
    await kube.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations: { 'service.cloud.tencent.com/direct-access': 'true' } },
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    });
    const { apiVersion, kind } = set;
    const owner = { apiVersion, kind, name: set.metadata.name, uid: set.metadata.uid, controller: true };
    await kube.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', labels, ownerReferences: [owner] },
      spec: { containers, nodeName: 'node-1' },
    });
    const env = { KUBECONFIG: api.kubeconfigFile };
    return await use(ONLINE.map((words) => ({ words, env })));
  } finally {
    await kube.close();
    await api.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}
