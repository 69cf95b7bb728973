/** Finds which command a command line means; flags may stand before its name (`-n prod drain nginx 0`). */

import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/values/suggest.ts';
import type { Flags } from './arguments.ts';
import { flagName } from './arguments.ts';
import type { CommandEntry } from './define-command.ts';

export type Route<C> =
  | { kind: 'run'; entry: CommandEntry<C>; words: readonly string[] }
  /** `path` is '' for the program itself, a group's name, or a command's. */
  | { kind: 'help'; path: string }
  | { kind: 'options' };

/** Throws UsageError for a command that does not exist, or a flag before the command's name that only commands know. */
export function route<C>(argv: readonly string[], entries: readonly CommandEntry<C>[], commonFlags: Flags): Route<C> {
  const places = commandWords(argv, commonFlags);
  const words = places.map((place) => argv[place] ?? '');
  if (words[0] === 'help') return { kind: 'help', path: resolve(words.slice(1), entries).path };
  // `drain help`: a StatefulSet called help is sts/help, or has ORDINALS behind it.
  if (words.length > 1 && words.at(-1) === 'help' && isCommand(words.slice(0, -1), entries))
    return { kind: 'help', path: words.slice(0, -1).join(' ') };
  const asksHelp = argv.slice(0, endOfFlags(argv)).some((word) => /^(-h|--help(=true)?)$/.test(word));
  if (words[0] === 'options') return { kind: 'options' };

  const { path, entry } = resolve(words, entries);
  if (asksHelp || entry === undefined) return { kind: 'help', path };
  const used = new Set(places.slice(0, path.split(' ').length));
  return { kind: 'run', entry, words: argv.filter((_, place) => !used.has(place)) };
}

const isCommand = <C>(words: readonly string[], entries: readonly CommandEntry<C>[]): boolean =>
  entries.some(({ name }) => name === words.join(' ') || name.startsWith(`${words.join(' ')} `));

/** The longest command or group that `words` begin with. */
function resolve<C>(
  words: readonly string[],
  entries: readonly CommandEntry<C>[],
): { path: string; entry?: CommandEntry<C> } {
  let path = '';
  for (const word of words) {
    const next = path === '' ? word : `${path} ${word}`;
    const entry = entries.find(({ name }) => name === next);
    if (entry !== undefined) return { path: next, entry };
    const names = subcommands(entries, path);
    if (!names.includes(word)) throw unknownCommand(path, word, names);
    path = next;
  }
  return { path };
}

/** The words that may follow `path`. */
export function subcommands<C>(entries: readonly CommandEntry<C>[], path: string): string[] {
  const prefix = path === '' ? '' : `${path} `;
  const names = entries.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length));
  return [...new Set(names.map((name) => name.split(' ', 1).join()))].concat(path === '' ? ['help', 'options'] : []);
}

function unknownCommand(path: string, word: string, names: readonly string[]): UsageError {
  const of = path === '' ? '' : ` for "${path}"`;
  return new UsageError(
    `unknown command ${JSON.stringify(word)}${of}${didYouMean(word, names)}`,
    `commands: ${names.join(', ')}`,
  );
}

const endOfFlags = (argv: readonly string[]): number => (argv.includes('--') ? argv.indexOf('--') : argv.length);

/** Where in `argv` the words stand that are neither a flag nor a flag's value, as far as the common flags tell. */
export function commandWords(argv: readonly string[], commonFlags: Flags): number[] {
  const places: number[] = [];
  const end = endOfFlags(argv);
  for (let place = 0; place < end; place++) {
    const word = argv[place] ?? '';
    if (!/^-./.test(word)) places.push(place);
    else if (takesNextWord(word, commonFlags, places.length === 0)) place++;
  }
  return places;
}

function takesNextWord(word: string, commonFlags: Flags, beforeCommand: boolean): boolean {
  if (word.includes('=') || /^(-h|--help)$/.test(word)) return false;
  const found = Object.entries(commonFlags).find(([key, flag]) =>
    word.startsWith('--') ? word === `--${flagName(key)}` : word[1] === flag.short,
  );
  if (found !== undefined) return found[1].bare === undefined && (word.startsWith('--') || word.length === 2);
  // Before the command's name it is unknown whether the next word is this flag's value or the command.
  if (beforeCommand) {
    throw new UsageError(`unknown flag: ${word} before the command's name`, 'flags of a command follow its name');
  }
  return false;
}
