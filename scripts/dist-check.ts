/**
 * `make dist-check`: builds the archives of the last commit twice, in two clean clones whose folder, time zone, locale and
 * umask differ, and fails unless they are alike byte for byte, with what V8 compiled for this machine in them.
 * DIST_ONLY=linux_amd64 is the default; DIST_ONLY=all builds every platform.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './build/bundle.ts';

const CLONES = [
  { place: 'one', umask: '022', env: { TZ: 'UTC', LC_ALL: 'C' } },
  { place: join('another', 'folder', 'two'), umask: '077', env: { TZ: 'Asia/Shanghai', LC_ALL: 'C.UTF-8' } },
];

const only = process.env['DIST_ONLY'] ?? 'linux_amd64';
const folder = await mkdtemp(join(tmpdir(), 'zeroloss-dist-'));
try {
  const builds = [];
  for (const clone of CLONES) builds.push(await build(clone));
  const [first, second] = builds;
  if (first === undefined || second === undefined || first.size === 0) throw new Error('nothing was built');
  const names = [...new Set([...first.keys(), ...second.keys()])].sort();
  for (const name of names)
    console.log(`${first.get(name) === second.get(name) ? 'same  ' : 'DIFFERS'} ${first.get(name)}  ${name}`);
  if (names.some((name) => first.get(name) !== second.get(name))) throw new Error('two builds of one commit differ');
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The sums of what was built, by name. */
async function build({ place, umask, env }: (typeof CLONES)[number]): Promise<Map<string, string>> {
  const clone = join(folder, place);
  run('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone], folder, {});
  const cache = join('.cache', 'node');
  await mkdir(join(clone, cache), { recursive: true });
  // The Node of each platform; its sum is checked against the lock file with any way of download.
  await cp(join(ROOT, cache), join(clone, cache), { recursive: true, force: true }).catch(() => undefined);
  const choice = only === 'all' ? {} : { DIST_ONLY: only };
  run('sh', ['-c', `umask ${umask} && npm ci --prefer-offline --loglevel=error && make dist`], clone, {
    ...env,
    ...choice,
  });
  const dist = join(clone, 'dist');
  const archives = (await readdir(dist)).filter((name) => /^kubectl-zeroloss[_-].*\.(tar\.gz|zip|tgz)$/.test(name));
  const sums = archives.map(async (name) => [name, sumOf(await readFile(join(dist, name)))] as const);
  return new Map(await Promise.all(sums));
}

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function run(file: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): void {
  const { DIST_ONLY: _, MAKEFLAGS: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env: { ...inherited, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} in ${cwd} ended with ${status}:\n${stdout}\n${stderr}`);
}
