/**
 * A command is a value: its words, its flags, its help and its run function. Parsing, help, completion and the
 * command reference all come from it. Nothing here knows the program that parses the command line.
 */
import { UsageError } from '../core/errors.ts';
import { type Advice, lines } from '../core/values/command.ts';
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

export interface Example {
  /** The purpose, as a sentence without full stop. */
  comment: string;
  /** Without the program's name: `drain nginx 0,1`. */
  command: string;
}

/** A command line as text: parsed into words and flags, not yet into values. */
export interface RawArguments {
  words: readonly string[];
  /** Long flag name to every text given for it, in order. */
  flags: ReadonlyMap<string, readonly string[]>;
}

export type Positionals = Readonly<Record<string, Positional<unknown>>>;
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of a command's positionals and flags, by the names under which it declared them. */
export interface Arguments<P extends Positionals, F extends Flags> {
  positionals: { readonly [Name in keyof P]: P[Name] extends Positional<infer T> ? T : never };
  flags: { readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };
}

/** The entry of one in the list of commands, without loading it: its line in the help of the program. */
export interface Listed {
  /** The words that call it: `drain`, `sandbox up`. */
  readonly name: string;
  /** The heading it stands under in the help of the program. */
  readonly heading: string;
  /** One line: a capital verb, no full stop. */
  readonly summary: string;
}

export interface Description<P, F> {
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
  /** By name as the code uses it; help shows it in capitals. In the order of the command line. */
  readonly positionals: P;
  /** By name in camel case; on the command line `stableFor` is `--stable-for`. */
  readonly flags: F;
  /** Exit codes beyond 0, 1 and 2, with what each means here. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

/** A command as its file defines it; the types of its arguments are forgotten. `C` is what the program gives it to run with. */
export interface Definition<C> extends Description<Positionals, Flags> {
  /** Reads every argument, then runs. Throws UsageError before anything is done when one cannot be read. Resolves to the exit code. */
  start(listed: Listed, context: C, raw: RawArguments): Promise<number>;
}

/** A command that has been loaded: its line of the list, and its definition. */
export interface LoadedCommand<C> extends Listed, Description<Positionals, Flags> {
  /** As Definition's `start`. */
  execute(context: C, raw: RawArguments): Promise<number>;
}

/** A line in the list of commands; the command behind it is loaded only when it is called, so that start-up stays fast. */
export interface CommandEntry<C> extends Listed {
  load(): Promise<Definition<C>>;
}

/** Loads the command behind a line of the list. */
export async function loadCommand<C>({ load, ...listed }: CommandEntry<C>): Promise<LoadedCommand<C>> {
  const { start, ...description } = await load();
  return { ...listed, ...description, execute: (context, raw) => start(listed, context, raw) };
}

/** Makes a command; the types of `args` follow from its positionals and flags. */
export function defineCommand<C, P extends Positionals, F extends Flags>(
  spec: Description<P, F> & { run: (context: C, args: Arguments<P, F>) => Promise<number> },
): Definition<C> {
  const { run, ...description } = spec;
  return {
    ...description,
    start: async ({ name }, context, raw) => run(context, readArguments(name, description, raw)),
  };
}

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

function readArguments<P extends Positionals, F extends Flags>(
  command: string,
  description: Description<P, F>,
  raw: RawArguments,
): Arguments<P, F> {
  const wrong: UsageError[] = [];
  const flags = Object.entries(description.flags).map(([key, flag]) => {
    const name = flagName(key);
    return [key, attempt(wrong, () => flag.read(raw.flags.get(name) ?? [], name))];
  });
  const positionals = attempt(wrong, () => readPositionals(command, description.positionals, raw.words)) ?? [];
  if (wrong.length > 0) throw allOf(wrong);

  // The two objects were built from the very keys and readers that the types are derived from.
  return { flags: Object.fromEntries(flags), positionals: Object.fromEntries(positionals) } as Arguments<P, F>;
}

/** Keeps a UsageError for later: three wrong flags are reported together. */
function attempt<T>(wrong: UsageError[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    wrong.push(error);
    return undefined;
  }
}

/** Several as one, a line each; hints once. */
export function allOf(wrong: readonly UsageError[]): UsageError {
  const [first, ...more] = wrong;
  if (first !== undefined && more.length === 0) return first;
  const hints = new Map(
    wrong.flatMap(({ advice }) => (advice === undefined ? [] : [[String(advice), advice] as const])),
  );
  return new UsageError(
    wrong.map(({ message }) => message).join('\n'),
    hints.size === 0 ? undefined : lines(...hints.values()),
  );
}

function readPositionals(command: string, positionals: Positionals, words: readonly string[]): [string, unknown][] {
  let rest = words;
  const values = Object.entries(positionals).map(([key, positional]): [string, unknown] => {
    if (rest.length === 0) {
      if (positional.required) throw missing(command, positionals, key, words);
      return [key, undefined];
    }
    const taken = positional.take(rest);
    rest = taken.rest;
    return [key, taken.value];
  });
  if (rest.length > 0) throw tooMany(command, positionals, rest);
  return values;
}

/** `TARGET [ORDINALS]`. */
export function positionalsUsage(positionals: Positionals): string {
  return Object.entries(positionals)
    .map(([key, { required }]) => (required ? positionalName(key) : `[${positionalName(key)}]`))
    .join(' ');
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
