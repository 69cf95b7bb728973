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

  toJSON(): string {
    return this.toString();
  }
}

const changedCommand = ({ tool, words, comment }: Command, change: (text: string) => string): Command => ({
  tool,
  words: words.map(change),
  ...(comment === undefined ? {} : { comment: change(comment) }),
});

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

  /** The same, with a comment. */
  note(comment: string): CommandAdvice {
    return new CommandAdvice({ ...this.command, comment });
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

/** A text as advice; advice as it is. */
export const adviceOf = <T extends string | Advice | undefined>(
  text: T,
): Advice | (undefined extends T ? undefined : never) =>
  (typeof text === 'string' ? new Advice([text]) : text) as Advice | (undefined extends T ? undefined : never);

/** Several pieces of advice, a line each. */
export const lines = (...each: readonly (string | Advice)[]): Advice =>
  new Advice(
    each.flatMap((line, index) => [
      ...(index === 0 ? [] : ['\n']),
      ...(typeof line === 'string' ? [line] : line.parts),
    ]),
  );

/** Advice of several lines, one by one. */
export function linesOf({ parts }: Advice): Advice[] {
  const found: (string | Command)[][] = [[]];
  for (const part of parts.flatMap((each): (string | Command)[] =>
    typeof each === 'string' ? each.split(/(\n)/) : [each],
  )) {
    if (part === '\n') found.push([]);
    else if (part !== '') found.at(-1)?.push(part);
  }
  return found.map((line) => new Advice(line));
}

/** The command without any flags of the connection. */
export function commandText({ tool, words, comment }: Command): string {
  return `${[tool, ...words.map(shellWord)].join(' ')}${comment === undefined ? '' : `   # ${comment}`}`;
}
