/**
 * `make build`: dist/bin/kubectl-zeroloss (one executable for this machine), its completion beside it, and the package
 * for npm in dist/npm.
 */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './build/bundle.ts';
import { buildExecutable, executableAssets } from './build/single-executable.ts';
import { writeCompletionShim } from './package/completion-shim.ts';
import { writeNpmPackage } from './package/npm-package.ts';

const dist = join(ROOT, 'dist');
const bin = join(dist, 'bin');

await mkdir(bin, { recursive: true });
// In a folder of its own until it is whole: another build may run at the same time.
const draft = await mkdtemp(join(dist, '.npm-'));
const work = await mkdtemp(join(dist, '.assets-'));
try {
  await writeNpmPackage(draft);
  const { forThisMachine } = await executableAssets(draft, work);
  await buildExecutable({ assets: forThisMachine, base: process.execPath, output: join(bin, 'kubectl-zeroloss') });
  await rm(join(dist, 'npm'), { recursive: true, force: true });
  await rename(draft, join(dist, 'npm'));
} finally {
  for (const folder of [draft, work]) await rm(folder, { recursive: true, force: true });
}
await writeCompletionShim(bin);
