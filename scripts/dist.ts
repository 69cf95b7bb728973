/**
 * `make dist`: an archive per platform with its sha256, the npm package, and the manifest for krew, from this one machine.
 * RELEASE_URL and HOMEPAGE go into the manifest; DIST_ONLY=linux_amd64 builds some of the platforms, and no manifest.
 * DIST_DIR=/some/folder puts all of it elsewhere.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signAdHoc, signatureProblems } from './build/adhoc-sign.ts';
import { baseNode, hasLlvmStrip } from './build/base-node.ts';
import { packageVersion, ROOT } from './build/bundle.ts';
import { buildExecutable, executableAssets } from './build/single-executable.ts';
import { tarGz, zip } from './package/archive.ts';
import { archiveFiles } from './package/archive-files.ts';
import { renderKrewManifest } from './package/krew-manifest.ts';
import { LICENCES, licenceOfNode } from './package/licences.ts';
import { tryNpmPackage } from './package/npm-install-test.ts';
import { writeNpmPackage } from './package/npm-package.ts';
import { plainModes } from './package/plain-modes.ts';
import { archiveName, isHost, type Platform, TARGETS } from './package/platforms.ts';
import { smokeTest } from './package/smoke-test.ts';

const run = promisify(execFile);
const dist = process.env['DIST_DIR'] ?? join(ROOT, 'dist');
const version = await packageVersion();
const only = process.env['DIST_ONLY']?.split(',');
const targets = TARGETS.filter(({ os, arch }) => only === undefined || only.includes(`${os}_${arch}`));
if (targets.length === 0)
  throw new Error(
    `DIST_ONLY names no platform; there are ${TARGETS.map(({ os, arch }) => `${os}_${arch}`).join(', ')}`,
  );

await mkdir(dist, { recursive: true });
await removeFormer();
const npm = await mkdtemp(join(dist, '.build-npm-'));
await writeNpmPackage(npm);
await plainModes(npm);
const licences = `${await readFile(join(npm, LICENCES), 'utf8')}\n${await licenceOfNode()}`;
const work = await mkdtemp(join(dist, '.build-assets-'));
const assets = await executableAssets(npm, work);
const rows: { file: string; executable: number; archive: number; tried: string }[] = [];
const archives: { target: Platform; sha256: string }[] = [];
for (const target of targets) {
  const { file, sha256, executableBytes, archiveBytes } = await buildArchive(target);
  archives.push({ target, sha256 });
  rows.push({
    file,
    executable: executableBytes,
    archive: archiveBytes,
    tried: await smokeTest(join(dist, file), target, version),
  });
}
await rm(work, { recursive: true });
const { stdout } = await run('npm', ['pack', npm, '--pack-destination', dist, '--loglevel=error']);
const tarball = join(dist, stdout.trim());
const tarballBytes = (await readFile(tarball)).length;
await rm(npm, { recursive: true });
rows.push({ file: stdout.trim(), executable: 0, archive: tarballBytes, tried: await tryNpmPackage(tarball, version) });

if (only === undefined) {
  const { RELEASE_URL: url, HOMEPAGE: homepage } = process.env;
  // krew-index' own check takes the plugin's name from the file's.
  await writeFile(join(dist, 'zeroloss.yaml'), renderKrewManifest({ version, url, homepage, archives }));
}
const megabytes = (bytes: number) => (bytes === 0 ? '' : (bytes / 1e6).toFixed(1));
console.log(`debug symbols for Linux and macOS: ${hasLlvmStrip() ? 'stripped' : 'kept, there is no llvm-strip'}`);
console.log(`${'file'.padEnd(48)} ${'program MB'.padStart(10)} ${'archive MB'.padStart(10)}  tried`);
for (const row of rows) {
  const sizes = [megabytes(row.executable), megabytes(row.archive)].map((text) => text.padStart(10)).join(' ');
  console.log(`${row.file.padEnd(48)} ${sizes}  ${row.tried}`);
}

async function buildArchive(target: Platform) {
  const folder = await mkdtemp(join(dist, '.build-'));
  try {
    const base = await baseNode(target, folder);
    const output = join(folder, 'built');
    await buildExecutable({ assets: isHost(target) ? assets.forThisMachine : assets.forOthers, base, output });
    await rm(base);
    const program = signed(await readFile(output), target);
    const files = await archiveFiles(target, program, licences);
    const archive = await (target.os === 'windows' ? zip(files) : tarGz(files));
    const file = archiveName(version, target);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    await writeFile(join(dist, file), archive);
    await writeFile(join(dist, `${file}.sha256`), `${sha256}  ${file}\n`);
    return { file, sha256, executableBytes: program.length, archiveBytes: archive.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function signed(program: Buffer, { os }: Platform): Buffer {
  if (os !== 'darwin') return program;
  const result = signAdHoc(program, 'kubectl-zeroloss');
  const problems = signatureProblems(result);
  if (problems.length > 0) throw new Error(`the signature is wrong: ${problems[0]}`);
  return result;
}

/** Archives of former versions, and what an interrupted build left. */
async function removeFormer(): Promise<void> {
  for (const name of await readdir(dist)) {
    if (/^(\.build-|kubectl-zeroloss[_-]|zeroloss\.yaml)/.test(name)) await rm(join(dist, name), { recursive: true });
  }
}
