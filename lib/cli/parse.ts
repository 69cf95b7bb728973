/**
 * Words of a command line to flags and positionals, as text. The only file that imports yargs, and of it the parser
 * alone: its command layer brings locales, screen layout and three Intl.Segmenters at every start.
 * It is asked for tokens only: every option is a string that requires a value, because its own conversions turn
 * `--weight=` into 0, `0x10` into 16 and `--wait=maybe` into false.
 */

import { UsageError } from '../core/errors.ts';
import { didYouMean, suggest } from '../core/values/suggest.ts';
import { type Flags, type Foreign, flagName, type RawArguments } from './arguments.ts';
import { allOf } from './read-arguments.ts';

/** As readWords; throws one UsageError for all mistakes. */
export async function parseWords(words: readonly string[], flags: Flags): Promise<RawArguments> {
  const raw = await readWords(words, flags);
  if (raw.wrong !== undefined) throw allOf(raw.wrong);
  return raw;
}

/** Divides `words` (without the command's name) into flags and the rest; `--` ends the flags. Mistakes, in kubectl's words, are left out and listed. */
export async function readWords(words: readonly string[], flags: Flags, foreign: Foreign = {}): Promise<RawArguments> {
  const { expanded, wrong, wordsAreUnsure } = expandWords(words, flags, foreign);
  const { Parser } = await import('yargs/helpers');
  const names = Object.keys(flags).map(flagName);
  const aliases = Object.entries(flags).filter(([key, { short }]) => short !== undefined && short !== key);
  const { argv: parsed, error } = Parser.detailed(expanded, {
    string: names,
    // Not a number: "one value, which may not look like a flag", as yargs' own requiresArg has it.
    narg: Object.fromEntries(names.map((name) => [name, Number.NaN])),
    alias: Object.fromEntries(aliases.map(([key, { short = key }]) => [flagName(key), [short]])),
    configuration: {
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'short-option-groups': false,
      'strip-aliased': true,
      'populate--': true,
    },
  });
  if (error !== null) wrong.push(new UsageError(error.message));

  const given = new Map<string, readonly string[]>();
  wrong.push(...unknownNumbers(Object.keys(parsed), flags));
  for (const key of Object.keys(flags)) {
    const value = parsed[flagName(key)];
    if (value !== undefined) given.set(flagName(key), (Array.isArray(value) ? value : [value]).map(String));
  }
  const afterDashes: unknown = parsed['--'];
  return {
    words: [...parsed._, ...(Array.isArray(afterDashes) ? afterDashes : [])].map(String),
    flags: given,
    ...(wrong.length === 0 ? {} : { wrong, wordsAreUnsure }),
  };
}

/** Words as yargs reads them, and the flags that are left out of them because they are wrong. */
interface Expanded {
  expanded: string[];
  wrong: UsageError[];
  wordsAreUnsure: boolean;
}

/**
 * Brings every flag into a form that yargs reads as kubectl's flag library would: `-nprod` becomes
 * `--namespace=prod`, and a flag that may stand alone gets its value, so that it never eats the word after it.
 */
export function expandWords(words: readonly string[], flags: Flags, foreign: Foreign = {}): Expanded {
  const byName = new Map(Object.entries(flags).map(([key, flag]) => [flagName(key), flag]));
  const longOf = new Map(Object.entries(flags).map(([key, flag]) => [flag.short, flagName(key)]));
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);

  const wrong: UsageError[] = [];
  let wordsAreUnsure = false;
  const expanded: string[] = [];
  for (let place = 0; place < before.length; place++) {
    const word = before[place] ?? '';
    const next = before[place + 1];
    // A word such as -1 is no flag: let its positional or its flag refuse it.
    if (!looksLikeFlag(word)) {
      expanded.push(word);
      continue;
    }
    const [, dashes = '', rest = ''] = /^(--?)(.*)$/s.exec(word) ?? [];
    const [, long = '', longValue] = /^([^=]*)(=.*)?$/s.exec(rest) ?? [];
    const [letter = ''] = rest;
    const name = dashes === '--' ? long : longOf.get(letter);
    const value = dashes === '--' ? longValue : rest.slice(letter.length) || undefined;
    const flag = name === undefined ? undefined : byName.get(name);
    const takesNext = value === undefined && next !== undefined && !looksLikeFlag(next);
    if (flag === undefined) {
      wrong.push(
        dashes === '--'
          ? unknownFlag(long, byName.keys(), Object.hasOwn(foreign, long) ? foreign[long] : undefined)
          : unknownShorthand(word, letter, byName.keys()),
      );
      const probable = byName.get(suggest(dashes === '--' ? long : rest.replace(/=.*$/s, ''), byName.keys()) ?? '');
      if (takesNext && probable === undefined) wordsAreUnsure = true;
      // The value of a mistyped flag is none of the words.
      else if (takesNext && probable?.bare === undefined) place++;
    } else if (value !== undefined) expanded.push(`--${name}=${value.replace(/^=/, '')}`);
    else if (flag.bare !== undefined) expanded.push(`--${name}=${flag.bare}`);
    else if (takesNext) expanded.push(word);
    else wrong.push(needsArgument(dashes === '--' ? word : `'${letter}' in ${word}`));
  }
  return { expanded: end < 0 ? expanded : [...expanded, ...words.slice(end)], wrong, wordsAreUnsure };
}

/** As yargs sees it: a dash, and no number behind it. */
const looksLikeFlag = (word: string): boolean => /^-[^\d]/.test(word);

/** Words that yargs took for flags although expandWords accepted them: words such as -1. */
function unknownNumbers(names: readonly string[], flags: Flags): UsageError[] {
  const known = new Set([...Object.keys(flags).map(flagName), '_', '--', '$0']);
  return names
    .filter((name) => !known.has(name))
    .map((name) => new UsageError(`unknown shorthand flag: '${name}' in -${name}`));
}

const unknownFlag = (name: string, names: Iterable<string>, instead: string | undefined): UsageError =>
  instead === undefined
    ? new UsageError(`unknown flag: --${name}${didYouMean(name, names, '--')}`)
    : new UsageError(`unknown flag: --${name}`, instead);

function unknownShorthand(word: string, letter: string, names: Iterable<string>): UsageError {
  const asLong = word.slice(1).replace(/=.*$/s, '');
  const suggestion = asLong.length > 1 ? didYouMean(asLong, names, '--') : '';
  return new UsageError(`unknown shorthand flag: '${letter}' in ${word}${suggestion}`);
}

const needsArgument = (flag: string): UsageError =>
  new UsageError(
    `flag needs an argument: ${flag}`,
    'a value that begins with a dash is written with "=": --flag=-value',
  );
