/**
 * The plugin as JavaScript, made by esbuild: CommonJS chunks that need nothing but Node. npm installs them as files, the
 * executable carries them inside; either way a verb loads the chunks it needs and no others.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { lighten } from './lighten.ts';

export const ROOT = join(import.meta.dirname, '..');

/** The chunk that is run first. */
export const ENTRY = 'kubectl-zeroloss.cjs';

const TARGET = 'node22.19';

/** The version in package.json, without a leading v. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Writes the chunks to `outdir`, an empty folder. `keep`: what scripts/lighten.ts would leave out, and shall not. */
export async function bundle(outdir: string, { keep }: { keep?: readonly string[] } = {}): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { [ENTRY.replace(/\.cjs$/, '')]: 'cmd/kubectl-zeroloss.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'lib/[name]-[hash]',
    platform: 'node',
    target: TARGET,
    // Not minified: it gained no time, and a stack in a bug report can be read.
    legalComments: 'none',
    // yargs' parser makes itself a require() from its own place; in CommonJS that is __filename.
    define: { ZEROLOSS_VERSION: JSON.stringify(await packageVersion()), 'import.meta.url': '__filename' },
    plugins: [lighten(keep)],
    logLevel: 'warning',
  });
  await Promise.all((await chunksIn(outdir)).map((name) => turnToCommonJs(join(outdir, name))));
}

/** Names of the chunks in a folder, relative to it, with slashes. */
export async function chunksIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.cjs'))
    .sort();
}

/** esbuild splits ES modules only. CommonJS starts about 10 ms sooner, and a single executable can load nothing else. */
async function turnToCommonJs(path: string): Promise<void> {
  const { code } = await transform(await readFile(path, 'utf8'), {
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    // import() of a file that is CommonJS by now: require() it, at the same moment.
    supported: { 'dynamic-import': false },
    legalComments: 'none',
  });
  await writeFile(path, code);
}
