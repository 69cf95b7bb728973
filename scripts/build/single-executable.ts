/** Node's own single-executable build (`node --build-sea`, Node 25.5 and newer): one file out of Node and the chunks. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chunksOf, writeAssets } from './compiled-code.ts';
import { packChunks } from './packs.ts';
import { START_FLAGS } from './start-flags.ts';
import { withStartRuns } from './start-runs.ts';

const run = promisify(execFile);
const MAIN = 'executable-main.cjs';

/** Folders of assets for executables: of the same scripts, with what this Node compiled of them, and without. */
export interface ExecutableAssets {
  forThisMachine: string;
  forOthers: string;
}

/**
 * Makes them in `folder` out of a folder of chunks. `forThisMachine` holds what V8 compiled of them here, byte for byte
 * the same at every build. `inPacks` false: a script for every chunk, to measure what packs gain.
 */
export async function executableAssets(
  chunks: string,
  folder: string,
  { inPacks = true }: { inPacks?: boolean } = {},
): Promise<ExecutableAssets> {
  const assets = { forThisMachine: join(folder, 'compiled'), forOthers: join(folder, 'plain') };
  await withStartRuns(async ({ start, cluster, cloud }) => {
    const together = {
      start: await chunksOf(chunks, start),
      cluster: await chunksOf(chunks, cluster),
      cloud: await chunksOf(chunks, cloud),
    };
    const packs = await packChunks(chunks, inPacks ? together : {});
    await writeAssets(assets.forOthers, packs);
    await writeAssets(assets.forThisMachine, packs, [...start, ...cluster, ...cloud]);
  });
  return assets;
}

export interface SingleExecutable {
  /** One folder of executableAssets. */
  assets: string;
  /** The Node that it is made of; its version is that of the Node that runs this build. */
  base: string;
  output: string;
  /** Node's own, at each start. */
  flags?: readonly string[];
}

/** Builds beside `output` and puts it in place at once, so that a start meanwhile runs the old one or the new one. */
export async function buildExecutable({ assets, base, output, flags = START_FLAGS }: SingleExecutable): Promise<void> {
  const folder = await mkdtemp(join(dirname(output), '.sea-'));
  try {
    const draft = join(folder, basename(output));
    const config = join(folder, 'sea.json');
    await copyFile(join(import.meta.dirname, MAIN), join(folder, MAIN));
    const names = (await readdir(assets)).sort();
    await writeFile(
      config,
      JSON.stringify({
        // Goes into the executable as it stands here: no folder of the machine that builds.
        main: MAIN,
        assets: Object.fromEntries(names.map((name) => [name, join(assets, name)])),
        executable: base,
        output: draft,
        disableExperimentalSEAWarning: true,
        // A snapshot cannot hold TLS or HTTP. Node's own code cache is made without running anything, so it leaves out
        // the functions that a start calls; ours does not (scripts/build/compiled-code.ts).
        useSnapshot: false,
        useCodeCache: false,
        // Node looks for --env-file among all words up to "--", those of the program too.
        execArgv: [...flags, '--'],
        // NODE_OPTIONS is for the user's own Node programs; a flag there that this Node does not know would end the plugin.
        execArgvExtension: 'none',
      }),
    );
    await run(process.execPath, ['--build-sea', config], { cwd: folder });
    await rename(draft, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
