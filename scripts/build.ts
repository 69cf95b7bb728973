/** Bundles the plugin into dist/app (ES modules, split so that a verb loads only what it needs) and writes dist/bin/kubectl-zeroloss. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

await rm(join(dist, 'app'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { 'kubectl-zeroloss': 'cmd/kubectl-zeroloss.ts' },
  outdir: join(dist, 'app'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  outExtension: { '.js': '.mjs' },
  define: { ZEROLOSS_VERSION: JSON.stringify(version) },
  // CommonJS dependencies call require() for Node's own modules; an ES module has none.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
});

const launcher = `#!/bin/sh
# Runs the bundle with the project's own Node, from wherever it is called or linked.
here=$(dirname -- "$(readlink -f -- "$0")")
node="$here/../../node_modules/.bin/node"
[ -x "$node" ] || node=node
# "--" first: without it Node takes "--env-file" of a command for its own.
exec "$node" -- "$here/../app/kubectl-zeroloss.mjs" "$@"
`;
await mkdir(join(dist, 'bin'), { recursive: true });
await writeFile(join(dist, 'bin', 'kubectl-zeroloss'), launcher);
await chmod(join(dist, 'bin', 'kubectl-zeroloss'), 0o755);
