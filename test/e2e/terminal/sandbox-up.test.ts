/** `sandbox up` as its users run it: ready when the file is there, usable by what it exports, and gone without a trace. */
import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import { until } from '../../../sandbox/start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../../../sandbox/start/sample-manifest.ts';
import { connectAs } from '../../../sandbox/start/start-data-plane.ts';
import { type Env, PLUGIN, type Started, startProgram } from '../stage/plugin.ts';

const never = new AbortController().signal;
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloss-up-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const run = (words: readonly string[], env: Env = {}): Started =>
  startProgram(PLUGIN, words, { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...env });

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The variables of `export NAME=VALUE` lines; fails on any other line. */
function variablesOf(lines: string): Record<string, string> {
  return Object.fromEntries(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, name = '', value = ''] =
          /^export ([A-Z_]+)=(\S+)$/.exec(line) ?? assert.fail(`not an export line: ${line}`);
        return [name, value];
      }),
  );
}

function refusesConnections(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('close', () => socket.destroy());
  });
}

describe('sandbox up', { concurrency: true }, () => {
  test('fills the file once everything is ready; SIGINT ends it with 0 and leaves neither a server nor a file', async () => {
    const file = join(folder, 'first.env');
    const up = run(['sandbox', 'up', '--replicas', '2', '--env-file', file]);
    await until('the file', () => exists(file), never);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const env = variablesOf(await readFile(file, 'utf8'));
    assert.deepEqual(Object.keys(env), [
      'KUBECONFIG',
      'TENCENTCLOUD_SECRET_ID',
      'TENCENTCLOUD_SECRET_KEY',
      'TENCENTCLOUD_REGION',
      'ZEROLOSS_CLOUD_ENDPOINT',
    ]);
    const status = await run(['status', 'nginx'], env).ended;
    assert.equal(status.code, 0, status.stderr);
    assert.equal(status.stdout.match(/^nginx-\d +10 +10 .* 1\/1 /gm)?.length, 2, status.stdout);
    const drained = await run(['drain', 'nginx', '0'], env).ended;
    assert.equal(drained.code, 0, drained.stderr);

    up.kill('SIGINT');
    const { code, stdout, stderr } = await up.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(variablesOf(stdout), env);
    assert.match(stderr, /^service\/nginx port 80: http:\/\/127\.\S+:\d+\/$/m);
    assert.match(stderr, /^ {2}kubectl zeroloss status nginx$/m);
    assert.deepEqual([await exists(file), await exists(dirname(env['KUBECONFIG'] ?? ''))], [false, false]);
    assert.ok(await refusesConnections(env['ZEROLOSS_CLOUD_ENDPOINT'] ?? ''));
  });

  test('takes a manifest of one’s own, with any names in it', async () => {
    const manifest = join(folder, 'gateway.yaml');
    await writeFile(manifest, SAMPLE_MANIFEST.replaceAll('nginx', 'gateway').replace('replicas: 10', 'replicas: 1'));
    const file = join(folder, 'second.env');
    const up = run(['sandbox', 'up', '-f', manifest, '--env-file', file]);
    await until('the file', () => exists(file), never);
    const env = variablesOf(await readFile(file, 'utf8'));
    const status = await run(['status', 'gateway', '-o', 'name'], env).ended;
    assert.deepEqual([status.code, status.stdout], [0, 'pod/gateway-0\n'], status.stderr);
    up.kill('SIGTERM');
    assert.equal((await up.ended).code, 0);
  });

  test('two at a time have addresses of their own, and --traffic shows what its clients see', async () => {
    const files = [join(folder, 'left.env'), join(folder, 'right.env')];
    const ups = files.map((file) => run(['sandbox', 'up', '--replicas', '1', '--env-file', file, '--traffic=30']));
    for (const file of files) await until('the file', () => exists(file), never);
    const ip = async (file: string) => {
      const { KUBECONFIG = '' } = variablesOf(await readFile(file, 'utf8'));
      const kube = await connectAs(KUBECONFIG, 'test');
      try {
        return text(await kube.get(SERVICES, 'nginx'), 'status', 'loadBalancer', 'ingress', 0, 'ip');
      } finally {
        await kube.close();
      }
    };
    const [left, right] = await Promise.all(files.map(ip));
    assert.notEqual(left, right);
    for (const up of ups) {
      const seen =
        /traffic: (\d+) connections \(\d+ open\), 0 lost; [1-9]\d* requests answered; 4 long streams, 0 lost/;
      await until('a line of the traffic', async () => seen.test(up.stderrSoFar()), never);
      up.kill('SIGINT');
      assert.equal((await up.ended).code, 0);
    }
  });

  test('a serverless cluster binds pods without the annotation, over as many nodes as asked for', async () => {
    const manifest = join(folder, 'serverless.yaml');
    const plain = SAMPLE_MANIFEST.replace('direct-access: "true"', 'direct-access: "false"').replace(': 10', ': 2');
    await writeFile(manifest, plain);
    const file = join(folder, 'serverless.env');
    const up = run(['sandbox', 'up', '-f', manifest, '--serverless', '--nodes', '2', '--env-file', file]);
    await until('the file', () => exists(file), never);
    const env = variablesOf(await readFile(file, 'utf8'));
    const status = await run(['status', 'nginx'], env).ended;
    assert.equal(status.stdout.match(/^nginx-\d +10 +10 /gm)?.length, 2, status.stdout + status.stderr);
    up.kill('SIGTERM');
    assert.equal((await up.ended).code, 0);
  });

  const bad: [what: string, text: string | undefined, says: RegExp][] = [
    ['a file that is not there', undefined, /^error: -f \S+ cannot be read: there is no such file or folder$/m],
    ['no YAML', 'a: [b\n', /^error: \S+ is not YAML: .* in line \d+$/m],
    ['an empty file', '# nothing\n', /^error: \S+ holds no object$/m],
    ['no object', 'kind: StatefulSet\n', /^error: \S+ has a document without kind or metadata.name$/m],
    [
      'a kind that is not served',
      'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: x}\n',
      /^error: the sandbox does not serve kind Gadget of example.com\/v1/m,
    ],
    [
      'an object that the server refuses',
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec: {}\n',
      /^Error from server \(Invalid\): StatefulSet.apps "x" is invalid: .*spec.selector/m,
    ],
  ];
  for (const [what, text, says] of bad) {
    test(`refuses ${what} in its own words, and leaves nothing behind`, async () => {
      const tmp = await mkdtemp(join(folder, 'bad-'));
      const manifest = join(tmp, 'bad.yaml');
      if (text !== undefined) await writeFile(manifest, text);
      const file = join(tmp, 'bad.env');
      const { code, stdout, stderr } = await run(['sandbox', 'up', '-f', manifest, '--env-file', file], { TMPDIR: tmp })
        .ended;
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /unexpected/);
      assert.deepEqual(await readdir(tmp), text === undefined ? [] : ['bad.yaml']);
    });
  }

  test('refuses a file for the variables that cannot be written, before anything is started', async () => {
    for (const file of [join(folder, 'no', 'such', 'folder'), '/dev/null', folder]) {
      const { code, stdout, stderr } = await run(['sandbox', 'up', '--env-file', file]).ended;
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /^error: --env-file \S+ cannot be written: .*\nhint: --env-file takes the path of a file/);
    }
  });
});
