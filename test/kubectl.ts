import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The kubectl that tests may run: $KUBECTL, else the first on PATH; undefined when there is none (say so and skip by name). */
export function findKubectl(): string | undefined {
  const { KUBECTL, PATH = '' } = process.env;
  if (KUBECTL) return KUBECTL;
  const name = process.platform === 'win32' ? 'kubectl.exe' : 'kubectl';
  return PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
