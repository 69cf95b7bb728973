/**
 * `make build`: dist/bin/kubectl-zeroloss (one executable for this machine), its completion beside it, and the package
 * for npm in dist/npm.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWhole, ROOT } from './bundle.ts';
import { writeCompletionShim } from './completion-shim.ts';
import { writeNpmPackage } from './npm-package.ts';
import { buildExecutable } from './single-executable.ts';

const dist = join(ROOT, 'dist');
const bin = join(dist, 'bin');
const whole = join(dist, 'whole.cjs');

// What former builds left.
await rm(join(dist, 'app'), { recursive: true, force: true });
await mkdir(bin, { recursive: true });
await Promise.all([bundleWhole(whole), writeNpmPackage(join(dist, 'npm'))]);
await buildExecutable({
  main: whole,
  base: process.execPath,
  output: join(bin, 'kubectl-zeroloss'),
  codeCache: true,
});
await writeCompletionShim(bin);
