/** The licences of what is in the bundle and is not ours: they have to be passed on with the program. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The file that they are in, in archives and in the npm package. */
export const LICENCES = 'THIRD-PARTY-LICENSES';

const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([-.].*)?$/i;
/** The last section of a README, where some packages have their licence. */
const LICENCE_SECTION = /^(?:#+ *)?licen[cs]e *$(?:\n-+$)?(?<text>[\s\S]*)/im;

/** Those of the packages that these modules (absolute paths) are from. Throws when one of them has none to pass on. */
export async function licencesOf(modules: Iterable<string>): Promise<string> {
  const folders = new Set([...modules].flatMap((path) => PACKAGE.exec(path.replaceAll('\\', '/'))?.[0] ?? []));
  const packages = await Promise.all([...folders].map(licenceIn));
  return packages.sort().join('\n');
}

/** Node's own, with those of all that is inside of it. */
export async function licenceOfNode(): Promise<string> {
  const text = await readFile(join(dirname(process.execPath), '..', 'LICENSE'), 'utf8');
  return render(`Node.js ${process.version}`, [text]);
}

async function licenceIn(folder: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const files = (await readdir(folder)).sort();
  const texts = await Promise.all(
    files.filter((file) => LICENCE_FILE.test(file)).map((file) => readFile(join(folder, file), 'utf8')),
  );
  const readme = files.find((file) => /^readme\.md$/i.test(file));
  if (texts.length === 0 && readme !== undefined)
    texts.push(LICENCE_SECTION.exec(await readFile(join(folder, readme), 'utf8'))?.groups?.['text'] ?? '');
  if (!texts.some((text) => /\bcopyright\b/i.test(text)))
    throw new Error(`${name} ${version} is in the bundle and has no licence to pass on (${folder})`);
  return render(`${name} ${version}`, texts);
}

const render = (title: string, texts: readonly string[]): string =>
  [title, '='.repeat(title.length), '', ...texts.map((text) => `${text.replaceAll('\r\n', '\n').trim()}\n`)].join('\n');
