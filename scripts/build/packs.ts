/**
 * Chunks as scripts of an executable. To open a script costs about a quarter of a millisecond whatever is in it, so those
 * that start together lie together in a pack; a function in it that a run does not call costs that run nothing.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chunksIn } from './bundle.ts';

export interface Packs {
  /** Name of each script, as it stands in stack traces, to its code in ASCII: an object with one function per chunk. */
  scripts: ReadonlyMap<string, string>;
  /** File name of each chunk, without its folder, to script. */
  packOf: Readonly<Record<string, string>>;
}

/** One script for each of `together`, and one for each chunk that is in none of them. A chunk in several goes to the first. */
export async function packChunks(
  folder: string,
  together: Readonly<Record<string, ReadonlySet<string>>>,
): Promise<Packs> {
  const packOf: Record<string, string> = {};
  const members = new Map<string, string>();
  for (const chunk of await chunksIn(folder)) {
    const file = basename(chunk);
    if (packOf[file] !== undefined) throw new Error(`two chunks are called ${file}`);
    const [name = file] = Object.entries(together).find(([, chunks]) => chunks.has(chunk)) ?? [];
    packOf[file] = name;
    members.set(name, `${members.get(name) ?? ''}${asMember(file, await readFile(join(folder, chunk), 'utf8'))}`);
  }
  return { scripts: new Map([...members].map(([name, code]) => [name, `({\n${code}})`])), packOf };
}

/** The parameters are those that Node gives to a CommonJS file. The first line of the entry names an interpreter, which is no JavaScript here. */
const asMember = (chunk: string, code: string): string =>
  `${JSON.stringify(chunk)}: function (exports, require, module, __filename) {${ascii(code.replace(/^#!.*/, ''))}\n},\n`;

/** One letter more, even in a comment, and every start would read two bytes for each. In strings and regular expressions an escape says the same. */
function ascii(code: string): string {
  const [escaped] = /(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.exec(code) ?? [];
  if (escaped !== undefined) throw new Error(`a backslash before a letter that is not ASCII: ${escaped}`);
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
