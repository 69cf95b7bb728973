/** Node's own single-executable build (`node --build-sea`, Node 25.5 and newer): one file out of Node and the chunks. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chunksIn } from './bundle.ts';

const run = promisify(execFile);
const MAIN = 'executable-main.cjs';

export interface SingleExecutable {
  /** The folder of the chunks. */
  chunks: string;
  /** The Node that it is made of; its version is that of the Node that runs this build. */
  base: string;
  output: string;
}

/** Builds beside `output` and puts it in place at once, so that whoever starts it meanwhile gets the old one or the new one. */
export async function buildExecutable({ chunks, base, output }: SingleExecutable): Promise<void> {
  const folder = await mkdtemp(join(dirname(output), '.sea-'));
  try {
    const draft = join(folder, basename(output));
    const config = join(folder, 'sea.json');
    await copyFile(join(import.meta.dirname, MAIN), join(folder, MAIN));
    await writeFile(
      config,
      JSON.stringify({
        // Goes into the executable as it stands here: no folder of the machine that builds.
        main: MAIN,
        assets: await assetsOf(chunks, folder),
        executable: base,
        output: draft,
        disableExperimentalSEAWarning: true,
        // A snapshot cannot hold TLS or HTTP. Compiled code fits one platform and makes no two builds alike, and with
        // chunks this small it gained nothing.
        useSnapshot: false,
        useCodeCache: false,
        // Node looks for --env-file among all words up to "--", those of the program too.
        execArgv: ['--'],
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

/** Asset name to file. The first line of the entry names an interpreter, which is no JavaScript inside a function. */
async function assetsOf(chunks: string, folder: string): Promise<Record<string, string>> {
  const assets: Record<string, string> = {};
  for (const name of await chunksIn(chunks)) {
    const file = join(chunks, name);
    const code = await readFile(file, 'utf8');
    if (!code.startsWith('#!')) {
      assets[name] = file;
      continue;
    }
    assets[name] = join(folder, name);
    await writeFile(join(folder, name), code.slice(code.indexOf('\n')));
  }
  return assets;
}
