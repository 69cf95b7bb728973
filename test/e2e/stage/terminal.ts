/** Runs the plugin through kubectl on a terminal of its own, with a person's keys. */
import { execa } from 'execa';
import { shellWord } from '../../../lib/core/values/shell-word.ts';
import type { Stage } from './stage.ts';

export interface Screen {
  code: number | undefined;
  /** All that the terminal showed: it does not separate stdout from stderr. */
  text: string;
}

/** So wide that no line of prose is broken: a test compares whole sentences. */
const WIDE = 1000;

/**
 * `keys`: typed each as soon as the terminal shows a question; the end of the list hangs up, as a closed input does.
 * util-linux's `script` makes the terminal and ends with the command's code.
 */
export async function onTerminal(
  stage: Stage,
  words: readonly string[],
  keys: readonly string[],
  columns = WIDE,
): Promise<Screen> {
  const typed = ['kubectl', 'zeroloss', ...words, '-n', stage.namespace].map(shellWord).join(' ');
  const command = `stty cols ${columns} rows 50; ${typed}`;
  const env = Object.fromEntries(Object.entries(stage.env).filter(([, value]) => value !== undefined));
  const child = execa('script', ['-q', '-e', '-c', command, '/dev/null'], {
    env: { ...env, TERM: 'dumb', SHELL: '/bin/sh' },
    extendEnv: false,
    reject: false,
    stdin: 'pipe',
    all: true,
    timeout: 60_000,
  });
  const left = [...keys];
  let unread = '';
  child.all.on('data', (chunk: Buffer) => {
    unread += chunk.toString();
    if (!unread.includes('[y/N]')) return;
    unread = '';
    const key = left.shift();
    if (key === undefined) child.stdin.end();
    else child.stdin.write(key);
  });
  const { exitCode, all } = await child;
  return { code: exitCode, text: all.replaceAll('\r\n', '\n') };
}
