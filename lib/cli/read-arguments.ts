/** From the texts of a command line to values: every mistake is found before one error reports them all. */

import { UsageError, UsageErrors } from '../core/errors.ts';
import {
  type Arguments,
  type Check,
  type Flags,
  flagName,
  type Positionals,
  positionalName,
  positionalsUsage,
  type RawArguments,
} from './arguments.ts';

/** Throws one UsageError for everything that is wrong: unknown flags, values, words, and what makes no sense together. */
export function readArguments<P extends Positionals, F extends Flags>(
  command: string,
  description: { positionals: P; flags: F },
  raw: RawArguments,
  checks: readonly Check<P, F>[],
): Arguments<P, F> {
  const wrong: UsageError[] = [...(raw.wrong ?? [])];
  const unread = new Set<string>();
  const flags = Object.fromEntries(
    Object.entries(description.flags).map(([key, flag]) => {
      const name = flagName(key);
      const read = attempt(wrong, () => flag.read(raw.flags.get(name) ?? [], name));
      if (read !== undefined) return [key, read.value];
      unread.add(`--${name}`);
      return [key, flag.read([], name)];
    }),
  );
  const words: UsageError[] = [];
  const positionals = readPositionals(command, description.positionals, raw.words, words);
  // The value of an unknown flag may stand among the words: no complaint about them would be certain.
  if (raw.wordsAreUnsure !== true) wrong.push(...words);

  // The two objects were built from the very keys and readers that the types are derived from.
  const args = { flags, positionals } as Arguments<P, F>;
  const known = raw.wordsAreUnsure || positionals === undefined ? undefined : args.positionals;
  const reported = new Set([...unread, ...wrong.flatMap(flagsIn)]);
  const together: UsageError[] = [];
  for (const check of checks) attempt(together, () => check(args.flags, known));
  // A complaint that follows from a wrong flag is no second mistake.
  wrong.push(...together.filter((error) => !flagsIn(error).some((flag) => reported.has(flag))));
  if (wrong.length > 0) throw allOf(wrong);
  return args;
}

const flagsIn = ({ message }: UsageError): string[] => message.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];

/** Undefined: it failed, and the UsageError is kept. */
function attempt<T>(wrong: UsageError[], read: () => T): { value: T } | undefined {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    wrong.push(error);
    return undefined;
  }
}

/** Several as one; each keeps its hint. */
export function allOf(wrong: readonly UsageError[]): UsageError {
  const [first, ...more] = wrong;
  return first !== undefined && more.length === 0 ? first : new UsageErrors(wrong);
}

/** Undefined: the words could not be read to their end. */
function readPositionals(
  command: string,
  positionals: Positionals,
  words: readonly string[],
  wrong: UsageError[],
): Record<string, unknown> | undefined {
  let rest = words;
  const values: Record<string, unknown> = {};
  for (const [key, positional] of Object.entries(positionals)) {
    if (rest.length === 0) {
      if (positional.required) {
        wrong.push(missing(command, positionals, key, words));
        return undefined;
      }
      values[key] = undefined;
      continue;
    }
    const taken = attempt(wrong, () => positional.take(rest));
    if (taken === undefined) return undefined;
    values[key] = taken.value.value;
    rest = taken.value.rest;
  }
  if (rest.length > 0) wrong.push(tooMany(command, positionals, rest));
  return values;
}

function missing(command: string, positionals: Positionals, key: string, words: readonly string[]): UsageError {
  return new UsageError(
    `${positionalName(key)} is missing: ${command} takes ${positionalsUsage(positionals)}`,
    positionals[key]?.probable?.(words, command) ?? positionals[key]?.description,
  );
}

function tooMany(command: string, positionals: Positionals, rest: readonly string[]): UsageError {
  const all = positionalsUsage(positionals);
  const words = rest.map((word) => JSON.stringify(word)).join(', ');
  return new UsageError(
    `unexpected argument ${words}: ${command} takes ${all === '' ? 'no arguments' : all}`,
    'ordinals are one word (0,1 or 0-3); a value of a flag that may stand alone is written with "=" (--dry-run=server)',
  );
}
