/**
 * A Go module whose repository has symbolic links: a module's zip leaves them out (golang.org/x/mod/zip), and what they lead to
 * is missing from the build. The module is copied, each link is put back as the file it leads to, and the build uses the copy.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ModuleLinks {
  module: string;
  /** Link to file, both relative to the module. */
  links: Readonly<Record<string, string>>;
}

/** Folders at a module's top in which no Go package of the build lies: manifests alone are 44 MB of Argo's 72. */
const UNUSED = new Set(['docs', 'examples', 'manifests', 'sdks', 'test', 'ui']);

/** Hands the flag for `go build`, run in `folder`, to `build`; the copy is gone afterwards. Throws where the module cannot be had. */
export function withLinks<T>(folder: string, { module, links }: ModuleLinks, build: (flags: string[]) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'go-module-'));
  try {
    const source = sourceOf(folder, module);
    copyWithLinks(source, join(copy, 'source'), links);
    const modfile = join(copy, 'go.mod');
    writeFileSync(modfile, `${readFileSync(join(folder, 'go.mod'), 'utf8')}\nreplace ${module} => ${copy}/source\n`);
    copyFileSync(join(folder, 'go.sum'), join(copy, 'go.sum'));
    return build([`-modfile=${modfile}`]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Absolute path of the module's own files, which cannot be written. */
export function sourceOf(folder: string, module: string): string {
  const { stdout, stderr, status } = spawnSync('go', ['mod', 'download', '-json', module], {
    cwd: folder,
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go mod download ${module} failed: ${stderr}${stdout}`);
  return JSON.parse(stdout).Dir;
}

/** The files of `from` that a build may need, and the file that each link leads to under the link's name. */
export function copyWithLinks(from: string, to: string, links: ModuleLinks['links']): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(from.length + 1);
    if (!entry.isFile() || UNUSED.has(relative.split('/')[0] ?? '')) continue;
    mkdirSync(dirname(join(to, relative)), { recursive: true });
    copyFileSync(path, join(to, relative));
  }
  for (const [link, file] of Object.entries(links)) copyFileSync(join(from, file), join(to, link));
}
