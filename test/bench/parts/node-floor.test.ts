/** The floor under `status` in docs/dev/performance.md is true only while both send the same requests. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dump } from 'js-yaml';
import { type Received, reply, startApiServer, statusBody } from '../../kube/fixtures/api-server.ts';
import { kubeconfigFor, temporaryFolder } from '../../kube/fixtures/connected.ts';

const programs = {
  status: ['--import', 'tsx', '--', fileURLToPath(new URL('../../../cmd/kubectl-zeroloss.ts', import.meta.url))],
  floor: [fileURLToPath(new URL('../../../bench/node-floor.cjs', import.meta.url))],
};

const labels = { app: 'web', tier: 'front' };
const set = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', namespace: 'shop', uid: 'u-1', resourceVersion: '1' },
  spec: { replicas: 0, selector: { matchLabels: labels }, updateStrategy: { type: 'OnDelete' }, template: {} },
  status: { replicas: 0, updateRevision: 'web-1', observedGeneration: 1 },
};

test('Node alone sends the requests of status, in the same order and over one connection', async () => {
  await using server = await startApiServer({
    demandCertificate: true,
    answer: ({ url }, response) => {
      if (url.pathname.endsWith('/statefulsets/web')) return reply(response, set);
      if (url.pathname.includes('/leases/')) return reply(response, statusBody(404, 'NotFound', 'not found'), 404);
      const kind = url.pathname.endsWith('/services') ? 'ServiceList' : 'PodList';
      reply(response, { apiVersion: 'v1', kind, metadata: { resourceVersion: '1' }, items: [] });
    },
  });
  await using folder = await temporaryFolder();
  const KUBECONFIG = join(folder.path, 'config');
  const { cert, key } = await server.authority.client('operator');
  const user = {
    'client-certificate-data': Buffer.from(cert).toString('base64'),
    'client-key-data': Buffer.from(key).toString('base64'),
  };
  await writeFile(KUBECONFIG, dump(kubeconfigFor(server, { user }), { lineWidth: -1 }));

  const requestsOf = async (words: readonly string[]): Promise<{ requests: string[]; connections: number }> => {
    const before = { requests: server.received.length, connections: server.connections() };
    await execa(process.execPath, words, { env: { KUBECONFIG, HOME: '/nonexistent' } });
    return {
      requests: server.received.slice(before.requests).map(asText),
      connections: server.connections() - before.connections,
    };
  };
  const status = await requestsOf([...programs.status, 'status', 'web', '--no-cloud', '-n', 'shop']);
  assert.equal(status.connections, 1);
  assert.deepEqual(await requestsOf([...programs.floor, 'shop']), status);
});

const asText = ({ method, url }: Received): string => `${method} ${url.pathname} ${url.searchParams}`;
