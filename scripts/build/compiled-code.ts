/**
 * The code that V8 compiles of the plugin while it runs, kept for its next start. It fits the very Node that made it, on the
 * kind of processor that made it.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { chunksIn } from './bundle.ts';
import { type Packs, packChunks } from './packs.ts';
import { RECORD_FLAGS } from './start-flags.ts';

const run = promisify(execFile);
const RECORDER = join(import.meta.dirname, 'record-run.cjs');
const COMPILED = '.compiled';
const INDEX = 'index.json';

/** One call of the plugin, that has to succeed. */
export interface StartRun {
  words: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** The chunks that `runs` load. */
export async function chunksOf(chunks: string, runs: readonly StartRun[]): Promise<Set<string>> {
  const all = await chunksIn(chunks);
  const folder = await mkdtemp(join(chunks, '.runs-'));
  try {
    const { scripts, packOf } = await packChunks(chunks, {});
    await writeAssets(folder, { scripts, packOf });
    for (const each of runs) await record(folder, each);
    const opened = new Set(await compiledIn(folder));
    return new Set(all.filter((chunk) => opened.has(packOf[basename(chunk)] ?? '')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the scripts to `folder`, with the index that executable-main.cjs reads and, for those that `runs` open, what V8
 * compiled of them. A run builds on the ones before.
 */
export async function writeAssets(folder: string, packs: Packs, runs: readonly StartRun[] = []): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, code] of packs.scripts) await writeFile(join(folder, name), code, 'latin1');
  await writeIndex(folder, packs);
  for (const each of runs) {
    await record(folder, each);
    await writeIndex(folder, packs);
  }
}

const writeIndex = async (folder: string, { packOf }: Packs): Promise<void> =>
  writeFile(join(folder, INDEX), JSON.stringify({ packOf, compiled: await compiledIn(folder) }));

const compiledIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith(COMPILED))
    .map((name) => name.slice(0, -COMPILED.length))
    .sort();

/** Throws when the run fails: what it then did not reach would be missing at every start. */
async function record(folder: string, { words, env = {} }: StartRun): Promise<void> {
  const { PATH, HOME } = process.env;
  await run(process.execPath, [...RECORD_FLAGS, RECORDER, folder, ...words], { env: { PATH, HOME, ...env } });
}
