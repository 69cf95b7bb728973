/** Writes `kubectl_complete-zeroloss`, which kubectl runs for the words after `kubectl zeroloss`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completionShim } from '../../lib/cli/completion/completion-scripts.ts';

export async function writeCompletionShim(folder: string): Promise<void> {
  await writeFile(join(folder, 'kubectl_complete-zeroloss'), completionShim('posix'), { mode: 0o755 });
}
