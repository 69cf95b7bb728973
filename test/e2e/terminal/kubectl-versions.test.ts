/** The core commands through each kubectl: it starts the plugin, and speaks for itself to the same cluster. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { type Kubectl, kubectls, SINCE } from '../cluster/kubectls.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { PLUGIN, type Ran, startProgram } from '../stage/plugin.ts';
import { NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloss-kubectls-'));
  cluster = await startE2eCluster();
});
after(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

/** Runs one kubectl in the stage's namespace. */
function runner(kubectl: Kubectl, stage: Stage) {
  const path = [dirname(PLUGIN), process.env['PATH']].join(delimiter);
  const run = (...words: string[]): Promise<Ran> => {
    const end = words.includes('--') ? words.indexOf('--') : words.length;
    const inNamespace = [...words.slice(0, end), '-n', stage.namespace, ...words.slice(end)];
    return startProgram(kubectl.path, inNamespace, { ...stage.env, PATH: path }).ended;
  };
  const ok = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...words);
    assert.equal(code, 0, `${kubectl.version} ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };
  return { run, ok };
}

const found = await kubectls();
test('there is a kubectl to hold the suite to', { skip: found.length === 0 && 'kubectl not found: set $KUBECTL' }, () =>
  assert.ok(found.every(({ minor }) => minor >= 20)),
);

for (const kubectl of found) {
  const { version, minor } = kubectl;

  test(`kubectl ${version} starts the plugin, and passes its output and its exit codes on`, async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const { run, ok } = runner(kubectl, stage);
    assert.match(await ok('zeroloss', 'version'), /Client Version: v.*\n.*Server Version: v/s);
    assert.match(await ok('zeroloss', 'status', 'nginx'), /^nginx-0 +10 +10 /m);
    const refused = await run('zeroloss', 'drain', 'nginx', '7');
    assert.deepEqual([refused.code, refused.stdout], [4, '']);
    assert.match(refused.stderr, /ordinals-exist/);
    assert.equal((await run('zeroloss', 'drain', 'nginx', '--no-such-flag')).code, 2);
    await ok('zeroloss', 'drain', 'nginx', '0');
    await ok('set', 'image', 'statefulset/nginx', `nginx=${NEW_IMAGE}`);
    await ok('zeroloss', 'recreate', 'nginx', '--stable-for', '3s');
    await ok('zeroloss', 'restore', 'nginx');
    assert.match(await ok('zeroloss', 'status', 'nginx'), /^nginx-0 +10 +10 .* updated /m);
    assert.match(await ok('plugin', 'list'), /kubectl-zeroloss$/m);
  });

  if (minor >= SINCE.pluginCompletion) {
    test(`kubectl ${version} completes the plugin's verbs, targets and flags`, async (t) => {
      const stage = await openStage(t, cluster, { replicas: 1 });
      // kubectl_complete-zeroloss calls the plugin by name; both lie in one folder of PATH, as krew leaves them.
      const complete = async (...words: string[]) => {
        const env = { ...stage.env, PATH: [dirname(PLUGIN), process.env['PATH']].join(delimiter) };
        return (await startProgram(kubectl.path, ['__complete', ...words], env).ended).stdout;
      };
      assert.match(await complete('zeroloss', 'dr'), /^drain\b/m);
      assert.match(await complete('zeroloss', 'drain', '-n', stage.namespace, 'ng'), /^nginx\b/m);
      assert.match(await complete('zeroloss', 'drain', '--min'), /^--min-serving\b/m);
    });
  }

  test(`kubectl ${version} reads, applies, scales, rolls back and deletes`, async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const { run, ok } = runner(kubectl, stage);
    assert.match(await ok('get', 'pods'), /^NAME +READY +STATUS +RESTARTS +AGE.*\nnginx-0 +1\/1 +Running /);
    assert.equal(await ok('get', 'statefulset', 'nginx', '-o', 'jsonpath={.spec.replicas}'), '1');
    assert.match(await ok('get', 'pods', '-l', 'app=nginx', '-o', 'name'), /^pod\/nginx-0$/m);
    assert.match(await ok('describe', 'statefulset', 'nginx'), /Update Strategy: +OnDelete/);

    const file = join(folder, `${version}.json`);
    const write = (value: string) =>
      writeFile(
        file,
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { value } }),
      );
    const lenient = minor < SINCE.openApiV3 ? ['--validate=false'] : [];
    await write('first');
    assert.match(await ok('apply', '-f', file, ...lenient), /created/);
    assert.match(await ok('apply', '-f', file, ...lenient), /unchanged/);
    await write('second');
    assert.match(await ok('apply', '-f', file, ...lenient), /configured/);
    await write('third');
    await ok('apply', '--server-side', '--force-conflicts', '-f', file, ...lenient);
    assert.equal(await ok('get', 'configmap', 'applied', '-o', 'jsonpath={.data.value}'), 'third');
    await ok('delete', '-f', file);
    assert.equal((await run('get', 'configmap', 'applied')).code, 1);

    await ok('scale', 'statefulset', 'nginx', '--replicas=2');
    await stage.until('nginx-1 exists', async () => 'nginx-1' in (await stage.uids()));
    await ok('wait', '--for=condition=Ready', 'pod/nginx-1', '--timeout=30s');
    await ok('set', 'image', 'statefulset/nginx', `nginx=${NEW_IMAGE}`);
    await stage.until('a second revision', async () =>
      /^2 /m.test(await ok('rollout', 'history', 'statefulset/nginx')),
    );
    assert.match(await ok('rollout', 'undo', 'statefulset/nginx'), /rolled back/);
    const status = await run('rollout', 'status', 'statefulset/nginx');
    assert.deepEqual([status.code, /OnDelete|RollingUpdate/.test(status.stderr)], [1, true], status.stderr);
    await ok('annotate', 'statefulset', 'nginx', 'note=kept');
    await ok('label', 'pod', 'nginx-0', 'note=kept');
    await ok(
      'patch',
      'statefulset',
      'nginx',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/metadata/annotations/note"}]',
    );

    await ok('logs', 'nginx-0');
    if (minor >= SINCE.websocketExec)
      assert.match(await ok('exec', 'nginx-0', '--', 'cat', '/proc/net/tcp'), /local_address/);
    const before = await stage.uids();
    await ok('delete', 'pod', 'nginx-1');
    await stage.until(
      'another nginx-1',
      async () => ![undefined, before['nginx-1']].includes((await stage.uids())['nginx-1']),
    );
    assert.equal((await ok('auth', 'can-i', 'patch', 'services')).trim(), 'yes');
  });
}
