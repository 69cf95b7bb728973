/**
 * Shell completion as kubectl asks for it (kubernetes#105867): one candidate a line, `value<TAB>description`, and a
 * last line `:4` that makes the shell not to offer file names. It never fails: kubectl drops the output of a
 * completion that does not exit 0 and offers file names instead.
 */
import { type Flags, flagName, type Positional, type RawArguments } from '../arguments.ts';
import { type CommandEntry, type LoadedCommand, loadCommand } from '../define-command.ts';
import type { Candidate, Completer, Flag, Offers } from '../flag.ts';
import { parseWords } from '../parse.ts';
import { commandWords, subcommands } from '../route.ts';

/** Cobra's directive ShellCompDirectiveNoFileComp. */
const NO_FILES = ':4';

/** The answer that offers nothing, not even file names. */
export const NOTHING = `${NO_FILES}\n`;

interface KnownCommand<C> {
  entries: readonly CommandEntry<C>[];
  groups: Readonly<Record<string, string>>;
  /** Flags that may stand before a command's name. */
  beforeCommand: Flags;
  /** The places to ask for names, with the flags that the line gives; called when a word needs it, since it connects. */
  openOffers: (flags: RawArguments['flags']) => Offers;
}

/** `words`: what follows the plugin's name; the last one is under the cursor, '' when a new word begins. */
export async function complete<C>(words: readonly string[], known: KnownCommand<C>): Promise<string> {
  let candidates: readonly Candidate[] = [];
  try {
    candidates = await findCandidates(words.slice(0, -1), words.at(-1) ?? '', known);
  } catch {
    // Nothing to offer: an error text would land in the user's prompt.
  }
  const lines = candidates.map(({ value, description }) => [value, description ?? []].flat().join('\t'));
  return `${[...lines, NO_FILES].join('\n')}\n`;
}

async function findCandidates<C>(
  before: readonly string[],
  cursor: string,
  { entries, groups, beforeCommand, openOffers }: KnownCommand<C>,
): Promise<readonly Candidate[]> {
  const wordsBy = (known: Flags): string[] => {
    const words = commandWords(before, known).map((place) => before[place] ?? '');
    return words[0] === 'help' ? words.slice(1) : words;
  };
  const words = wordsBy(beforeCommand);
  const entry = entries.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  const command = entry && (await loadCommand(entry));
  const flags = command?.flags ?? beforeCommand;
  // Counted again: only the command knows which of its flags take the word after them.
  const own = wordsBy({ ...beforeCommand, ...flags }).slice(command?.name.split(' ').length ?? 0);
  const ask = async (completer: Completer | undefined, prefix: string): Promise<readonly Candidate[]> => {
    if (completer === undefined) return [];
    return startingWith(prefix, await completer(prefix, openOffers(await givenFlags(before, flags)), own));
  };
  const valuesOf = async (flag: Flag<unknown> | undefined, prefix: string): Promise<readonly Candidate[]> =>
    flag?.values === undefined
      ? ask(flag?.complete, prefix)
      : startingWith(
          prefix,
          flag.values.map((value) => ({ value })),
        );

  const [, flagWord, typed] = /^(--[^=]+)=(.*)$/s.exec(cursor) ?? [];
  if (flagWord !== undefined && typed !== undefined) {
    // The value alone: cobra's scripts know that the shell has the flag already.
    return await valuesOf(findFlag(flags, flagWord), typed);
  }
  const awaiting = findFlag(flags, before.at(-1) ?? '');
  if (awaiting !== undefined && awaiting.bare === undefined) return valuesOf(awaiting, cursor);
  if (cursor.startsWith('-')) return startingWith(cursor, flagCandidates(flags, before));
  if (command === undefined) {
    const path = words.join(' ');
    const prefix = path === '' ? '' : `${path} `;
    const names = subcommands(entries, path);
    return startingWith(
      cursor,
      names.map((name) => describe(`${prefix}${name}`, name, entries, groups)),
    );
  }
  return ask(positionalAt(command, own)?.complete, cursor);
}

/** The flags before the cursor; the one that is being written, and those that cannot be read, are ignored. */
async function givenFlags(before: readonly string[], flags: Flags): Promise<RawArguments['flags']> {
  const last = findFlag(flags, before.at(-1) ?? '');
  const whole = last !== undefined && last.bare === undefined ? before.slice(0, -1) : before;
  try {
    return (await parseWords(whole, flags)).flags;
  } catch {
    return new Map();
  }
}

/** The positional that comes after `words`, each of which may have taken more than one of them. */
function positionalAt<C>({ positionals }: LoadedCommand<C>, words: readonly string[]): Positional<unknown> | undefined {
  let rest = words;
  for (const positional of Object.values(positionals)) {
    if (rest.length === 0) return positional;
    rest = positional.take(rest).rest;
    if (rest.length === 0 && positional.repeats) return positional;
  }
  return undefined;
}

function describe<C>(
  path: string,
  value: string,
  entries: readonly CommandEntry<C>[],
  groups: Readonly<Record<string, string>>,
): Candidate {
  const summary = groups[path] ?? entries.find(({ name }) => name === path)?.summary;
  return summary === undefined ? { value } : { value, description: summary };
}

const startingWith = (prefix: string, candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.filter(({ value }) => value.startsWith(prefix));

function findFlag(flags: Flags, word: string): Flag<unknown> | undefined {
  return Object.entries(flags).find(([key, { short }]) => word === `--${flagName(key)}` || word === `-${short}`)?.[1];
}

/** Every flag but those already on the line; a repeatable one shows `[]` and is offered again. */
function flagCandidates(flags: Flags, before: readonly string[]): Candidate[] {
  return Object.entries(flags)
    .map(([key, flag]) => ({ value: `--${flagName(key)}`, description: flag.help, flag }))
    .filter(({ value, flag }) => flag.shown === '[]' || !before.some((word) => word.split('=', 1)[0] === value))
    .map(({ value, description }) => ({ value, description }))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}
