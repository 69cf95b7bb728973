/** The parts of a command that a command line fills in: words and flags, as text and as values. */
import type { UsageError } from '../core/errors.ts';
import type { Advice } from '../core/values/command.ts';
import type { Completer, Flag } from './flag.ts';

/** One of the words that follow a command's name; it may take more than one word of the command line (`sts nginx`). */
export interface Positional<T> {
  readonly required: boolean;
  readonly description: string;
  readonly complete?: Completer;
  /** Takes as many words as there are. */
  readonly repeats?: true;
  /** The probable intention where it is missing, from the words that stand there; undefined: unknown. */
  probable?(words: readonly string[], command: string): Advice | undefined;
  /** Divides the words that are left into this one's value and the rest. Never called with no words. Throws UsageError. */
  take(words: readonly string[]): { value: T; rest: readonly string[] };
}

/** A command line as text: parsed into words and flags, not yet into values. */
export interface RawArguments {
  words: readonly string[];
  /** Long flag name to every text given for it, in order. */
  flags: ReadonlyMap<string, readonly string[]>;
  /** Mistakes that the words alone show, such as unknown flags; absent: none. */
  wrong?: readonly UsageError[];
  /** One of the words may be the value of an unknown flag. */
  wordsAreUnsure?: boolean;
}

export type Positionals = Readonly<Record<string, Positional<unknown>>>;
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The advice for flags of other commands that this one does not take, by long name. */
export type Foreign = Readonly<Record<string, string>>;

/** The values of a command's positionals and flags, by the names under which it declared them. */
export interface Arguments<P extends Positionals, F extends Flags> {
  positionals: { readonly [Name in keyof P]: P[Name] extends Positional<infer T> ? T : never };
  flags: { readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };
}

/**
 * Throws UsageError for values that are accepted one by one and make no sense together. `flags`: those that could not be
 * read have their default. `positionals`: undefined where they could not be read.
 */
export type Check<P extends Positionals, F extends Flags> = (
  flags: Arguments<P, F>['flags'],
  positionals: Arguments<P, F>['positionals'] | undefined,
) => void;

/** `stableFor` as it is written on the command line: `stable-for`. */
export function flagName(key: string): string {
  const known = flagNames.get(key);
  if (known !== undefined) return known;
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  flagNames.set(key, name);
  return name;
}

const flagNames = new Map<string, string>();

/** A positional as help shows it: `TARGET`. */
export function positionalName(key: string): string {
  return key.toUpperCase();
}

/** `TARGET [ORDINALS]`. */
export function positionalsUsage(positionals: Positionals): string {
  return Object.entries(positionals)
    .map(([key, { required }]) => (required ? positionalName(key) : `[${positionalName(key)}]`))
    .join(' ');
}
