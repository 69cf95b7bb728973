/** The plugin as users have it: copied file by file, as tar and npm do. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Installed {
  /** The executable. */
  plugin: string;
  /** The same from the npm package, with the Node that runs this. */
  npm: readonly string[];
}

/**
 * Through a pipe of small blocks, as an archive is unpacked: a file written in one piece lies in the page cache in large
 * folios, and Linux then counts 30 MB of it as resident that were never touched.
 */
export async function unpacked(root: string, folder: string): Promise<Installed> {
  const from = join(root, 'dist', 'bin');
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'tar -C "$1" -cf - kubectl-zeroloss | tar -C "$2" -xf -', 'sh', from, folder],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`make build first: ${stderr}`);
  return {
    plugin: join(folder, 'kubectl-zeroloss'),
    npm: [process.execPath, '--', join(root, 'dist', 'npm', 'kubectl-zeroloss.cjs')],
  };
}
