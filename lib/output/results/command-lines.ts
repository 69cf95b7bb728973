/** Commands that are shown to be typed next: they must reach the cluster and the namespace that this one reached. */
import type { WrittenFlag } from '../../cli/repeated.ts';
import type { Advice, Command } from '../../core/values/command.ts';
import { shellWord } from '../../core/values/shell-word.ts';

export interface CommandLines {
  /** `wait-zero nginx` to `kubectl zeroloss wait-zero nginx -n prod`. */
  own(command: string): string;
  /** A text stays as it is; each command of an advice is rendered with the flags of the connection. */
  cure(advice: string | Advice): string;
}

/** What the user gave to choose cluster, user, namespace and cloud; never a credential. */
export interface Repeated {
  connection: readonly WrittenFlag[];
  /** Flags that only this program's commands take: `--service`, `--region`. */
  own: readonly WrittenFlag[];
  /** What else was given and holds for a command of these words too; absent: nothing. */
  carried?: (words: readonly string[]) => readonly WrittenFlag[];
}

/** `program`: as it was called, for example `kubectl zeroloss`. */
export function createCommandLines(program: string, { connection, own, carried = () => [] }: Repeated): CommandLines {
  const connectionWords = flagWords(connection);
  const allWords = `${connectionWords}${flagWords(own)}`;
  const elsewhere = flagWords(connection.filter(([flag]) => flag !== '-n'));
  const ownLine = (command: string, words: readonly string[] = command.split(' ')) =>
    `${program} ${command}${allWords}${flagWords(carried(words))}`;
  const render = ({ tool, words, comment }: Command): string => {
    const line = words.map(shellWord).join(' ');
    const command =
      // kubectl takes these flags before its own verbs: the end of the command may be an object of JSON.
      tool === 'kubectl'
        ? `kubectl${words.includes('-n') ? elsewhere : connectionWords} ${line}`
        : ownLine(line, words);
    return comment === undefined ? command : `${command}   # ${comment}`;
  };
  return {
    own: (command) => ownLine(command),
    cure: (advice) =>
      typeof advice === 'string'
        ? advice
        : advice.parts.map((part) => (typeof part === 'string' ? part : render(part))).join(''),
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
