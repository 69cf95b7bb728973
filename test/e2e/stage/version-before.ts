/** The version before, kept as a package: what it began this version has to finish, and the other way round. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { PLUGIN, type Ran, type Started, startProgram } from './plugin.ts';
import type { Stage } from './stage.ts';

/** How it was made is in the README.md beside it. */
const PACKAGE = join(import.meta.dirname, '../../fixtures/versions/kubectl-zeroloss-0.1.0.tgz');

/** A whole upgrade beside the other tests of its file. */
const LONGEST_MS = 240_000;

/** One version of the program, on any stage. */
export interface Version {
  name: 'old' | 'new';
  start(stage: Stage, words: readonly string[]): Started;
}

export interface Versions {
  old: Version;
  now: Version;
  close(): Promise<void>;
}

/** Unpacks the version before into a folder of its own, which `close` removes. */
export async function openVersions(): Promise<Versions> {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-before-'));
  await execa('tar', ['-xzf', PACKAGE, '-C', folder]);
  const main = join(folder, 'package', 'kubectl-zeroloss.cjs');
  const start = (file: string, before: readonly string[]) => (stage: Stage, words: readonly string[]) =>
    startProgram(file, [...before, ...words, '-n', stage.namespace], stage.env, LONGEST_MS);
  return {
    old: { name: 'old', start: start(process.execPath, [main]) },
    now: { name: 'new', start: start(PLUGIN, []) },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs a verb of that version, which has to end with exit code 0. */
export async function ok(version: Version, stage: Stage, ...words: string[]): Promise<Ran> {
  const ran = await version.start(stage, words).ended;
  if (ran.code !== 0) throw new Error(`${version.name}: ${words.join(' ')} ended with ${ran.code}:\n${ran.stderr}`);
  return ran;
}
