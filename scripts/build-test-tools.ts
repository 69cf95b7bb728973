/** Builds the Go programs that the end-to-end tests run, unless they are built already: `build-test-tools.ts [NAME...]`; prints their paths. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  GO_TOOLS,
  type GoTool,
  type GoToolName,
  goBuildFlags,
  goModulePath,
  goToolPath,
  goVersion,
  oldestGo,
} from '../test/e2e/cluster/tools.ts';
import { withLinks } from './build/module-links.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in GO_TOOLS));
if (unknown.length > 0) fail(`no tool named ${unknown.join(', ')}; there are ${Object.keys(GO_TOOLS).join(', ')}`);
const names = (asked.length > 0 ? asked : Object.keys(GO_TOOLS)) as GoToolName[];

for (const name of names) {
  const path = goToolPath(name);
  if (!existsSync(path)) build(name, path);
  console.log(path);
}

function build(name: GoToolName, path: string): void {
  requireGo(name);
  console.error(`building ${name}${name.startsWith('controlplane') ? ', which takes ten minutes the first time' : ''}`);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  // One package at a time by default on small machines: the linker alone wants a gigabyte.
  const parallel = process.env['GO_PARALLEL'] ?? String(Math.max(1, Math.min(4, availableParallelism())));
  const args = ['build', '-p', parallel, '-trimpath', '-buildvcs=false', ...goBuildFlags(name), '-o', draft];
  const run = (more: string[] = []) =>
    spawnSync('go', [...args, ...more, GO_TOOLS[name].package], {
      cwd: goModulePath(name),
      env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 2, 2],
    });
  const { linked }: GoTool = GO_TOOLS[name];
  const { status, error } = linked === undefined ? run() : withLinks(goModulePath(name), linked, run);
  if (error !== undefined) fail(`go could not be started: ${error.message}`);
  if (status !== 0) fail(`go build of ${name} failed; its words are above`);
  renameSync(draft, path);
  removeOlder(dirname(path));
}

/** Programs of earlier states of the module: 200 MB each. */
function removeOlder(current: string): void {
  for (const key of readdirSync(dirname(current)))
    if (key !== basename(current)) rmSync(join(dirname(current), key), { recursive: true });
}

function requireGo(name: GoToolName): void {
  const version = goVersion();
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version ?? '')?.map(Number) ?? [];
  const oldest = oldestGo(name);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  const found = version === undefined ? 'there is none on PATH' : `this one is ${version}`;
  fail(
    `${name} is built with Go ${oldest.join('.')} or newer, and ${found}.\n` +
      'Install it from https://go.dev/dl/ (the golang of Debian 12 is 1.19, and too old), then run the same again.\n' +
      'The modules come through the proxy that GOPROXY names. Nothing but the tests on a real control plane needs Go.',
  );
}

function fail(why: string): never {
  console.error(`error: ${why}`);
  process.exit(1);
}
