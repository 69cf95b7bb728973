import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startApiServer } from '../../../sandbox/apiserver/start-apiserver.ts';
import { Api, CONFIG_MAPS_PATH, credentialsOf, kubeconfigOf, useApi } from './harness.ts';

async function stateDir(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'apiserver-start-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

const api = useApi();

test('the administrator kubeconfig names the server, the context zeroloss-sandbox and a namespace', async () => {
  const config = await kubeconfigOf(api.server.kubeconfigFile);
  assert.equal(config['current-context'], 'zeroloss-sandbox');
  assert.equal(config.clusters[0]?.cluster['server'], api.server.url);
  assert.equal(config.contexts[0]?.context['namespace'], 'default');
  assert.equal(await readFile(api.server.caFile, 'utf8'), (await credentialsOf(api.server.kubeconfigFile)).ca);
});

test('stopping ends open watches and connections, and stopping twice is harmless', async (t) => {
  const own = new Api();
  await own.start({ namespace: 'team' });
  const watch = await own.watch('/api/v1/namespaces/team/configmaps?watch=true');
  const ended = assert.rejects(watch.next(), /aborted/);
  await own.server.stop();
  await ended;
  await assert.rejects(own.get(CONFIG_MAPS_PATH), /ECONNREFUSED|ECONNRESET|socket hang up/);
  t.after(() => own.stop());
});

test('a server started again on the same directory and port takes the old credentials', async (t) => {
  const directory = await stateDir(t);
  const first = await startApiServer({ stateDir: directory });
  const credentials = await credentialsOf(first.kubeconfigFile);
  await first.stop();
  const second = await startApiServer({ stateDir: directory, port: Number(new URL(first.url).port) });
  t.after(() => second.stop());
  assert.equal(second.url, first.url);
  const { status } = await api.call('GET', `${second.url}/api/v1/nodes`, { agent: api.agent(credentials) });
  assert.equal(status, 200);
});

test('a port that is taken is an error', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(startApiServer({ stateDir: await stateDir(t), port }), { code: 'EADDRINUSE' });
});
