/**
 * The plugin as JavaScript, made by rolldown: CommonJS chunks that need nothing but Node. npm installs them as files, the
 * executable carries them inside; either way a verb loads the chunks it needs and no others.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';
import { isReplaced, lighten } from './lighten.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** The chunk that is run first. */
export const ENTRY = 'kubectl-zeroloss.cjs';

/** The version in package.json, without a leading v. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Writes the chunks to `folder`, an empty one. `keep`: what scripts/build/lighten.ts would leave out, and shall not. Resolves to the modules that are in them. */
export async function bundle(folder: string, { keep }: { keep?: readonly string[] } = {}): Promise<string[]> {
  const { output } = await build({
    cwd: ROOT,
    input: { [ENTRY.replace(/\.cjs$/, '')]: 'cmd/kubectl-zeroloss.ts' },
    platform: 'node',
    transform: {
      target: 'node22.19',
      // yargs' parser makes itself a require() from its own place; in CommonJS that is __filename.
      define: { ZEROLOSS_VERSION: JSON.stringify(await packageVersion()), 'import.meta.url': '__filename' },
    },
    plugins: [lighten(keep)],
    output: {
      dir: folder,
      // Starts sooner than ES modules, and a single executable can load nothing else.
      format: 'cjs',
      // import() of one of Node's own modules, too: require() it, at the same moment.
      dynamicImportInCjs: false,
      // As all of it is in ES modules.
      strict: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'lib/[name]-[hash].cjs',
      // Not minified: it gained no time, and a stack in a bug report can be read.
      minify: false,
      comments: false,
    },
    logLevel: 'warn',
  });
  const modules = output.flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []));
  return modules.filter((module) => !isReplaced(module));
}

/** Names of the chunks in a folder, relative to it, with slashes. */
export async function chunksIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.cjs'))
    .sort();
}
