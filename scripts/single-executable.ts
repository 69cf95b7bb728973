/** Node's own single-executable build (`node --build-sea`, Node 25.5 and newer): one file out of Node and one CommonJS bundle. */
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SingleExecutable {
  /** The CommonJS file that it runs. */
  main: string;
  /** The Node that it is made of; its version is that of the Node that runs this build. */
  base: string;
  output: string;
  /**
   * Whether compiled code goes in too: 6 to 8 ms sooner at every start (README of docs/performance.md). Only for the
   * platform that builds, and no two builds are then alike byte for byte.
   */
  codeCache: boolean;
}

/** Builds beside `output` and puts it in place at once, so that whoever starts it meanwhile gets the old one or the new one. */
export async function buildExecutable({ main, base, output, codeCache }: SingleExecutable): Promise<void> {
  const folder = await mkdtemp(join(dirname(output), '.sea-'));
  try {
    const draft = join(folder, basename(output));
    const config = join(folder, 'sea.json');
    await writeFile(
      config,
      JSON.stringify({
        main,
        executable: base,
        output: draft,
        disableExperimentalSEAWarning: true,
        useSnapshot: false,
        useCodeCache: codeCache,
        // Node looks for --env-file among all words up to "--", those of the program too.
        execArgv: ['--'],
        // NODE_OPTIONS is for the user's own Node programs; a flag there that this Node does not know would end the plugin.
        execArgvExtension: 'none',
      }),
    );
    await run(process.execPath, ['--build-sea', config]);
    await rename(draft, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
