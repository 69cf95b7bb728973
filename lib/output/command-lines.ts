/** Commands that are shown to be typed next: they must reach the cluster and the namespace that this one reached. */

export interface CommandLines {
  /** `wait-zero nginx` to `kubectl zeroloss wait-zero nginx -n prod`. */
  own(command: string): string;
  /** The same for a text that may hold commands of kubectl or of this program, joined by && or commented; other texts stay as they are. */
  cure(text: string): string;
}

/** What the user gave to choose cluster, user, namespace and cloud, by long flag name; never a credential. */
export interface Repeated {
  connection: Readonly<Record<string, string | undefined>>;
  /** Flags that only this program's commands take: `service`, `region`. */
  own: Readonly<Record<string, string | undefined>>;
}

/** `program`: as it was called, for example `kubectl zeroloss`. */
export function createCommandLines(program: string, { connection, own }: Repeated): CommandLines {
  const connectionWords = flagWords(connection);
  const allWords = `${connectionWords}${flagWords(own)}`;
  const ownLine = (command: string) => `${program} ${command}${allWords}`;
  const cureOne = (text: string): string => {
    const [, command = text, comment = ''] = /^(.*?)(\s+#\s.*)?$/s.exec(text) ?? [];
    // What it is for may stand before it: `to go back: kubectl zeroloss rollback nginx`.
    const [, purpose = '', mine] = /^((?!kubectl ).*: )?kubectl zeroloss (.*)$/.exec(command) ?? [];
    if (mine !== undefined) return `${purpose}${ownLine(mine)}${comment}`;
    // kubectl takes these flags before its own verbs (and refuses them before a plugin's name).
    return command.startsWith('kubectl ')
      ? `${command.replace('kubectl', `kubectl${connectionWords}`)}${comment}`
      : text;
  };
  const cureLine = (line: string) => line.split(' && ').map(cureOne).join(' && ');
  return { own: ownLine, cure: (text) => text.split('\n').map(cureLine).join('\n') };
}

function flagWords(flags: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(flags)
    .map(([name, value]) => {
      if (value === undefined) return '';
      return ` ${name === 'namespace' ? '-n' : `--${name}`} ${shellWord(value)}`;
    })
    .join('');
}

/** One word of a POSIX shell command: quoted only where it must be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
