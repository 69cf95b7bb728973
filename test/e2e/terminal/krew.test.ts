/** Installs the archive with krew itself, as its users do, into a KREW_ROOT of its own. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { packageVersion } from '../../../scripts/build/bundle.ts';
import { renderKrewManifest } from '../../../scripts/package/krew-manifest.ts';
import { archiveName, type Platform, TARGETS } from '../../../scripts/package/platforms.ts';
import { goToolPath } from '../cluster/tools.ts';

const ROOT = join(import.meta.dirname, '../../..');
const VERSION = await packageVersion();
const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

let folder: string;
let env: Record<string, string>;
/** Name and sha256 of the archive for this platform, as `make dist` left them. */
let archive: { file: string; sha256: string };
/** Serves the archives, as the place of a release does. */
let releases: Server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloss-krew-'));
  const bin = join(folder, 'bin');
  const krewRoot = join(folder, 'krew');
  await mkdir(bin);
  await mkdir(join(folder, 'home'));
  await copyFile(goToolPath('krew'), join(bin, 'kubectl-krew'));
  await copyFile(goToolPath('kubectl'), join(bin, 'kubectl'));
  const path = [bin, join(krewRoot, 'bin'), '/usr/bin', '/bin'].join(delimiter);
  // Nothing here may ask the network: neither for krew's newer versions nor for its index.
  env = { PATH: path, HOME: join(folder, 'home'), KREW_ROOT: krewRoot, KREW_NO_UPGRADE_CHECK: '1' };
  // An index of our own in place of krew's.
  await execa('git', ['init', '--quiet', join(krewRoot, 'index', 'default')], { env, extendEnv: false });
  await mkdir(join(krewRoot, 'index', 'default', 'plugins'));
  await makeRelease();
  releases = createServer((request, response) => {
    const wanted = join(folder, 'dist', basename(request.url ?? ''));
    response.on('error', () => undefined);
    createReadStream(wanted)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => releases.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  releases.closeAllConnections();
  await new Promise((resolve) => releases.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** `make dist` for this platform, into a folder of its own. */
async function makeRelease(): Promise<void> {
  const target = thisPlatform();
  const dist = join(folder, 'dist');
  await execa(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts/dist.ts')], {
    cwd: ROOT,
    env: { DIST_DIR: dist, DIST_ONLY: `${target.os}_${target.arch}` },
  });
  const file = archiveName(VERSION, target);
  const sha256 = createHash('sha256')
    .update(await readFile(join(dist, file)))
    .digest('hex');
  assert.equal(await readFile(join(dist, `${file}.sha256`), 'utf8'), `${sha256}  ${file}\n`);
  archive = { file, sha256 };
}

/** The manifest that `make dist` writes, for this platform's archive alone. */
const manifest = (version: string, url?: string): string =>
  renderKrewManifest({ version, url, archives: [{ target: thisPlatform(), sha256: archive.sha256 }] });

function thisPlatform(): Platform {
  const target = TARGETS.find(({ os, arch }) => os === process.platform && arch === GO_ARCH[process.arch]);
  assert.ok(target, `no archive is made for ${process.platform} on ${process.arch}`);
  return target;
}

const kubectl = (...words: string[]) => execa('kubectl', words, { env, extendEnv: false, cwd: folder, reject: false });

const zeroloss = (...words: string[]) => kubectl('zeroloss', ...words);

async function installed(): Promise<string> {
  const { stdout, exitCode, stderr } = await kubectl('krew', 'list');
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

/** Everything that can be tried without a cluster. */
async function assertWorks(): Promise<void> {
  const version = await zeroloss('version', '--client');
  assert.equal(version.exitCode, 0, version.stderr);
  assert.match(version.stdout, new RegExp(`v${VERSION.replaceAll('.', '\\.')}`));
  assert.equal(version.stderr, '');
  const help = await zeroloss('drain', '--help');
  assert.equal(help.exitCode, 0, help.stderr);
  assert.match(help.stdout, /kubectl zeroloss drain TARGET \[ORDINALS\]/);
  assert.equal((await zeroloss('drain')).exitCode, 2);
  const script = await zeroloss('completion', 'bash');
  assert.equal(script.exitCode, 0, script.stderr);
  assert.match(script.stdout, /zeroloss/);
}

test('the manifests pass the check that krew-index makes: of all platforms, and of this archive', async () => {
  const sum = createHash('sha256').update('an archive').digest('hex');
  const whole = renderKrewManifest({ version: VERSION, archives: TARGETS.map((target) => ({ target, sha256: sum })) });
  for (const [name, text] of Object.entries({ whole, here: manifest(VERSION) })) {
    await mkdir(join(folder, name));
    const file = join(folder, name, 'zeroloss.yaml');
    await writeFile(file, text);
    const words = ['-manifest', file, '-skip-install'];
    const check = await execa(goToolPath('validate-krew-manifest'), words, { env, reject: false, all: true });
    assert.equal(check.exitCode, 0, check.all);
  }
});

test('krew installs the archive of make dist by its manifest, kubectl runs and completes it, and krew takes it away', async () => {
  await writeFile(join(folder, 'zeroloss.yaml'), manifest(VERSION));
  const words = ['krew', 'install', '--manifest=zeroloss.yaml', `--archive=${join('dist', archive.file)}`];
  const install = await kubectl(...words);
  assert.equal(install.exitCode, 0, install.stderr);
  assert.match(install.stderr, /Installed plugin: zeroloss/);
  await assertWorks();

  // krew links the plugin alone into its bin; its caveat names the command that puts the completion beside it.
  assert.match(install.stderr, /kubectl zeroloss completion install/);
  const put = await zeroloss('completion', 'install');
  assert.equal(put.exitCode, 0, put.stderr);
  const verbs = await kubectl('__complete', 'zeroloss', 'dr');
  assert.match(verbs.stdout, /^drain\b/m, verbs.stderr);
  assert.match((await kubectl('__complete', 'zeroloss', 'drain', '--min')).stdout, /^--min-serving\b/m);

  const removed = await kubectl('krew', 'uninstall', 'zeroloss');
  assert.equal(removed.exitCode, 0, removed.stderr);
  assert.notEqual((await zeroloss('version', '--client')).exitCode, 0);
  // The completion in krew's bin is the user's own file, and stays. A krew that is no plugin of itself takes it for one.
  const left = await readdir(join(env['KREW_ROOT'] ?? '', 'bin'));
  assert.deepEqual(left, ['kubectl_complete-zeroloss']);
  await rm(join(env['KREW_ROOT'] ?? '', 'bin', 'kubectl_complete-zeroloss'));
});

test('krew installs from an index, upgrades to the next version, and uninstalls', async () => {
  const { port } = releases.address() as AddressInfo;
  const inIndex = join(env['KREW_ROOT'] ?? '', 'index/default/plugins/zeroloss.yaml');
  // The same archive under the name of an earlier release.
  const publish = async (version: string) => {
    const text = manifest(version, `http://127.0.0.1:${port}`);
    await writeFile(inIndex, text.replace(archiveName(version, thisPlatform()), archive.file));
  };
  await publish('0.0.9');
  const install = await kubectl('krew', 'install', 'zeroloss', '--no-update-index');
  assert.equal(install.exitCode, 0, install.stderr);
  assert.match(await installed(), /^zeroloss( |$)/m);
  await publish(VERSION);
  const upgrade = await kubectl('krew', 'upgrade', 'zeroloss', '--no-update-index');
  assert.equal(upgrade.exitCode, 0, upgrade.stderr);
  assert.match(upgrade.stderr, /Upgraded plugin: zeroloss/);
  const store = join(env['KREW_ROOT'] ?? '', 'store/zeroloss');
  assert.deepEqual(await readdir(store), [`v${VERSION}`]);
  await assertWorks();
  const removed = await kubectl('krew', 'uninstall', 'zeroloss');
  assert.equal(removed.exitCode, 0, removed.stderr);
  assert.doesNotMatch(await installed(), /zeroloss/);
});
