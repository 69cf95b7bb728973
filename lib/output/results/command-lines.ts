/** Commands that are shown to be typed next: they must reach the cluster and the namespace that this one reached. */
import type { WrittenFlag } from '../../cli/repeated.ts';
import { shellWord } from '../../core/values/shell-word.ts';

export interface CommandLines {
  /** `wait-zero nginx` to `kubectl zeroloss wait-zero nginx -n prod`. */
  own(command: string): string;
  /** The same for a text that may hold commands of kubectl or of this program: joined by &&, commented, or in a sentence; other texts stay as they are. */
  cure(text: string): string;
}

/** What the user gave to choose cluster, user, namespace and cloud; never a credential. */
export interface Repeated {
  connection: readonly WrittenFlag[];
  /** Flags that only this program's commands take: `--service`, `--region`. */
  own: readonly WrittenFlag[];
}

/** Behind what a sentence says before it, a word that follows `kubectl` may be no command: `…: kubectl runs it`. */
const VERBS = 'annotate|apply|auth|config|describe|edit|get|logs|patch|plugin|rollout|scale|zeroloss';
const BEGINS = new RegExp(`(^kubectl|[:;] kubectl(?= (?:${VERBS}) ))( zeroloss)?`);

/** `program`: as it was called, for example `kubectl zeroloss`. */
export function createCommandLines(program: string, { connection, own }: Repeated): CommandLines {
  const connectionWords = flagWords(connection);
  const allWords = `${connectionWords}${flagWords(own)}`;
  const elsewhere = flagWords(connection.filter(([flag]) => flag !== '-n'));
  const ownLine = (command: string) => `${program} ${command}${allWords}`;
  const cureOne = (text: string): string => {
    const [, command = text, comment = ''] = /^(.*?)(\s+#\s.*)?$/s.exec(text) ?? [];
    // What it is for may stand before it: `to go back: kubectl zeroloss rollback nginx`.
    const [, purpose = '', mine] = /^((?!kubectl ).*: )?kubectl zeroloss (.*)$/.exec(command) ?? [];
    if (mine !== undefined) return `${purpose}${ownLine(mine)}${comment}`;
    // kubectl takes these flags before its own verbs, and this program takes its own there too: nobody need know where the command ends.
    const words = / -n /.test(command) ? elsewhere : connectionWords;
    const flagged = command.replace(BEGINS, (_, before: string, plugin: string | undefined) =>
      plugin === undefined ? `${before}${words}` : `${before.replace('kubectl', '')}${program}${allWords}`,
    );
    return `${flagged}${comment}`;
  };
  const cureLine = (line: string) => line.split(' && ').map(cureOne).join(' && ');
  return { own: ownLine, cure: (text) => text.split('\n').map(cureLine).join('\n') };
}

function flagWords(flags: readonly WrittenFlag[]): string {
  return flags
    .map(([flag, value]) => {
      if (value === undefined) return ` ${flag}`;
      return value.startsWith('-') ? ` ${flag}=${shellWord(value)}` : ` ${flag} ${shellWord(value)}`;
    })
    .join('');
}
