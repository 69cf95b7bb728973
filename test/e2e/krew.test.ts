/** Installs the archive with krew itself, as its users do, into a KREW_ROOT of its own. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { tarGz } from '../../scripts/archive.ts';
import { renderKrewManifest } from '../../scripts/krew-manifest.ts';
import { TARGETS, type Target } from '../../scripts/targets.ts';
import { PLUGIN } from './plugin.ts';
import { goToolPath } from './tools.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

let folder: string;
let env: Record<string, string>;

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
  // An index without plugins: krew lists and uninstalls only when it has one.
  await execa('git', ['init', '--quiet', join(krewRoot, 'index', 'default')], { env, extendEnv: false });
  await writeRelease();
});

after(() => rm(folder, { recursive: true, force: true }));

/** What `make dist` makes for this platform, of the program that `make build` left. */
async function writeRelease(): Promise<void> {
  const program = await readFile(PLUGIN);
  const completion = await readFile(join(dirname(PLUGIN), 'kubectl_complete-zeroloss'));
  const archive = tarGz([
    { name: 'LICENSE', content: await readFile(join(ROOT, 'LICENSE')), executable: false },
    { name: 'README.md', content: await readFile(join(ROOT, 'README.md')), executable: false },
    { name: 'kubectl-zeroloss', content: program, executable: true },
    { name: 'kubectl_complete-zeroloss', content: completion, executable: true },
  ]);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const manifest = renderKrewManifest({ version: '0.1.0', archives: [{ target: thisPlatform(), sha256 }] });
  await writeFile(join(folder, 'archive.tar.gz'), archive);
  await writeFile(join(folder, 'zeroloss.yaml'), manifest);
}

function thisPlatform(): Target {
  const target = TARGETS.find(({ os, arch }) => os === process.platform && arch === GO_ARCH[process.arch]);
  assert.ok(target, `no archive is made for ${process.platform} on ${process.arch}`);
  return target;
}

const kubectl = (...words: string[]) => execa('kubectl', words, { env, extendEnv: false, cwd: folder, reject: false });

test('the manifest passes the check that krew-index makes', async () => {
  const words = ['-manifest', join(folder, 'zeroloss.yaml'), '-skip-install'];
  const { exitCode, all } = await execa(goToolPath('validate-krew-manifest'), words, { env, reject: false, all: true });
  assert.equal(exitCode, 0, all);
});

test('krew installs the archive, kubectl finds the plugin and its completion, and krew takes it away again', async () => {
  const words = ['krew', 'install', '--manifest=zeroloss.yaml', '--archive=archive.tar.gz'];
  const installed = await kubectl(...words);
  assert.equal(installed.exitCode, 0, installed.stderr);
  assert.match(installed.stderr, /Installed plugin: zeroloss/);

  const version = await kubectl('zeroloss', 'version', '--client');
  assert.equal(version.exitCode, 0, version.stderr);
  assert.match(version.stdout, /v0\.1\.0/);
  assert.equal(version.stderr, '');

  const help = await kubectl('zeroloss', 'drain', '--help');
  assert.equal(help.exitCode, 0, help.stderr);
  assert.match(help.stdout, /kubectl zeroloss drain TARGET ORDINALS/);

  const completion = await kubectl('zeroloss', 'completion', 'bash');
  assert.equal(completion.exitCode, 0, completion.stderr);
  assert.match(completion.stdout, /zeroloss/);

  const removed = await kubectl('krew', 'uninstall', 'zeroloss');
  assert.equal(removed.exitCode, 0, removed.stderr);
  assert.notEqual((await kubectl('zeroloss', 'version', '--client')).exitCode, 0);
});
