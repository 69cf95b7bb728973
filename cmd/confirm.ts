/** Asks a yes-or-no question on the terminal; anything but y or yes is no. */
import { createInterface } from 'node:readline/promises';

export async function confirm(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^\s*(y|yes)\s*$/i.test(answer);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    terminal.close();
  }
}
