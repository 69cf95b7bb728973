/**
 * Commands that a person may type next, as values: a cure, a hint or a message holds them, and the printer renders each
 * once, with the flags that reach the same cluster. Nothing looks for a command in a text.
 */
import { shellWord } from './shell-word.ts';

export interface Command {
  tool: 'kubectl' | 'kubectl zeroloss';
  words: readonly string[];
  /** The purpose, shown behind the command as a comment of the shell. */
  comment?: string;
  /** Flags of this run that it must not get, as they are written: `--service`. */
  without?: readonly string[];
  /** For a person with more rights: it names no user of this run's. */
  byAdministrator?: true;
}

/** Words for people, with commands among them. As a text, in JSON too, the commands stand without flags. */
export class Advice {
  readonly parts: readonly (string | Command)[];

  constructor(parts: readonly (string | Command)[]) {
    this.parts = parts;
  }

  toString(): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : commandText(part))).join('');
  }

  /** The same with every text in it changed, words and comments of commands included. */
  mapTexts(change: (text: string) => string): Advice {
    return new Advice(
      this.parts.map((part) => (typeof part === 'string' ? change(part) : changedCommand(part, change))),
    );
  }

  /** The same with every command in it changed. */
  mapCommands(change: (command: Command) => Command): Advice {
    return new Advice(this.parts.map((part) => (typeof part === 'string' ? part : change(part))));
  }

  toJSON(): string {
    return this.toString();
  }
}

const changedCommand = ({ words, comment, ...rest }: Command, change: (text: string) => string): Command => ({
  ...rest,
  words: words.map(change),
  ...(comment === undefined ? {} : { comment: change(comment) }),
});

/** The purpose of a line of advice: to look where things stand, or where they stand; to go on; to go back. */
export type WayKind = 'look' | 'on' | 'back';

/** A line of advice whose purpose is known, so that an error and the longer work around it name each way once. */
export class Way extends Advice {
  readonly kind: WayKind;

  constructor(kind: WayKind, parts: readonly (string | Command)[]) {
    super(parts);
    this.kind = kind;
  }

  override mapTexts(change: (text: string) => string): Way {
    return new Way(this.kind, super.mapTexts(change).parts);
  }

  override mapCommands(change: (command: Command) => Command): Way {
    return new Way(this.kind, super.mapCommands(change).parts);
  }
}

/** Advice of several lines, each of which keeps what it is. */
class Lines extends Advice {
  readonly each: readonly Advice[];

  constructor(each: readonly Advice[]) {
    super(each.flatMap(({ parts }, index) => (index === 0 ? parts : ['\n', ...parts])));
    this.each = each;
  }

  override mapTexts(change: (text: string) => string): Lines {
    return new Lines(this.each.map((line) => line.mapTexts(change)));
  }

  override mapCommands(change: (command: Command) => Command): Lines {
    return new Lines(this.each.map((line) => line.mapCommands(change)));
  }
}

/** Advice that is one command alone. */
export class CommandAdvice extends Advice {
  readonly command: Command;

  constructor(command: Command) {
    super([command]);
    this.command = command;
  }

  override mapTexts(change: (text: string) => string): CommandAdvice {
    return new CommandAdvice(changedCommand(this.command, change));
  }

  override mapCommands(change: (command: Command) => Command): CommandAdvice {
    return new CommandAdvice(change(this.command));
  }

  /** The same, with a comment. */
  note(comment: string): CommandAdvice {
    return new CommandAdvice({ ...this.command, comment });
  }

  /** The same, whatever this run has: without these flags of it. */
  without(...flags: readonly string[]): CommandAdvice {
    return new CommandAdvice({ ...this.command, without: flags });
  }

  /** The same for a person with more rights. */
  byAdministrator(): CommandAdvice {
    return new CommandAdvice({ ...this.command, byAdministrator: true });
  }
}

/** A command of this program: `own('drain', name, '0,1')`. */
export const own = (...words: readonly string[]): CommandAdvice =>
  new CommandAdvice({ tool: 'kubectl zeroloss', words });

/** A command of kubectl: `kubectl('describe', 'pod', name).note('shows why')`. Words are quoted where it is rendered. */
export const kubectl = (...words: readonly string[]): CommandAdvice => new CommandAdvice({ tool: 'kubectl', words });

/** A merge patch of one object: `mergePatch(['statefulset', name], { spec: { replicas: 2 } })`. */
export const mergePatch = (object: readonly string[], patch: object): CommandAdvice =>
  kubectl('patch', ...object, '--type', 'merge', '-p', JSON.stringify(patch));

/** A sentence with commands in it: advice`to go back: ${own('rollback', name)}`. */
export function advice(texts: TemplateStringsArray, ...values: readonly (string | number | Advice)[]): Advice {
  const parts = texts.flatMap((text, index): (string | Command)[] => {
    const value = values[index];
    return [text, ...(value === undefined ? [] : value instanceof Advice ? value.parts : [String(value)])];
  });
  return new Advice(parts.filter((part) => part !== ''));
}

/**
 * The same for an object in another place: its commands have these flags too, where kubectl takes them, before its verb.
 * `flags`: pairs of a flag and its value; a command that has the flag keeps its own.
 */
export const withFlags = <A extends Advice>(said: A, flags: readonly string[]): A =>
  flags.length === 0
    ? said
    : // Every class of advice maps to itself.
      (said.mapCommands(({ words, ...rest }) => {
        const missing = flags.filter((_word, index) => !words.includes(flags[index - (index % 2)] ?? ''));
        return { ...rest, words: rest.tool === 'kubectl' ? [...missing, ...words] : [...words, ...missing] };
      }) as A);

/** A text as advice; advice as it is. */
export const adviceOf = <T extends string | Advice | undefined>(
  text: T,
): Advice | (undefined extends T ? undefined : never) =>
  (typeof text === 'string' ? new Advice([text]) : text) as Advice | (undefined extends T ? undefined : never);

/** Several pieces of advice, a line each. */
export const lines = (...each: readonly (string | Advice)[]): Advice => new Lines(each.map((line) => adviceOf(line)));

/** The lines of advice, one by one; none of no advice. */
export const linesOf = (all: Advice | undefined): readonly Advice[] =>
  all instanceof Lines ? all.each.flatMap(linesOf) : all === undefined ? [] : [all];

/** The command without any flags of the connection. */
export function commandText({ tool, words, comment }: Command): string {
  return `${[tool, ...words.map(shellWord)].join(' ')}${comment === undefined ? '' : `   # ${comment}`}`;
}
