/** The client on the rehearsal cluster's API server: what both sides promise, over the wire. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { StatusError } from '../../lib/core/errors.ts';
import { type ConnectedKube, connectKube } from '../../lib/kube/connect-kube.ts';
import { CONFIG_MAPS, PODS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import { startApiServer } from '../../sandbox/apiserver/start-apiserver.ts';
import { temporaryFolder } from './fixtures/connected.ts';

async function start(t: TestContext): Promise<{ kube: ConnectedKube; user: ConnectedKube }> {
  const folder = await temporaryFolder();
  const server = await startApiServer({ stateDir: folder.path });
  const userFile = await server.kubeconfigFor('jane');
  const kube = await connectKube({ flags: { kubeconfig: server.kubeconfigFile }, env: {} });
  const user = await connectKube({ flags: { kubeconfig: userFile }, env: {} });
  assert.match(await readFile(userFile, 'utf8'), /^ *token: /m);
  t.after(async () => {
    await Promise.all([kube.close(), user.close()]);
    await server.stop();
    await folder[Symbol.asyncDispose]();
  });
  return { kube, user };
}

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { key: 'value' },
});

async function statusOf(run: Promise<unknown>): Promise<StatusError> {
  const error = await run.then(
    () => assert.fail('it should have been refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StatusError, String(error));
  return error;
}

test('a delete with the wrong UID is a conflict and deletes nothing; with the right one it deletes', async (t) => {
  const { kube } = await start(t);
  const { metadata } = await kube.create(CONFIG_MAPS, configMap('x'));
  const refused = await statusOf(kube.delete(CONFIG_MAPS, 'x', { uid: '00000000-0000-0000-0000-000000000000' }));
  assert.equal(refused.httpStatus, 409);
  await kube.delete(CONFIG_MAPS, 'x', { uid: metadata.uid, dryRun: true });
  assert.equal((await kube.get(CONFIG_MAPS, 'x')).metadata.uid, metadata.uid);
  await kube.delete(CONFIG_MAPS, 'x', { uid: metadata.uid });
  assert.equal(
    (await statusOf(kube.get(CONFIG_MAPS, 'x'))).message,
    'Error from server (NotFound): configmaps "x" not found',
  );
});

test('a merge patch with an old resourceVersion is a conflict, and a dry run keeps nothing', async (t) => {
  const { kube } = await start(t);
  const { metadata } = await kube.create(CONFIG_MAPS, configMap('x'));
  const patch = { metadata: { resourceVersion: metadata.resourceVersion, annotations: { a: '1' } } };
  await kube.patch(CONFIG_MAPS, 'x', patch, { type: 'merge', dryRun: true });
  const patched = await kube.patch(CONFIG_MAPS, 'x', patch, { type: 'merge' });
  assert.deepEqual(patched.metadata.annotations, { a: '1' });
  assert.equal((await statusOf(kube.patch(CONFIG_MAPS, 'x', patch, { type: 'merge' }))).reason, 'Conflict');
});

test('a list of more than one page is whole, and a watch goes on from it', async (t) => {
  const { kube } = await start(t);
  for (let number = 0; number < 501; number += 1) await kube.create(CONFIG_MAPS, configMap(`page-${number}`));
  const { items, metadata } = await kube.list(CONFIG_MAPS);
  assert.equal(items.filter(({ metadata: { name } }) => name.startsWith('page-')).length, 501);
  const abort = new AbortController();
  const events = kube.watch(CONFIG_MAPS, { ...metadata, signal: abort.signal });
  await kube.create(CONFIG_MAPS, configMap('later'));
  for await (const event of events) {
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
    assert.deepEqual([event.type, event.object.metadata.name], ['ADDED', 'later']);
    break;
  }
});

test('a missing permission is reported, with the command that checks it', async (t) => {
  const { user } = await start(t);
  const error = await statusOf(user.patch(SERVICES, 'web', {}, { type: 'merge' }));
  assert.equal(error.reason, 'Forbidden');
  assert.equal(error.hint, 'ask with: kubectl auth can-i patch services/web -n default');
});

test('errors of the server are those of kubectl for a missing StatefulSet and an invalid pod', async (t) => {
  const { kube } = await start(t);
  const missing = await statusOf(kube.get(STATEFUL_SETS, 'x'));
  assert.equal(missing.message, 'Error from server (NotFound): statefulsets.apps "x" not found');
  const invalid = await statusOf(kube.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'A_B' } }));
  assert.equal(invalid.httpStatus, 422);
});
