/** Writes the package that `npm install -g kubectl-zeroloss` installs: everything is bundled, so it has no dependencies. */
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundle, ROOT } from '../build/bundle.ts';
import { LICENCES, licencesOf } from './licences.ts';
import { papers } from './papers.ts';
import { PLACEHOLDER_HOME } from './placeholder-home.ts';

/**
 * No "--" behind node, although Node then looks at --env-file itself: npm makes its launchers on Windows from this line,
 * so a shell script is no choice, and BusyBox' env (Alpine) has no -S to take more words apart. It costs one
 * flag of the sandbox, whose file must be there already (docs/dev/release.md).
 */
const SHEBANG = '#!/usr/bin/env node';

/** `argv[1]` stays this file: completion calls the very same program. */
const COMPLETE = `${SHEBANG}
process.argv.splice(2, 0, '__complete');
require('./kubectl-zeroloss.cjs');
`;

/** Its own files: the programs, and what is theirs. */
const PROGRAMS = {
  'kubectl-zeroloss': 'kubectl-zeroloss.cjs',
  'kubectl_complete-zeroloss': 'kubectl_complete-zeroloss.cjs',
};

/** The manifest, of the sources' own; `names`: of the papers in the package. */
export function npmManifest(
  { name, version, description, license, engines }: Readonly<Record<string, unknown>>,
  names: readonly string[],
  homepage = PLACEHOLDER_HOME,
) {
  return {
    name,
    version,
    description,
    license,
    engines,
    bin: PROGRAMS,
    keywords: [
      'kubectl',
      'kubectl-plugin',
      'kubernetes',
      'krew',
      'statefulset',
      'load-balancer',
      'tke',
      'clb',
      'zero-downtime',
    ],
    homepage,
    repository: { type: 'git', url: `git+${homepage}.git` },
    bugs: { url: `${homepage}/issues` },
    man: names.filter((each) => each.startsWith('man/')),
    // npm shows how a public workflow built it, where one published it.
    publishConfig: { access: 'public', provenance: true },
    files: ['*.cjs', 'lib/', 'deploy/', 'docs/', 'man/', 'README.zh-CN.md', LICENCES],
  };
}

export async function writeNpmPackage(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const modules = await bundle(folder);
  await writeFile(join(folder, LICENCES), await licencesOf(modules));
  const main = join(folder, 'kubectl-zeroloss.cjs');
  const code = await readFile(main, 'utf8');
  await writeFile(main, `${SHEBANG}\n${code.replace(/^#!.*\n/, '')}`);
  await writeFile(join(folder, 'kubectl_complete-zeroloss.cjs'), COMPLETE);
  await Promise.all(Object.values(PROGRAMS).map((name) => chmod(join(folder, name), 0o755)));
  await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  const pages = await papers();
  for (const { name, content } of pages) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const sources = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const manifest = npmManifest(
    sources,
    pages.map(({ name }) => name),
    process.env['HOMEPAGE'],
  );
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
