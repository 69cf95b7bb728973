/** Commands that are shown to be typed next: they must reach the cluster and the namespace that this one reached. */
import type { WrittenFlag } from '../../cli/repeated.ts';
import type { Advice, Command } from '../../core/values/command.ts';
import { shellWord } from '../../core/values/shell-word.ts';

export interface CommandLines {
  /**
   * Advice with the flags of the connection on each of its commands: `wait-zero nginx` as
   * `kubectl zeroloss wait-zero nginx -n prod`. A text stays as it is.
   */
  render(advice: string | Advice): string;
}

/** The user's flags that choose cluster, user, namespace and cloud; never a credential. */
export interface Repeated {
  connection: readonly WrittenFlag[];
  /** Flags that only this program's commands take: `--service`, `--region`. */
  own: readonly WrittenFlag[];
  /** The other flags of this run that hold for a command of these words too; absent: nothing. */
  carried?: (words: readonly string[]) => readonly WrittenFlag[];
}

/** Flags that choose the user: an administrator is another one. */
const WHO: ReadonlySet<string> = new Set([
  '--user',
  '--client-certificate',
  '--client-key',
  '--as',
  '--as-uid',
  '--as-group',
  '--as-user-extra',
]);

/** `program`: as it was called, for example `kubectl zeroloss`. `mark`: put around each command, without its comment. */
export function createCommandLines(
  program: string,
  { connection, own, carried = () => [] }: Repeated,
  mark = (command: string): string => command,
): CommandLines {
  // A command that names its own place keeps it.
  const renderCommand = ({ tool, words, comment, byAdministrator, without = [] }: Command): string => {
    const line = words.map(shellWord).join(' ');
    const wanted = (flags: readonly WrittenFlag[]) => flags.filter(([flag]) => !without.includes(flag));
    const missing = wanted(connection).filter(
      ([flag]) => !words.includes(flag) && !(byAdministrator === true && WHO.has(flag)),
    );
    const command =
      // kubectl takes these flags before its own verbs: the end of the command may be an object of JSON.
      tool === 'kubectl'
        ? `kubectl${flagWords(missing)} ${line}`
        : `${program} ${line}${flagWords([...missing, ...wanted(own)])}${flagWords(wanted(carried(words)))}`;
    return comment === undefined ? mark(command) : `${mark(command)}   # ${comment}`;
  };
  return {
    render: (advice) =>
      typeof advice === 'string'
        ? advice
        : advice.parts.map((part) => (typeof part === 'string' ? part : renderCommand(part))).join(''),
  };
}

function flagWords(flags: readonly WrittenFlag[]): string {
  return flags
    .map(([flag, value]) => {
      if (value === undefined) return ` ${flag}`;
      return value.startsWith('-') ? ` ${flag}=${shellWord(value)}` : ` ${flag} ${shellWord(value)}`;
    })
    .join('');
}
