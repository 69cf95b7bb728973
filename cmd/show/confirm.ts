/** Asks a yes-or-no question on the terminal; anything but y is no, and so is the end of the input. */
import { createInterface } from 'node:readline/promises';
import { written } from '../../lib/output/prose.ts';
import { lineWidthOf, type OutputStream } from '../../lib/output/streams.ts';
import { brokenInto } from '../../lib/output/text-width.ts';
import { visible } from '../../lib/output/visible.ts';

export interface Asking {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream & OutputStream;
  signal: AbortSignal;
  /** Called on Ctrl-C, which is no signal while a question is open: the terminal then hands every key to it. */
  interrupt: () => void;
}

/** Resolves to whether the answer was y. Throws the signal's reason when it aborts. */
export async function confirm(question: string, { input, output, signal, interrupt }: Asking): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const closed = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
  terminal.on('SIGINT', interrupt);
  let answer: string | undefined;
  try {
    // The editor of the line redraws its prompt: what stands above it is written once.
    const lines = fitted(`${visible(question)} [y/N]`, output);
    const last = lines.pop() ?? '';
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
    const asked = terminal.question(`${last} `, { signal }).catch(() => undefined);
    answer = await Promise.race([asked, closed]);
  } finally {
    terminal.close();
  }
  // The end of the line has not been typed.
  if (answer === undefined) output.write('\n');
  signal.throwIfAborted();
  return answer?.trim() === 'y';
}

/** Lines that the terminal need not break. `  label  value`: what does not fit goes on below the value. */
function fitted(question: string, output: OutputStream): string[] {
  const width = lineWidthOf(output);
  return question.split('\n').flatMap((line) => {
    const [, label = '', value = ''] = /^( {2}\S.*? {2,})(.*)$/.exec(line) ?? [];
    if (width === undefined || label === '' || label.length >= width) return written(output, line).split('\n');
    return brokenInto(value, width - label.length).map(
      (part, at) => `${at === 0 ? label : ' '.repeat(label.length)}${part}`,
    );
  });
}
