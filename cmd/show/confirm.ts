/** Asks a yes-or-no question on the terminal; anything but y is no, and so is the end of the input. */
import { createInterface } from 'node:readline/promises';
import { visible } from '../../lib/output/visible.ts';

export interface Asking {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  signal: AbortSignal;
  /** Called on Ctrl-C, which is no signal while a question is open: the terminal then hands every key to it. */
  interrupt: () => void;
}

/** Throws the signal's reason. */
export async function confirm(question: string, { input, output, signal, interrupt }: Asking): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const closed = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
  terminal.on('SIGINT', interrupt);
  let answer: string | undefined;
  try {
    // The editor of the line redraws its prompt: what stands above it is written once.
    const lines = visible(question).split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
    const asked = terminal.question(`${last} [y/N] `, { signal }).catch(() => undefined);
    answer = await Promise.race([asked, closed]);
  } finally {
    terminal.close();
  }
  // The end of the line has not been typed.
  if (answer === undefined) output.write('\n');
  signal.throwIfAborted();
  return answer?.trim() === 'y';
}
