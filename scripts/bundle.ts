/**
 * The plugin as JavaScript, made by esbuild: one CommonJS file for the executable, and the same code in CommonJS chunks
 * for npm, where nothing caches compiled code and every byte that is not loaded is time saved.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';
import { lighten } from './lighten.ts';

export const ROOT = join(import.meta.dirname, '..');

/** The version in package.json, without a leading v. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function shared(): Promise<BuildOptions> {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node22.19',
    // Whitespace and syntax only, and names kept: a stack in a bug report can be read, and shorter names gained no time.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    // yargs' parser makes itself a require() from its own place; in CommonJS that is __filename.
    define: { ZEROLOSS_VERSION: JSON.stringify(await packageVersion()), 'import.meta.url': '__filename' },
    plugins: [lighten()],
    logLevel: 'warning',
    metafile: true,
  };
}

/**
 * One CommonJS file that needs nothing but Node. What is imported dynamically is wrapped by esbuild and runs when it is
 * first asked for, so that a verb executes its own code only. Returns what esbuild put in.
 */
export async function bundleWhole(outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    ...(await shared()),
    metafile: true,
    entryPoints: ['cmd/kubectl-zeroloss.ts'],
    outfile,
    format: 'cjs',
  });
  return metafile;
}

/**
 * CommonJS chunks, `kubectl-zeroloss.cjs` first. esbuild splits ES modules only, so each chunk is turned afterwards:
 * CommonJS starts about 10 ms sooner than the same chunks as ES modules.
 */
export async function bundleChunks(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({
    ...(await shared()),
    entryPoints: { 'kubectl-zeroloss': 'cmd/kubectl-zeroloss.ts' },
    outdir,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'lib/[name]-[hash]',
  });
  const chunks = (await readdir(outdir, { recursive: true })).filter((name) => name.endsWith('.cjs'));
  await Promise.all(
    chunks.map(async (name) => {
      const path = join(outdir, name);
      const { code } = await transform(await readFile(path, 'utf8'), {
        format: 'cjs',
        platform: 'node',
        target: 'node22.19',
        // import() of a file that is CommonJS by now: require() it, at the same moment.
        supported: { 'dynamic-import': false },
        minifyWhitespace: true,
        legalComments: 'none',
      });
      await writeFile(path, code);
    }),
  );
}
