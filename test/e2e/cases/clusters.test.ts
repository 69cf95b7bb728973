/** Clusters that `sandbox up` makes: a serverless one (06), and one that loses a node (11). */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import { NODES, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { NODE_FAULT_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import { until } from '../../../sandbox/start/await-ready.ts';
import { connectAs } from '../../../sandbox/start/start-data-plane.ts';
import { PLUGIN, type Ran, startProgram } from '../stage/plugin.ts';
import { FAST } from '../stage/stage.ts';
import { manifestFile, oneLineEach } from './case.ts';

const never = new AbortController().signal;

/** A cluster of the built program with this manifest, and the built program that works on it. */
async function sandboxUp(t: { after(done: () => Promise<void>): void }, manifest: string, ...flags: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-case-'));
  const base = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder };
  const file = join(folder, 'env');
  const words = ['sandbox', 'up', '-f', manifestFile(manifest), '--env-file', file, ...flags];
  const up = startProgram(PLUGIN, words, base, 300_000);
  const lines = () => readFile(file, 'utf8').catch(() => '');
  await until('the sandbox is up', async () => (await lines()) !== '', never);
  const variables = [...(await lines()).matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]);
  const env = { ...base, ...(Object.fromEntries(variables) as Record<string, string>) };
  const kube = await connectAs(String(Object.fromEntries(variables)['KUBECONFIG']), 'case');
  t.after(async () => {
    await kube.close();
    up.kill('SIGTERM');
    await up.ended;
    await rm(folder, { recursive: true, force: true });
  });
  const run = (...said: string[]): Promise<Ran> => startProgram(PLUGIN, said, env, 90_000).ended;
  const ok = async (...said: string[]): Promise<Ran> => {
    const ran = await run(...said);
    assert.equal(ran.code, 0, `${said.join(' ')} ended with ${ran.code}:\n${ran.stderr}`);
    return ran;
  };
  return { kube, run, ok };
}

test('06: on a serverless cluster the Service without the annotation is drained and its pod replaced', async (t) => {
  const { kube, ok } = await sandboxUp(t, '06-serverless', '--serverless');
  const uid = async () => (await kube.get(PODS, 'api-0')).metadata.uid;
  const before = await uid();
  const image = { spec: { template: { spec: { containers: [{ name: 'api', image: 'example/api:2' }] } } } };
  await kube.patch(STATEFUL_SETS, 'api', image, { type: 'strategic' });
  assert.match((await ok('check', 'api')).stdout, /^ +OK .*direct-access/m);
  await ok('drain', 'api', '0');
  await ok('wait-zero', 'api', ...FAST);
  await ok('recreate', 'api', ...FAST);
  assert.notEqual(await uid(), before);
  await ok('restore', 'api');
});

test('11: a pod whose node is lost is named, passed over, and the others are upgraded', async (t) => {
  const { kube, run, ok } = await sandboxUp(t, '11-node-lost', '--nodes', '4');
  const check = async () => oneLineEach((await run('check', 'gw', '-o', 'wide')).stdout);
  const node = text(await kube.get(PODS, 'gw-1'), 'spec', 'nodeName') ?? '';
  await kube.patch(NODES, node, { metadata: { annotations: { [NODE_FAULT_ANNOTATION]: 'lost' } } }, { type: 'merge' });
  await kube.delete(PODS, 'gw-1', { uid: (await kube.get(PODS, 'gw-1')).metadata.uid });
  await until('the node is seen to be lost', async () => /not Ready/.test(await check()), never);
  const going = new RegExp(
    `gw-1 has been terminating for \\S+ \\(\\S+ beyond its grace period of 2s\\); node ${node} is not Ready`,
  );
  const checked = await check();
  assert.match(checked, going);
  assert.match(checked, /cure: kubectl delete pod gw-1 --grace-period=0 --force/);
  const refused = await run('drain', 'gw', '1');
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, going);

  const upgraded = await run('upgrade', 'gw', '--image', 'gw=example/gw:2', '--yes', ...FAST, '--timeout', '20s');
  assert.equal(upgraded.code, 7, upgraded.stderr);
  assert.match(upgraded.stderr, /3 of 4 pods are updated/);
  assert.match(upgraded.stderr, going);
  assert.match(upgraded.stderr, new RegExp(`get node ${node}`));
  await ok('restore', 'gw');
});
