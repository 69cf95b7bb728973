/**
 * Words of a command line to flags and positionals, as text. The only file that imports yargs, and of it the parser
 * alone: its command layer brings locales, screen layout and three Intl.Segmenters, for 30 ms at every start.
 * It is asked for tokens only: every option is a string that requires a value, because its own conversions turn
 * `--weight=` into 0, `0x10` into 16 and `--wait=maybe` into false.
 */

import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/values/suggest.ts';
import { allOf, type Flags, flagName, type RawArguments } from './define-command.ts';

/** Divides `words` (without the command's name) into flags and the rest; `--` ends the flags. Throws UsageError in kubectl's words. */
export async function parseWords(words: readonly string[], flags: Flags): Promise<RawArguments> {
  const expanded = expandWords(words, flags);
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
  if (error !== null) throw needsArgument(error.message);

  const given = new Map<string, readonly string[]>();
  refuseUnknown(Object.keys(parsed), flags);
  for (const key of Object.keys(flags)) {
    const value = parsed[flagName(key)];
    if (value !== undefined) given.set(flagName(key), (Array.isArray(value) ? value : [value]).map(String));
  }
  const afterDashes: unknown = parsed['--'];
  return { words: [...parsed._, ...(Array.isArray(afterDashes) ? afterDashes : [])].map(String), flags: given };
}

/**
 * Brings every flag into a form that yargs reads as kubectl's flag library would: `-nprod` becomes
 * `--namespace=prod`, and a flag that may stand alone gets its value, so that it never eats the word after it.
 * Throws one UsageError for all flags that are not known.
 */
export function expandWords(words: readonly string[], flags: Flags): string[] {
  const byName = new Map(Object.entries(flags).map(([key, flag]) => [flagName(key), flag]));
  const longOf = new Map(Object.entries(flags).map(([key, flag]) => [flag.short, flagName(key)]));
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);

  const wrong: UsageError[] = [];
  const expanded = before.map((word) => {
    // A word such as -1 is no flag: let its positional or its flag refuse it.
    if (!/^-[^\d]/.test(word)) return word;
    const long = /^--([^=]*)(=.*)?$/s.exec(word);
    if (long !== null) {
      const [, name = '', value] = long;
      const flag = byName.get(name);
      if (flag === undefined) {
        wrong.push(new UsageError(`unknown flag: --${name}${didYouMean(name, byName.keys(), '--')}`));
        return word;
      }
      return value === undefined && flag.bare !== undefined ? `--${name}=${flag.bare}` : word;
    }
    const [, letter = '', value = ''] = /^-(.)(.*)$/su.exec(word) ?? [];
    const name = longOf.get(letter);
    const flag = name === undefined ? undefined : byName.get(name);
    if (flag === undefined) {
      wrong.push(unknownShorthand(word, letter, byName.keys()));
      return word;
    }
    if (value === '') return flag.bare === undefined ? word : `--${name}=${flag.bare}`;
    return `--${name}=${value.replace(/^=/, '')}`;
  });
  if (wrong.length > 0) throw allOf(wrong);
  return end < 0 ? expanded : [...expanded, ...words.slice(end)];
}

/** A word that yargs took for a flag although expandWords accepted it: a word such as -1. */
function refuseUnknown(names: readonly string[], flags: Flags): void {
  const known = new Set([...Object.keys(flags).map(flagName), '_', '--', '$0']);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new UsageError(`unknown shorthand flag: '${unknown}' in -${unknown}`);
}

function unknownShorthand(word: string, letter: string, names: Iterable<string>): UsageError {
  const asLong = word.slice(1).replace(/=.*$/s, '');
  const suggestion = asLong.length > 1 ? didYouMean(asLong, names, '--') : '';
  return new UsageError(`unknown shorthand flag: '${letter}' in ${word}${suggestion}`);
}

/** yargs ends its one possible complaint, a flag without its value, with the flag's name. */
function needsArgument(message: string): UsageError {
  const name = /:\s*(\S+)$/.exec(message)?.[1];
  if (name === undefined) return new UsageError(message);
  return new UsageError(
    `flag needs an argument: ${name.length === 1 ? `'${name}' in -${name}` : `--${name}`}`,
    'a value that begins with a dash is written with "=": --flag=-value',
  );
}
