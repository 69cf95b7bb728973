/**
 * `make build`: dist/bin/kubectl-zeroloss (one executable for this machine), its completion beside it, and the package
 * for npm in dist/npm.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './bundle.ts';
import { writeCompletionShim } from './completion-shim.ts';
import { writeNpmPackage } from './npm-package.ts';
import { buildExecutable } from './single-executable.ts';

const bin = join(ROOT, 'dist', 'bin');
const npm = join(ROOT, 'dist', 'npm');

await mkdir(bin, { recursive: true });
await writeNpmPackage(npm);
await buildExecutable({ chunks: npm, base: process.execPath, output: join(bin, 'kubectl-zeroloss') });
await writeCompletionShim(bin);
