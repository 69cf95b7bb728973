/** A version that the server no longer knows: the sandbox says it as a real API server does, and who watches lists again. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { connectKube } from '../../../lib/kube/connect-kube.ts';
import type { Kube, Resource } from '../../../lib/ports.ts';
import { startApiServer } from '../../../sandbox/apiserver/start-apiserver.ts';
import { startInformer } from '../../../sandbox/common/informer.ts';
import { until } from '../../../sandbox/start/await-ready.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { differencesOf } from '../differential/compare.ts';
import { type Exchange, Recorder } from '../differential/recorder.ts';

const NEVER = new AbortController().signal;
const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

/** A server that can be made to forget everything before now. */
interface Forgetful {
  kubeconfigFile: string;
  forget(kube: Kube): Promise<void>;
  stop(): Promise<void>;
}

/** It remembers few changes; more of them push the older ones out. */
async function sandbox(stateDir: string): Promise<Forgetful> {
  const api = await startApiServer({ stateDir, historyLength: 8 });
  const forget = async (kube: Kube) => {
    for (let count = 0; count < 20; count += 1)
      await kube.patch(CONFIG_MAPS, 'seen', { data: { count: `${count}` } }, { type: 'merge' });
  };
  return { kubeconfigFile: api.kubeconfigFile, forget, stop: () => api.stop() };
}

/** Its watch cache begins anew with the process. */
async function real(stateDir: string): Promise<Forgetful> {
  const controlPlane = await startControlPlane(stateDir);
  return { ...controlPlane, forget: () => controlPlane.restartApiServer() };
}

async function connect({ kubeconfigFile }: Forgetful) {
  return await connectKube({ flags: { kubeconfig: kubeconfigFile }, env: {}, patienceMs: 30_000 });
}

const recordings: Exchange[][] = [];
/** The 34 of the real server's 1.34. */
let minor = 0;

for (const [kind, start] of Object.entries({ sandbox, real })) {
  test(`${kind}: a watch from a forgotten version gets 410, and an informer that was away misses nothing`, async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-expired-'));
    t.after(() => rm(stateDir, { recursive: true, force: true }));
    const server = await start(stateDir);
    t.after(() => server.stop());
    const kube = await connect(server);
    t.after(() => kube.close());
    const seen = await kube.create(CONFIG_MAPS, configMap('seen'));
    await kube.create(CONFIG_MAPS, configMap('leaves'));
    const told: string[] = [];
    const handlers = {
      onUpsert: ({ metadata }: { metadata: { name: string } }) => void told.push(`+${metadata.name}`),
      onDelete: ({ metadata }: { metadata: { name: string } }) => void told.push(`-${metadata.name}`),
    };
    const informer = startInformer(kube, CONFIG_MAPS, {}, handlers);
    t.after(() => informer.stop());
    await informer.synced;

    await kube.delete(CONFIG_MAPS, 'leaves', { uid: undefined });
    await kube.create(CONFIG_MAPS, configMap('before'));
    await server.forget(kube);
    await kube.create(CONFIG_MAPS, configMap('after'));
    await until(
      'the informer knows all',
      async () => told.includes('-leaves') && told.includes('+after'),
      NEVER,
      30_000,
    );
    assert.ok(told.includes('+before'));
    assert.equal(told.filter((line) => line === '+after').length, 1);

    const from = seen.metadata.resourceVersion ?? '';
    const ends: (string | number)[] = [];
    try {
      for await (const event of kube.watch(CONFIG_MAPS, { resourceVersion: from })) {
        ends.push(event.type, event.type === 'ERROR' ? String(event.object['code']) : '');
      }
    } catch (error) {
      ends.push(error instanceof StatusError ? error.httpStatus : String(error));
    }
    assert.deepEqual(ends, ['ERROR', '410']);

    const recorder = await Recorder.open(server.kubeconfigFile, 'default');
    t.after(() => recorder.close());
    const path = '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1';
    await recorder.record({ method: 'GET', path: `${path}&resourceVersion=${from}` });
    await recorder.record({ method: 'GET', path: `${path}&resourceVersion=1&allowWatchBookmarks=true` });
    await recorder.record({
      method: 'GET',
      path: `${path}&resourceVersion=${from}`,
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    recordings.push(recorder.exchanges);
    // The last one asked is the real one.
    minor = await recorder.minor();
  });
}

test('the sandbox says that a version is too old as a real API server says it', () => {
  const [ours = [], theirs = []] = recordings;
  assert.deepEqual(
    ours.map(({ ask }) => ask.replace(/&.*/, '')),
    Array.from({ length: 3 }, () => 'GET /api/v1/namespaces/default/configmaps?watch=true'),
  );
  assert.deepEqual(differencesOf(ours, theirs, minor), []);
});
