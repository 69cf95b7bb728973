/** The plugin as users have it: copied file by file, as tar and npm do. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Installed {
  /** The executable. */
  plugin: string;
  /** The same from the npm package, with the Node that runs this. */
  npm: readonly string[];
}

export async function unpacked(root: string, folder: string): Promise<Installed> {
  return {
    plugin: copied(join(root, 'dist', 'bin'), 'kubectl-zeroloss', folder),
    npm: [process.execPath, '--', join(root, 'dist', 'npm', 'kubectl-zeroloss.cjs')],
  };
}

/**
 * Copies a program from one folder to another and answers where it is. Through a pipe of small blocks, as an archive is
 * unpacked: a file written in one piece lies in the page cache in large folios, and Linux then counts 30 MB of it as
 * resident that were never touched.
 */
export function copied(from: string, file: string, to: string): string {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'tar -C "$1" -cf - "$3" | tar -C "$2" -xf -', 'sh', from, to, file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${join(from, file)} cannot be copied (make build first): ${stderr}`);
  return join(to, file);
}
