/**
 * A command is a value: its words, its flags, its help and its run function. Parsing, help, completion and the
 * command reference all come from it. Nothing here knows the program that parses the command line.
 */
import type { Arguments, Check, Flags, Foreign, Positionals, RawArguments } from './arguments.ts';
import { readArguments } from './read-arguments.ts';

/** The entry of one in the list of commands, without loading it: its line in the help of the program. */
export interface Listed {
  /** The words that call it: `drain`, `sandbox up`. */
  readonly name: string;
  /** The heading it stands under in the help of the program. */
  readonly heading: string;
  /** One line: a capital verb, no full stop. */
  readonly summary: string;
}

export interface Example {
  /** The purpose, as a sentence without full stop. */
  comment: string;
  /** Without the program's name: `drain nginx 0,1`. */
  command: string;
}

export interface Description<P, F> {
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
  /** By name as the code uses it; help shows it in capitals. In the order of the command line. */
  readonly positionals: P;
  /** By name in camel case; on the command line `stableFor` is `--stable-for`. */
  readonly flags: F;
  /** Flags of other commands that people give to this one. */
  readonly foreign?: Foreign;
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

/** The command line that arguments were read from. */
export interface CommandLine<P extends Positionals, F extends Flags> {
  /** The flags on it: long name to every text given for it. */
  typed: RawArguments['flags'];
  /** The arguments of the same line with these flags on it too, by long name. Throws UsageError. */
  readWith(more: Readonly<Record<string, string>>): Arguments<P, F>;
}

/** Makes a command; the types of `args` follow from its positionals and flags. `checks` are all asked, and reported together. */
export function defineCommand<C, P extends Positionals, F extends Flags>(
  spec: Description<P, F> & {
    checks?: readonly Check<P, F>[];
    run: (context: C, args: Arguments<P, F>, line: CommandLine<P, F>) => Promise<number>;
  },
): Definition<C> {
  const { run, checks = [], ...description } = spec;
  return {
    ...description,
    start: async ({ name }, context, raw) => {
      const read = (raw: RawArguments) => readArguments(name, description, raw, checks);
      return run(context, read(raw), {
        typed: raw.flags,
        readWith: (more) =>
          read({
            ...raw,
            flags: new Map([...raw.flags, ...Object.entries(more).map(([flag, text]) => [flag, [text]] as const)]),
          }),
      });
    },
  };
}
