/**
 * The images of deploy/Dockerfile, as `make image-check` has built them: what is in them, and the program run from them as a
 * container runtime would run it: in their files alone, read-only, as their user.
 */
import assert from 'node:assert/strict';
import { copyFileSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { field, list } from '../../lib/core/values/read.ts';
import type { E2eCluster } from '../e2e/cluster/cluster.ts';
import { startE2eCluster } from '../e2e/cluster/start-cluster.ts';
import { type Ran, startProgram } from '../e2e/stage/plugin.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../e2e/stage/stage.ts';

const made = (name: string): string =>
  process.env[name] ?? assert.fail(`${name} is not set: these tests are run by make image-check`);
const ROOT = made('IMAGE_ROOT');
const SHELL_ROOT = made('SHELL_IMAGE_ROOT');
const PROGRAM = '/usr/local/bin/kubectl-zeroloss';

/**
 * `$1`: the image's files; `$2`: a folder for /tmp, as a volume; `$3`: hosts; the rest: the command. The mounts of a
 * runtime are put on a layer of their own, and then the whole root is read-only.
 */
const IN_ITS_IMAGE = `
set -e
image=$1 volume=$2 hosts=$3 layer=$2/layer
shift 3
mkdir -p "$layer"
mount -t tmpfs tmpfs "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=$image,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
mkdir -p "$layer/root/tmp" "$layer/root/etc" "$layer/root/dev"
cp "$hosts" "$layer/root/etc/hosts"
mount --bind /dev "$layer/root/dev"
mount --bind "$volume" "$layer/root/tmp"
mount -o remount,ro "$layer/root"
exec chroot --userspec=65532:65532 --groups=65532 "$layer/root" "$@"
`;

let cluster: E2eCluster;
const folder = mkdtempSync(join(tmpdir(), 'zeroloss-image-test-'));
before(async () => {
  cluster = await startE2eCluster();
});
after(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hosts = join(folder, 'hosts');
writeFileSync(hosts, '127.0.0.1 localhost\n127.0.0.1 api.zeroloss.example\n');

/** The words behind the root, in it. The environment is that of the cloud and of a kubeconfig in /tmp. */
async function inImage(root: string, words: readonly string[], timeoutMs?: number): Promise<Ran> {
  const volume = mkdtempSync(join(folder, 'volume-'));
  copyFileSync(cluster.kubeconfig, join(volume, 'config'));
  const env = { PATH: process.env['PATH'], ...cluster.environment, KUBECONFIG: '/tmp/config', HOME: '/' };
  const shell = ['-m', 'sh', '-c', `chmod -R a+rX "$2"; ${IN_ITS_IMAGE}`, 'sh', root, volume, hosts, ...words];
  return startProgram('unshare', shell, env, timeoutMs).ended;
}

const plugin = (root: string, stage: Stage, ...words: string[]): Promise<Ran> =>
  inImage(root, [PROGRAM, ...words, '-n', stage.namespace], 240_000);

/** Every file and link of an image, by its path. */
function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

describe('the image without a shell', () => {
  test('holds the program, its libraries, the certificates and its user, and no other file', () => {
    const files = filesOf(ROOT);
    const libraries = files.filter((file) => /^\/(usr\/)?lib(64)?\/[\w.+/-]+\.so\.\d+$/.test(file));
    assert.ok(libraries.some((file) => file.endsWith('/libc.so.6')));
    assert.deepEqual(files.filter((file) => !libraries.includes(file)).sort(), [
      '/etc/group',
      '/etc/passwd',
      '/etc/ssl/certs/ca-certificates.crt',
      PROGRAM,
    ]);
    for (const file of files) {
      const { mode, isFile } = { mode: lstatSync(join(ROOT, file)).mode, isFile: lstatSync(join(ROOT, file)).isFile() };
      assert.ok(isFile, `${file} is a link`);
      assert.equal(mode & 0o6022, 0, `${file} may be written by its user, or changes it`);
    }
  });

  test('starts the program as user 65532, and has no shell to start', async () => {
    const config: unknown = field(JSON.parse(made('IMAGE_INSPECTED')), 'OCIv1', 'config');
    const { User: user } = config as { User: string };
    assert.deepEqual([user, list(config, 'Entrypoint')], ['65532:65532', [PROGRAM]]);
    for (const shell of ['/bin/sh', '/bin/bash', '/busybox/sh']) {
      const { code, stderr } = await inImage(ROOT, [shell, '-c', 'true']);
      assert.equal(code, 127, stderr);
      assert.match(stderr, /No such file or directory/);
    }
  });

  test('names its version and that of the cluster, and can write nowhere', async () => {
    const { stdout, stderr, code } = await inImage(ROOT, [PROGRAM, 'version']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Client Version: v\d.*\n.*Server Version: v1/s);
    const wrote = await inImage(ROOT, [PROGRAM, 'status', 'nginx', '--record', '/run.jsonl']);
    assert.equal(wrote.code, 2, wrote.stderr);
    assert.match(wrote.stderr, /\/run\.jsonl.*(read-only|EROFS)/i);
  });

  test('finds a server by a name of /etc/hosts, which a pod may have of hostAliases', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const { port } = new URL(/server: "?(https?:[^"\s]+)/.exec(readFileSync(cluster.kubeconfig, 'utf8'))?.[1] ?? '');
    const server = [`--server=https://api.zeroloss.example:${port}`, '--tls-server-name=127.0.0.1'];
    const { code, stdout, stderr } = await plugin(ROOT, stage, 'status', 'nginx', ...server);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^nginx-0 /m);
  });

  test('upgrades two pods under traffic, no connection is lost, and a notify command without a shell is one warning', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const traffic = await stage.traffic();
    const words = ['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--yes', '--notify-command', 'cat', ...FAST];
    const { code, stderr } = await plugin(ROOT, stage, ...words);
    assert.equal(code, 0, stderr);
    const warnings = stderr.match(/--notify-command could not be started: .*/g) ?? [];
    assert.equal(warnings.length, 1, stderr);
    assert.match(warnings[0] ?? '', /ENOENT; there is no shell here; .*--target shell/);
    assert.deepEqual((await traffic.stop()).lost, []);
    assert.deepEqual(await stage.images(), { 'nginx-0': NEW_IMAGE, 'nginx-1': NEW_IMAGE });
  });

  test('says of a gate command that the other image has a shell for it', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const { code, stderr } = await plugin(ROOT, stage, 'verify', 'nginx', '--gate-command', 'true');
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /the gate "true" could not be started: .*ENOENT\nhint: there is no shell here; .*--target shell/,
    );
  });
});

test('the image with a shell runs a gate command, has curl for notices, and the same program', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 1 });
  const gate = ['--gate-command', 'test "$(id -u)" = 65532 && curl --version >/dev/null'];
  const { code, stderr } = await plugin(SHELL_ROOT, stage, 'verify', 'nginx', '0', ...gate);
  assert.equal(code, 0, stderr);
  assert.ok(readFileSync(join(ROOT, PROGRAM)).equals(readFileSync(join(SHELL_ROOT, PROGRAM))));
});
